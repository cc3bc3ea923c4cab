"""The entries of a timeline: one reader a source, each with one query."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Customer, Order
from crm.rules.choices import OrderNature, OrderState
from crm.rules.dates import zone_of
from desk.request_context import RequestContext
from desk.selectors import conversations
from desk.selectors.timeline_entry import TimelineEntry
from desk.sql import timeline as sql
from desk.sql.timeline import NAMES, Bought, Place
from feedback.models import Review
from messaging.models import Message
from messaging.rules.outlook import Outlook
from messaging.selectors import outbox
from messaging.selectors.outlooks import is_pause, outlooks
from surveys.models import Response
from web.formats import money

_LINES_SHOWN = 3


type_read = Callable[
    [RequestContext, Customer, "dict[int, datetime]"], dict[int, TimelineEntry]
]


def of(
    reader: RequestContext, customer: Customer, places: Sequence[Place]
) -> list[TimelineEntry]:
    """The entries of these places, in their order; one query a source."""
    moments: dict[str, dict[int, datetime]] = defaultdict(dict)
    for place in places:
        moments[NAMES[place.rank]][place.id] = place.at
    read = {
        name: _READ[name](reader, customer, found) for name, found in moments.items()
    }
    found = (read[NAMES[place.rank]].get(place.id) for place in places)
    return [entry for entry in found if entry is not None]


def _by_id(rows: "QuerySet[Any]", moments: dict[int, datetime]) -> list[Any]:
    return list(rows.filter(pk__in=moments))


# --- Orders --------------------------------------------------------------------------


def _orders(
    reader: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    bought: dict[int, list[Bought]] = defaultdict(list)
    for line in sql.first_lines(list(moments), most=_LINES_SHOWN):
        bought[line.order_id].append(line)
    rows = _by_id(Order.objects.all(), moments)
    return {row.pk: _order(row, bought[row.pk]) for row in rows}


def _order(row: Order, lines: Sequence[Bought]) -> TimelineEntry:
    is_return = row.nature == OrderNature.RETURN.value
    return TimelineEntry(
        key=f"order-{row.pk}",
        icon="refund" if is_return else "box",
        heading=(_("Return %(number)s") if is_return else _("Order %(number)s"))
        % {"number": row.number},
        at=row.ordered_at,
        tail=_order_tail(row, lines),
    )


def _order_tail(row: Order, lines: Sequence[Bought]) -> str:
    """delivered 19 Nov · Ethiopia 1 kg × 2, Filter papers · £24.00"""
    state = _order_state(row)
    parts = [state, _things(lines), money(row.total, row.currency)]
    joined = " · ".join(part for part in parts if part)
    return joined if state else f"· {joined}"


def _order_state(row: Order) -> str:
    if row.state == OrderState.CANCELLED.value:
        return _("cancelled")
    if row.delivered_on:
        return _("delivered %(day)s") % {"day": date_format(row.delivered_on, "j M")}
    return ""


def _things(lines: Sequence[Bought]) -> str:
    words = [_thing(line) for line in lines]
    more = (lines[0].lines if lines else 0) - len(lines)
    if more > 0:
        words.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
    return ", ".join(words)


def _thing(line: Bought) -> str:
    quantity = abs(line.quantity)
    if quantity == 1:
        return line.product
    whole = quantity == quantity.to_integral_value()
    shown = str(int(quantity)) if whole else str(quantity.normalize())
    return f"{line.product} × {shown}"


# --- Messages ------------------------------------------------------------------------


def _messages(
    reader: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    zone = zone_of(customer.time_zone, reader.business.time_zone)
    rows = _by_id(Message.objects.select_related("customer"), moments)
    ahead = outlooks(rows, now=reader.now)
    return {
        row.pk: _message(reader, row, moments[row.pk], zone, ahead.get(row.pk))
        for row in rows
    }


def _message(
    reader: RequestContext,
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
        at_text=_there(at, zone, reader.zone),
        chip=outbox.chip_of(row, outlook),
        chip_detail=_expected(reader, row, outlook) if outlook else "",
        note=_reason(row, outlook),
        message_id=row.pk,
    )


def _expected(reader: RequestContext, row: Message, outlook: Outlook) -> str:
    """The day on which it goes, or on which it lapses."""
    moment = row.expires_at if outlook.lapses else outlook.goes_at or row.not_before
    return date_format(moment.astimezone(reader.zone), "j M")


def _reason(row: Message, outlook: Outlook | None) -> str:
    """Why it waits or did not go, where the chip has not said it."""
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


def city(zone: ZoneInfo) -> str:
    return zone.key.rpartition("/")[2].replace("_", " ")


# --- Answers -------------------------------------------------------------------------


def _responses(
    reader: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = _by_id(Response.objects.select_related("survey"), moments)
    return {row.pk: _response(row, moments[row.pk]) for row in rows}


def _response(row: Response, at: datetime) -> TimelineEntry:
    return TimelineEntry(
        key=f"response-{row.pk}",
        icon="chat",
        heading=_("Answered %(score)s of 10") % {"score": row.score},
        at=at,
        tail=_("to “%(survey)s”") % {"survey": row.survey.name},
        quote=row.comment,
        quote_lang=row.language,
        note=_("Changed by the customer.") if row.version > 1 else "",
    )


def _reviews(
    reader: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = _by_id(Review.objects.select_related("product"), moments)
    return {row.pk: _review(row) for row in rows}


def _review(row: Review) -> TimelineEntry:
    state, tone = {
        "published": (_("Public"), "good"),
        "rejected": (_("Not published"), "off"),
        "withdrawn": (_("Withdrawn"), "off"),
    }.get(row.state, (_("Waiting to be read"), "warn"))
    return TimelineEntry(
        key=f"review-{row.pk}",
        icon="star",
        heading=_("Review: %(stars)s of 5 stars") % {"stars": row.stars},
        at=row.written_at,
        tail=_("of %(product)s") % {"product": row.product} if row.product else "",
        badge=state,
        badge_tone=tone,
        quote=row.body,
        quote_lang=row.language,
        note=_("Changed by the customer.") if row.edited_at else "",
    )


_READ: dict[str, type_read] = {
    "interaction": conversations.interactions,
    "follow_up": conversations.follow_ups,
    "order": _orders,
    "message": _messages,
    "response": _responses,
    "review": _reviews,
}
