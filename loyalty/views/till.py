"""The till: type a code, see in large words what it is worth, redeem it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import reward_words, till_words
from loyalty.choices import RedeemedBy, RedemptionState
from loyalty.errors import CodeBelowMinimum, CodeUsed
from loyalty.forms.till import CodeForm, FileForm, RedeemForm
from loyalty.models import Code, Redemption
from loyalty.rules.codes import NO_RECEIPT
from loyalty.services import code_tries, codes, redemption_files
from loyalty.services.code_orders import Use
from loyalty.services.grants import new_key
from loyalty.services.till_undo import may as may_undo_of
from web import formats, responses
from web.error_messages import add_to_form, for_error
from web.errors import Busy, DomainError, InvalidValue, TooManyAttempts
from web.rules.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REDEEM_CODES)
def till(request: HttpRequest) -> HttpResponse:
    """POST looks a code up and changes nothing; `?done=` shows what was redeemed."""
    request_context(request)
    now = timezone.now()
    if request.method != "POST":
        return _page(request, CodeForm(), done=_done(request, now))
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        code = _checked(request, form.cleaned_data["code"], now)
    except TooManyAttempts as error:
        return responses.too_many(request, error)
    except DomainError as error:
        return _page(request, form, refused=_refused(error))
    redeem = RedeemForm(initial={"code": code.text})
    return _page(request, CodeForm(), card=_card(code), redeem=redeem)


@require_POST
@requires(Capability.REDEEM_CODES)
def till_redeem(request: HttpRequest) -> HttpResponse:
    """POST: use the code."""
    request_context(request)
    now, form = timezone.now(), RedeemForm(request.POST)
    if "code" in form.errors:
        return _page(request, CodeForm(request.POST))
    if form.errors:
        return _again(request, form, now)
    given = form.cleaned_data
    key = given["receipt"] or f"{NO_RECEIPT}{given['once'] or new_key()}"
    staff = staff_of(request)
    total = given["total"]
    use = Use(order_key=key, via=RedeemedBy.TILL, user=staff, total=total)
    try:
        with code_tries.counted(client=f"user:{staff.pk}", now=now):
            used = codes.redeem(given["code"], use, now=now)
    except TooManyAttempts as error:
        return responses.too_many(request, error)
    except (InvalidValue, Busy) as error:
        add_to_form(form, error)
        return _again(request, form, now)
    except CodeBelowMinimum as error:
        form.add_error("total", for_error(error))
        return _again(request, form, now)
    except DomainError as error:
        return _page(request, CodeForm(), refused=_refused(error))
    return responses.see_other(f"{reverse('loyalty:till')}?done={used.pk}")


@require_POST
@requires(Capability.REDEEM_CODES)
def till_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it was a mistake of a moment ago."""
    row = Redemption.objects.filter(pk=pk, via=RedeemedBy.TILL.value).first()
    if row is None:
        return responses.see_other(reverse("loyalty:till"))
    try:
        codes.undo(row, user=staff_of(request), now=timezone.now())
    except CodeUsed:
        responses.add_message(
            request, _("It is too late to undo this here. Nothing was changed.")
        )
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("Undone: the code is good again."))
    return responses.see_other(reverse("loyalty:till"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REDEEM_CODES)
def till_file(request: HttpRequest) -> HttpResponse:
    """POST: codes that were redeemed elsewhere, from a file of the shop."""
    is_post = request.method == "POST"
    form = FileForm(request.POST, request.FILES) if is_post else FileForm()
    shown: dict[str, Any] = {"form": form}
    if form.is_valid():
        lines = form.cleaned_data["file"]
        taken = redemption_files.take(lines, by=staff_of(request), now=timezone.now())
        refused = [(line, for_error(error)) for line, error in taken.refused]
        shown |= {"form": FileForm(), "taken": taken, "refused": refused}
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/till_file.html", shown, status=status)


def _again(request: HttpRequest, form: RedeemForm, now: datetime) -> HttpResponse:
    """The code again, with what was typed and what is wrong about it."""
    try:
        code = _checked(request, form.cleaned_data["code"], now)
    except TooManyAttempts as error:
        return responses.too_many(request, error)
    except DomainError as error:
        return _page(request, CodeForm(), refused=_refused(error))
    return _page(request, CodeForm(), card=_card(code), redeem=form)


def _checked(request: HttpRequest, text: str, now: datetime) -> Code:
    with code_tries.counted(client=f"user:{staff_of(request).pk}", now=now):
        return codes.check(text, now=now)


def _done(request: HttpRequest, now: datetime) -> dict[str, Any] | None:
    pk = whole_number(request.GET.get("done", ""))
    rows = Redemption.objects.select_related("code__grant__customer", "code__reward")
    row = rows.filter(
        pk=pk or 0, via=RedeemedBy.TILL.value, state=RedemptionState.REDEEMED.value
    ).first()
    if row is None or not codes.may_undo(row, now=now):
        return None
    may_undo = may_undo_of(staff_of(request), row.user_id)
    return {"redemption": row, "card": _card(row.code), "may_undo": may_undo}


def _card(code: Code) -> dict[str, Any]:
    """What the till says: of the person the first name and nothing else."""
    grant, reward = code.grant, code.reward
    assert grant is not None
    return {
        "worth": reward_words.worth(reward),
        "name": reward.name,
        "terms": till_words.terms(reward, grant.customer.language),
        "conditions": " ".join(reward_words.of_order(reward)),
        "products": list(reward.products.order_by("name")),
        "first_name": grant.customer.greeting_name or grant.customer.given_name,
        "asks_total_in": "" if reward.minimum is None else reward.currency,
        "until": formats.full_day(grant.expires_on) if grant.expires_on else "",
    }


def _refused(error: DomainError) -> dict[str, Any]:
    used = error.redemption if isinstance(error, CodeUsed) else None
    when = till_words.when_and_where(used) if isinstance(used, Redemption) else ""
    return {"words": for_error(error), "when": when}


def _page(
    request: HttpRequest,
    form: CodeForm,
    *,
    card: dict[str, Any] | None = None,
    redeem: RedeemForm | None = None,
    refused: dict[str, Any] | None = None,
    done: dict[str, Any] | None = None,
) -> HttpResponse:
    if card and redeem and card["asks_total_in"]:
        redeem.ask_total_in(card["asks_total_in"])
    shown = {
        "form": form,
        "card": card,
        "redeem": redeem,
        "refused": refused,
        "done": done,
    }
    is_wrong = bool(form.errors or refused or (redeem and redeem.errors))
    status = responses.UNPROCESSABLE if is_wrong else 200
    answer = render(request, "loyalty/till.html", shown, status=status)
    # A code must not stay on the screen until the next day.
    answer["Cache-Control"] = "no-store"
    return answer
