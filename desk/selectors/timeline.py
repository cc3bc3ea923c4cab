"""One page of a customer's timeline, ready to be shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from crm.models import Customer
from desk.request_context import RequestContext
from desk.selectors import timeline_entries
from desk.selectors.timeline_entry import TimelineEntry
from desk.sql import timeline as sql
from desk.sql.timeline import NAMES, Place

PAGE = 50


class Show(StrEnum):
    ALL = "all"
    CONVERSATIONS = "conversations"
    ORDERS = "orders"
    MESSAGES = "messages"
    ANSWERS = "answers"


_SOURCES = {
    Show.ALL: frozenset(NAMES.values()),
    Show.CONVERSATIONS: frozenset({"interaction", "follow_up"}),
    Show.ORDERS: frozenset({"order"}),
    Show.MESSAGES: frozenset({"message"}),
    Show.ANSWERS: frozenset({"response", "review"}),
}


@dataclass(frozen=True)
class Timeline:
    show: Show
    entries: list[TimelineEntry]
    older: str
    is_first: bool


def timeline(
    reader: RequestContext, customer: Customer, *, show: str, older: str
) -> Timeline:
    """The newest page, or the one after the place that `older` names."""
    chosen = Show(show) if show in list(Show) else Show.ALL
    names = _SOURCES[chosen]
    if not reader.sees_messages:
        names -= {"message"}
    before = read_place(older)
    places = sql.entries(customer.pk, names=names, before=before, limit=PAGE + 1)
    shown = places[:PAGE]
    return Timeline(
        show=chosen,
        entries=timeline_entries.of(reader, customer, shown),
        older=_older(chosen, shown[-1]) if len(places) > PAGE else "",
        is_first=before is None,
    )


def _older(show: Show, last: Place) -> str:
    place = f"{last.at.isoformat()}~{last.rank}~{last.id}"
    kept = {"show": show.value} if show != Show.ALL else {}
    return "?" + urlencode({**kept, "older": place})


def read_place(text: str) -> Place | None:
    """A place that nobody made is as none: the first page."""
    at, _, rest = text.partition("~")
    rank, _, number = rest.partition("~")
    moment = _moment(at)
    if moment is None or not _is_number(rank) or not _is_number(number):
        return None
    return Place(moment, int(rank), int(number))


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
