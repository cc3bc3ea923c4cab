"""What is done with a follow-up: each deed one POST, with its way back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.models import FollowUp, User
from crm.services import follow_ups
from crm.staff import staff_of, today_of_reader, zone_of_reader
from crm.views.follow_ups import row_of
from web import responses
from web.errors import DomainError
from web.responses import HtmxRequest

# A day beyond this is nobody's plan.
FURTHEST = date(2200, 1, 1)


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_done(request: HtmxRequest, pk: int) -> HttpResponse:
    row = row_of(pk)
    staff = staff_of(request)
    return _deed(
        request,
        row,
        lambda now: follow_ups.finish(row, now=now, staff=staff),
        said=_("Done."),
        undo=reverse("crm:follow-up-reopen", args=[pk]),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_drop(request: HtmxRequest, pk: int) -> HttpResponse:
    row = row_of(pk)
    staff = staff_of(request)
    return _deed(
        request,
        row,
        lambda now: follow_ups.drop(row, now=now, staff=staff),
        said=_("Dropped."),
        undo=reverse("crm:follow-up-reopen", args=[pk]),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_reopen(request: HtmxRequest, pk: int) -> HttpResponse:
    row = row_of(pk)
    return _deed(
        request,
        row,
        lambda now: follow_ups.reopen(row, now=now),
        said=_("It is open again."),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_take(request: HtmxRequest, pk: int) -> HttpResponse:
    row = row_of(pk)
    staff = staff_of(request)
    return _deed(
        request,
        row,
        lambda now: follow_ups.take(row, staff=staff, now=now),
        said=_("It is yours."),
    )


@require_POST
@requires(Capability.LOG_CONTACT)
def follow_up_assign(request: HtmxRequest, pk: int) -> HttpResponse:
    row = row_of(pk)
    given = request.POST.get("assignee", "")
    colleague = (
        get_object_or_404(User, pk=int(given), is_active=True)
        if responses.is_id(given)
        else None
    )
    return _deed(
        request,
        row,
        lambda now: follow_ups.assign(row, assignee=colleague, now=now),
        said=_("Given to %(name)s.") % {"name": colleague}
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
    return _deed(
        request,
        row,
        lambda now: follow_ups.snooze(row, due_on=due_on, due_at=due_at, now=now),
        said=_("Moved to %(day)s.") % {"day": date_format(due_on, "D j M")},
        undo="" if request.GET else f"{url}?{urlencode(before)}",
    )


def _asked(request: HtmxRequest, row: FollowUp) -> tuple[date, datetime | None]:
    named = _named(request)
    if named is not None:
        return named
    text = request.POST.get("days", "1")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
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


def _deed(
    request: HtmxRequest,
    row: FollowUp,
    deed: Callable[[datetime], object],
    *,
    said: str,
    undo: str = "",
) -> HttpResponse:
    try:
        deed(timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said, undo)
    return responses.back(request, row.customer.get_absolute_url())
