"""Who came into a segment and left it, and how it was on a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import audiences
from crm.access import Capability, requires
from crm.models import Segment, SegmentEvent, SegmentSnapshot
from crm.request_context import request_context
from crm.rules.choices import SegmentMove
from crm.services import membership, snapshots
from crm.staff import staff_of
from web import responses
from web.errors import DomainError
from web.rules.numbers import whole_number

SHOWN_MOVES = 30
SHOWN_SNAPSHOTS = 24
COUNTED_DAYS = 30


@dataclass(frozen=True)
class Compared:
    """A snapshot beside today."""

    snapshot: SegmentSnapshot
    came: int
    left: int
    came_url: str
    left_url: str

    @property
    def stayed(self) -> int:
        return self.snapshot.people - self.left


@require_safe
@requires(Capability.SEE_SEGMENTS)
def segment_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Its comings and goings, where it is followed; its snapshots, one of them compared
    with today (`?compare=ID`)."""
    row = get_object_or_404(Segment, pk=pk)
    context = request_context(request)
    rows = SegmentSnapshot.objects.filter(segment=row).order_by("-day")
    wanted = whole_number(request.GET.get("compare", ""))
    compared = rows.filter(pk=wanted).first() if wanted else None
    shown = {
        "segment": row,
        "now": context.now,
        "may_edit": context.user.can(Capability.EDIT_SEGMENTS),
        "sees_people": context.sees_customers,
        **_moves(row, context.now),
        "snapshots": rows.select_related("taken_by")[:SHOWN_SNAPSHOTS],
        "compared": compared and _compared(compared, context.now),
        "list_url": resolve_url(settings.CUSTOMER_LIST_PAGE),
    }
    return render(request, "crm/segment_history.html", shown)


def _moves(row: Segment, now: datetime) -> dict[str, object]:
    events = SegmentEvent.objects.filter(segment=row)
    recent = events.filter(at__gte=now - timedelta(days=COUNTED_DAYS))
    newest = events.select_related("customer").order_by("-at", "-pk")
    return {
        "moves": newest[:SHOWN_MOVES],
        "entered": recent.filter(move=SegmentMove.ENTERED.value).count(),
        "left": recent.filter(move=SegmentMove.LEFT.value).count(),
        "days": COUNTED_DAYS,
    }


def _compared(snapshot: SegmentSnapshot, now: datetime) -> Compared:
    list_url = resolve_url(settings.CUSTOMER_LIST_PAGE)
    came, left = f"snapshot=came-{snapshot.pk}", f"snapshot=left-{snapshot.pk}"
    return Compared(
        snapshot,
        audiences.count_all(came, now=now),
        audiences.count_all(left, now=now),
        f"{list_url}?{came}",
        f"{list_url}?{left}",
    )


@require_POST
@requires(Capability.EDIT_SEGMENTS)
def segment_follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow it, or (`stop`) no longer."""
    row = get_object_or_404(Segment, pk=pk)
    if request.POST.get("stop"):
        membership.stop_following(row, now=timezone.now())
        responses.add_message(request, _("Who comes and leaves is no longer kept."))
    else:
        membership.follow(row, now=timezone.now())
        responses.add_message(request, _("From now on it shows who comes and leaves."))
    return responses.see_other(reverse("crm:segment-history", args=[pk]))


@require_POST
@requires(Capability.EDIT_SEGMENTS)
def segment_snapshot(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: have a job keep who is in the segment today."""
    row = get_object_or_404(Segment, pk=pk)
    try:
        snapshots.ask(row, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("It is being kept: look again in a minute."))
    return responses.see_other(reverse("crm:segment-history", args=[pk]))


@require_POST
@requires(Capability.EDIT_SEGMENTS)
def snapshot_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: delete a snapshot."""
    row = get_object_or_404(SegmentSnapshot, pk=pk)
    snapshots.delete(row, now=timezone.now())
    responses.add_message(request, _("The snapshot is deleted."))
    return responses.see_other(reverse("crm:segment-history", args=[row.segment_id]))
