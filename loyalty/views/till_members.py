"""The till for members: find somebody, give a stamp or points, take a reward, undo."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import people_search
from crm.access import Capability, requires
from crm.models import Customer
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import member_page
from loyalty.choices import EntryKind, SpendState, Unit
from loyalty.forms.members import FindForm
from loyalty.models import Entry, Membership, ProgrammeReward, Spending
from loyalty.services import member_links
from loyalty.services.grants import new_key
from loyalty.services.programmes import deeds, spending
from messaging.errors import LinkGone
from web import responses
from web.errors import DomainError

_GIVES = {Unit.STAMPS.value: (1, 2), Unit.POINTS.value: (10, 50)}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REDEEM_CODES)
def till_find(request: HttpRequest) -> HttpResponse:
    """POST looks somebody up and changes nothing: one found is shown at once."""
    request_context(request)
    if request.method != "POST":
        return _found_page(request, FindForm(), [])
    form = FindForm(request.POST)
    if not form.is_valid():
        return _found_page(request, form, [])
    found = _find(form.cleaned_data["q"], timezone.now())
    if len(found) == 1:
        return responses.see_other(_url(found[0].pk))
    return _found_page(request, form, found)


def _find(typed: str, now: datetime) -> list[Customer]:
    """By the text of a square, which is a token, else as the list of customers does."""
    token = typed.rstrip("/").rpartition("/")[2]
    try:
        return [member_links.customer_of(token)]
    except LinkGone:
        return people_search.find(typed, now=now)


def _found_page(
    request: HttpRequest, form: FindForm, found: list[Customer]
) -> HttpResponse:
    is_none = form.is_bound and not form.errors and not found
    shown = {"form": form, "found": found, "is_none": is_none}
    status = responses.UNPROCESSABLE if form.errors or is_none else 200
    return _never_kept(render(request, "loyalty/till_find.html", shown, status=status))


@require_safe
@requires(Capability.REDEEM_CODES)
def till_member(request: HttpRequest, pk: int) -> HttpResponse:
    """What they have, and what can be done at the till."""
    context = request_context(request)
    person = get_object_or_404(Customer.objects.live(), pk=pk)
    role = staff_of(request).role
    parts = member_page.parts(
        person, language=get_language() or "en", today=context.today
    )
    shown = {
        "customer": person,
        "parts": [
            (part, _gives(part, role)) for part in parts if part.member is not None
        ],
        "once": new_key(),
        "undoable": _undoable(person, request, context.now),
    }
    return _never_kept(render(request, "loyalty/till_member.html", shown))


def _gives(part: member_page.Part, role: str) -> list[tuple[int, str]]:
    """What this role may add by one press, and its words."""
    if not part.programme.hand_limits.filter(role=role).exists():
        return []
    amounts = _GIVES.get(part.programme.unit, ())
    is_stamp = part.programme.unit == Unit.STAMPS.value
    words = _("+%(n)s stamp") if is_stamp else _("+%(n)s points")
    return [(amount, words % {"n": amount}) for amount in amounts]


def _undoable(person: Customer, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The last thing of the last minutes that this colleague did here."""
    staff = staff_of(request)
    since = now - spending.UNDO_FOR
    spent = Spending.objects.filter(
        membership__customer=person, user=staff, made_at__gt=since
    ).exclude(state=SpendState.RELEASED.value)
    entries = Entry.objects.filter(
        membership__customer=person, by=staff, at__gt=since,
        kind=EntryKind.ADJUSTED.value, source_key__startswith="hand:till:",
    )  # fmt: skip
    rows = list(entries.order_by("-pk"))
    keys = {row.source_key for row in rows}
    given = (
        row for row in rows if row.amount > 0 and f"hand:till:undo:{row.pk}" not in keys
    )
    return {
        "spent": spent.select_related("grant__reward").order_by("-pk").first(),
        "given": next(given, None),
    }


@require_POST
@requires(Capability.REDEEM_CODES)
def till_give(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: add the amount of the button that was pressed."""
    row = get_object_or_404(Membership.objects.select_related("programme"), pk=pk)
    amount = request.POST.get("amount", "")
    allowed = {str(one) for one in _GIVES.get(row.programme.unit, ())}
    if amount in allowed:
        once = f"till:{request.POST.get('once', '')[:60] or new_key()}"
        return _act(
            request,
            row.customer_id,
            lambda: deeds.adjust(
                row, Decimal(amount), reason=_("At the till"), once=once,
                staff=staff_of(request), now=timezone.now(),
            ),
            _("Done."),
        )  # fmt: skip
    return responses.see_other(_url(row.customer_id))


@require_POST
@requires(Capability.REDEEM_CODES)
def till_take(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: they take this reward now."""
    row = get_object_or_404(Membership.objects.select_related("programme"), pk=pk)
    offer = get_object_or_404(
        ProgrammeReward.objects.filter(programme=row.programme_id),
        pk=request.POST.get("offer") if request.POST.get("offer", "").isdigit() else 0,
    )
    key = f"till:{request.POST.get('once', '')[:60] or new_key()}"
    return _act(
        request,
        row.customer_id,
        lambda: spending.take_reward(
            row, offer, key=key, user=staff_of(request), now=timezone.now()
        ),
        _("The reward is theirs."),
    )


@require_POST
@requires(Capability.REDEEM_CODES)
def till_take_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: the reward was taken by mistake, a moment ago."""
    row = get_object_or_404(Spending.objects.select_related("membership"), pk=pk)
    return _act(
        request,
        row.membership.customer_id,
        lambda: spending.undo(row, user=staff_of(request), now=timezone.now()),
        _("Undone: it is on the balance again."),
    )


@require_POST
@requires(Capability.REDEEM_CODES)
def till_give_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it was added by mistake, a moment ago, by this colleague."""
    staff, now = staff_of(request), timezone.now()
    row = get_object_or_404(
        Entry.objects.select_related("membership"),
        pk=pk, by=staff, kind=EntryKind.ADJUSTED.value, amount__gt=0,
        source_key__startswith="hand:till:", at__gt=now - spending.UNDO_FOR,
    )  # fmt: skip
    return _act(
        request,
        row.membership.customer_id,
        lambda: deeds.adjust(
            row.membership, -row.amount, reason=_("Undone at the till"),
            once=f"till:undo:{row.pk}", staff=staff, now=now,
        ),
        _("Undone."),
    )  # fmt: skip


def _act(request: HttpRequest, customer: int, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said)
    return responses.see_other(_url(customer))


def _url(customer: int) -> str:
    return reverse("loyalty:till-member", args=[customer])


def _never_kept(answer: HttpResponse) -> HttpResponse:
    """What somebody has is nobody's business on the screen of yesterday."""
    answer["Cache-Control"] = "no-store"
    return answer
