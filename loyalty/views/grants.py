"""One grant, and what somebody does with it; a reward given by hand."""

from collections.abc import Callable

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.models import Customer
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import reward_labels, reward_words
from loyalty.choices import OPEN_GRANTS, GrantState
from loyalty.forms.grants import GiveForm, NoteForm, PlanForm
from loyalty.models import Grant, Reward
from loyalty.selectors import rewards as selectors
from loyalty.services import fulfilment, reward_mails, stock
from loyalty.services import grants as service
from loyalty.services.programmes import taking_back
from messaging.selectors.mail_frame import MAIL_FRAME
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError

_OPEN = {state.value for state in OPEN_GRANTS}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.GIVE_REWARDS)
def grant_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody of the team gives this customer a reward."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    staff = staff_of(request)
    rewards = selectors.may_give(staff)
    live = stock.live_offers(timezone.now()).filter(customer=customer).order_by("pk")
    offers = list(live.values_list("reward__name", flat=True))
    form = GiveForm(request.POST or None, rewards=rewards, offers=offers)
    if form.is_valid():
        given = dict(form.cleaned_data)
        once = given["once"] or service.new_key()
        try:
            made = service.give_by_hand(
                customer,
                given["reward"],
                staff=staff,
                reason=given["reason"],
                due_on=given["due_on"],
                tells=given["tells"],
                beside_offer=given.get("beside_offer", False),
                once=once,
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            undo = reverse("loyalty:grant-take-back", args=[made.pk])
            responses.add_message(request, _("It is given."), undo)
            return responses.see_other(_url(made))
    shown = {
        "form": form,
        "customer": customer,
        "rewards": [(row, reward_words.worth(row)) for row in rewards],
        "language": reward_mails.language_for(customer),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/grant_create.html", shown, status=status)


@require_safe
@requires(Capability.GIVE_REWARDS)
@xframe_options_sameorigin
@csp_replace(MAIL_FRAME)  # type: ignore[arg-type] # typed for views without arguments
def grant_mail(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """What the mail about a reward says in a language, with a code that is none."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    row = get_object_or_404(Reward, pk=pk)
    made = reward_mails.preview(row, language, now=timezone.now())
    return HttpResponse(made.html)


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody was given, why, and what became of it."""
    row = _found(pk)
    return _page(request, row, NoteForm(initial={"note": row.note}))


@require_POST
@requires(Capability.GIVE_REWARDS)
def grant_done(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it is done, with a note."""
    row, form = _found(pk), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    # The button of a list has no note, and leaves what stands there.
    note = form.cleaned_data["note"] if "note" in request.POST else None
    undo = reverse("loyalty:grant-reopen", args=[pk])
    return _act(
        request,
        row,
        lambda: fulfilment.done(
            row, note=note, by=staff_of(request), now=timezone.now()
        ),
        _("Done."),
        undo,
    )


@require_POST
@requires(Capability.GIVE_REWARDS)
def grant_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it was not done after all."""
    row = _found(pk)
    again = _("It is to do again.")
    return _act(request, row, lambda: fulfilment.reopen(row, now=timezone.now()), again)


@require_POST
@requires(Capability.GIVE_REWARDS)
def grant_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: who does it, and by when."""
    row, form = _found(pk), PlanForm(request.POST)
    if not form.is_valid():
        return _page(request, row, NoteForm(initial={"note": row.note}), plan=form)
    given = form.cleaned_data
    return _act(
        request,
        row,
        lambda: fulfilment.plan(
            row, due_on=given["due_on"], owner=given["owner"], now=timezone.now()
        ),
        _("Saved."),
    )


@require_POST
@requires(Capability.GIVE_REWARDS)
def grant_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: they accepted, so somebody has it to do."""
    row = _found(pk)
    return _act(
        request,
        row,
        lambda: fulfilment.accept(
            row, due_on=row.due_on, by=staff_of(request), now=timezone.now()
        ),
        _("It is to do now."),
    )


@require_POST
@requires(Capability.GIVE_REWARDS)
def grant_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it is theirs no more."""
    row = _found(pk)
    return _act(
        request,
        row,
        lambda: taking_back.take_back(row, by=staff_of(request), now=timezone.now()),
        _("It is taken back."),
    )


def _found(pk: int) -> Grant:
    rows = Grant.objects.select_related(
        "customer", "reward", "granted_by", "ended_by", "message", "owner"
    )
    return get_object_or_404(rows, pk=pk)


def _act(
    request: HttpRequest,
    row: Grant,
    act: Callable[[], object],
    said: str,
    undo: str = "",
) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said, undo)
    return responses.back(request, _url(row))


def _page(
    request: HttpRequest, row: Grant, form: NoteForm, plan: PlanForm | None = None
) -> HttpResponse:
    context = request_context(request)
    may_give = context.can(Capability.GIVE_REWARDS)
    wrong = plan if plan and plan.errors else form
    shown = {
        "grant": row,
        "customer": row.customer,
        "worth": reward_words.worth(row.reward),
        "source": reward_labels.source_of(row),
        "state": reward_labels.state_of(row),
        "tone": reward_labels.TONES.get(row.state, "off"),
        # Anyone who reads a code can use it.
        "code": getattr(row, "code", None) if may_give else None,
        "redemptions": selectors.redemptions_of(row),
        "may_give": may_give,
        "is_open": row.state in _OPEN,
        "is_to_do": row.state == GrantState.TO_DO.value,
        "is_offered": row.state == GrantState.OFFERED.value,
        "is_redoable": row.state == GrantState.DONE.value and row.reward.is_by_hand,
        "form": wrong,
        "note": form,
        "plan": plan or PlanForm.of(row),
    }
    status = responses.UNPROCESSABLE if wrong.errors else 200
    return render(request, "loyalty/grant.html", shown, status=status)


def _url(row: Grant) -> str:
    return reverse("loyalty:grant", args=[row.pk])
