"""What is done with a follow-up: each action is one POST, with an undo."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.errors import OutcomeMissing
from crm.models import FollowUp, User
from crm.page_parts import asks_outcome
from crm.services import follow_ups
from crm.staff import staff_of, today_of_reader, zone_of_reader
from crm.views.follow_ups import row_of
from web import responses
from web.error_messages import for_error, for_field
from web.errors import DomainError
from web.responses import HtmxRequest
from web.rules.numbers import whole_number

# Later days are typing errors.
FURTHEST = date(2200, 1, 1)
MOST_DAYS = 999


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_done(request: HtmxRequest, pk: int) -> HttpResponse:
    """POST: finish it, with what came of it. The answer offers to open it again; where
    it is refused, it holds what was typed."""
    row = row_of(pk)
    outcome = request.POST.get("outcome", "")
    try:
        follow_ups.finish(
            row,
            now=timezone.now(),
            staff=staff_of(request),
            outcome=outcome,
            asks_outcome=asks_outcome(row),
        )
    except DomainError as error:
        if outcome or isinstance(error, OutcomeMissing):
            return _not_done(request, row, outcome, error)
        responses.add_refusal(request, error)
    else:
        undo_url = reverse("crm:follow-up-reopen", args=[pk])
        responses.add_message(request, _("Done."), undo_url)
    return responses.back(request, row.customer.get_absolute_url())


def _not_done(
    request: HtmxRequest, row: FollowUp, outcome: str, error: DomainError
) -> HttpResponse:
    """The line again, with what was typed: in its row, or as a page of its own."""
    code = error.fields.get("outcome")
    context = {
        "follow_up": row,
        "outcome": outcome,
        "problem": for_field("outcome", code) if code else for_error(error),
        "next": request.POST.get("next", ""),
        "target": f"#{request.htmx.target}" if request.htmx.target else "",
    }
    name = "_follow_up_outcome" if request.htmx else "follow_up_done"
    status = responses.UNPROCESSABLE if request.htmx else error.status
    answer = render(request, f"crm/{name}.html", context, status=status)
    answer["HX-Retarget"] = f"#follow-up-{row.pk} .p-outcome"
    answer["HX-Reswap"] = "outerHTML"
    return answer


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_drop(request: HtmxRequest, pk: int) -> HttpResponse:
    """POST: drop it. The answer offers to open it again."""
    row = row_of(pk)
    staff = staff_of(request)
    return _apply(
        request,
        row,
        lambda now: follow_ups.drop(row, now=now, staff=staff),
        message=_("Dropped."),
        undo_url=reverse("crm:follow-up-reopen", args=[pk]),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_reopen(request: HtmxRequest, pk: int) -> HttpResponse:
    """POST: open one that was finished or dropped."""
    row = row_of(pk)
    return _apply(
        request,
        row,
        lambda now: follow_ups.reopen(row, now=now),
        message=_("It is open again."),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_take(request: HtmxRequest, pk: int) -> HttpResponse:
    """POST: assign it to whoever asks, unless somebody else has taken it."""
    row = row_of(pk)
    staff = staff_of(request)
    return _apply(
        request,
        row,
        lambda now: follow_ups.take(row, staff=staff, now=now),
        message=_("It is yours."),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_assign(request: HtmxRequest, pk: int) -> HttpResponse:
    """POST: assign it to the colleague of the field `assignee`, or to no one."""
    row = row_of(pk)
    assignee = whole_number(request.POST.get("assignee", ""))
    colleague = (
        get_object_or_404(User, pk=assignee, is_active=True)
        if assignee is not None
        else None
    )
    return _apply(
        request,
        row,
        lambda now: follow_ups.assign(row, assignee=colleague, now=now),
        message=_("Given to %(name)s.") % {"name": colleague}
        if colleague
        else _("Given back."),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_snooze(request: HtmxRequest, pk: int) -> HttpResponse:
    """Until tomorrow or next week; or, to undo that, back to a named moment."""
    row = row_of(pk)
    before = {"due_on": row.due_on.isoformat()}
    if row.due_at:
        before["due_at"] = row.due_at.isoformat()
    due_on, due_at = _asked(request, row)
    url = reverse("crm:follow-up-snooze", args=[pk])
    return _apply(
        request,
        row,
        lambda now: follow_ups.snooze(row, due_on=due_on, due_at=due_at, now=now),
        message=_("Moved to %(day)s.") % {"day": date_format(due_on, "D j M")},
        undo_url="" if request.GET else f"{url}?{urlencode(before)}",
    )


def _asked(request: HtmxRequest, row: FollowUp) -> tuple[date, datetime | None]:
    named = _named(request)
    if named is not None:
        return named
    days = whole_number(request.POST.get("days", ""), most=MOST_DAYS)
    days = 1 if days is None else days
    day = today_of_reader(request) + timedelta(days=days)
    if row.due_at is None:
        return day, None
    zone = zone_of_reader(request)
    clock = row.due_at.astimezone(zone).time()
    return day, datetime.combine(day, clock, tzinfo=zone)


def _named(request: HtmxRequest) -> tuple[date, datetime | None] | None:
    try:
        day = parse_date(request.GET.get("due_on", ""))
        moment = parse_datetime(request.GET.get("due_at", ""))
    except ValueError:
        return None
    if day is None or not day <= FURTHEST:
        return None
    return day, moment if moment and timezone.is_aware(moment) else None


def _apply(
    request: HtmxRequest,
    row: FollowUp,
    action: Callable[[datetime], object],
    *,
    message: str,
    undo_url: str = "",
) -> HttpResponse:
    try:
        action(timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, message, undo_url)
    return responses.back(request, row.customer.get_absolute_url())
