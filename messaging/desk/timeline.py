"""Messages in the timeline."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import TimelineEntry, TimelineFilter, TimelineSource
from crm.request_context import RequestContext
from crm.rules.dates import city, zone_of
from messaging.models import Message
from messaging.rules.outlook import Outlook
from messaging.selectors import outbox
from messaging.selectors.outlooks import is_pause, outlooks


def _messages(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    zone = zone_of(customer.time_zone, context.business.time_zone)
    rows = list(Message.objects.select_related("customer").filter(pk__in=moments))
    ahead = outlooks(rows, now=context.now)
    return {
        row.pk: _message(context, row, moments[row.pk], zone, ahead.get(row.pk))
        for row in rows
    }


def _message(
    context: RequestContext,
    row: Message,
    at: datetime,
    zone: ZoneInfo,
    outlook: Outlook | None,
) -> TimelineEntry:
    return TimelineEntry(
        key=f"message-{row.pk}",
        icon="mail",
        heading=str(outbox.kind_label(row.kind)),
        at=at,
        at_text=_there(at, zone, context.zone),
        chip=outbox.chip_of(row, outlook),
        chip_detail=_expected(context, row, outlook) if outlook else "",
        note=_reason(row, outlook),
        page_url=reverse("messaging:message", args=[row.pk]),
        why_url=reverse("messaging:message-why", args=[row.pk]),
    )


def _expected(context: RequestContext, row: Message, outlook: Outlook) -> str:
    """The day on which it goes, or on which it lapses."""
    moment = row.expires_at if outlook.lapses else outlook.goes_at or row.not_before
    return date_format(moment.astimezone(context.zone), "j M")


def _reason(row: Message, outlook: Outlook | None) -> str:
    """Why it waits or did not go, where the chip does not show it."""
    words = str(outbox.reason_of(row, outlook))
    says_no_more = outlook and outlook.reason and not is_pause(outlook.reason)
    if says_no_more and outbox.chip_of(row, outlook) == "on_hold":
        return ""
    return words


def _there(at: datetime, zone: ZoneInfo, here: ZoneInfo) -> str:
    """09:00 in Tel Aviv, where their clock is not the reader's."""
    local = at.astimezone(zone)
    if local.utcoffset() == at.astimezone(here).utcoffset():
        return ""
    return _("%(clock)s in %(place)s") % {
        "clock": f"{local:%H:%M}",
        "place": city(zone),
    }


PARTS = (
    TimelineFilter(name="messages", order=3, label=gettext_lazy("Messages")),
    TimelineSource(
        name="message",
        order=2,
        capability=Capability.SEE_MESSAGES,
        table="messaging_message",
        at=sql.SQL("COALESCE(final_at, not_before)"),
        filter="messages",
        read=_messages,
    ),
)
