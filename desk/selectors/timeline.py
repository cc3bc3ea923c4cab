"""One page of a customer's timeline, ready to be shown."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from crm.models import Customer
from crm.page_parts import (
    TimelineEntry,
    TimelineFilter,
    TimelineSource,
    parts_for,
)
from crm.request_context import RequestContext
from desk.sql import timeline as sql
from desk.sql.timeline import Place
from web import paging

PAGE = 50


# The filter that leaves nothing out; every other is a `TimelineFilter`.
ALL = "all"


@dataclass(frozen=True)
class Timeline:
    """One page of a customer's timeline."""

    show: str
    filters: list[TimelineFilter]
    entries: list[TimelineEntry]
    older: str
    is_first: bool


def timeline(
    context: RequestContext, customer: Customer, *, show: str, older: str
) -> Timeline:
    """The newest page, or the one after the place that `older` names."""
    filters = parts_for(TimelineFilter, context)
    chosen = show if show in {each.name for each in filters} else ALL
    sources = [
        source
        for source in parts_for(TimelineSource, context)
        if chosen in (ALL, source.filter)
    ]
    before = read_place(older)
    places = sql.entries(customer.pk, sources=sources, before=before, limit=PAGE + 1)
    shown = places[:PAGE]
    return Timeline(
        show=chosen,
        filters=filters,
        entries=_entries(context, customer, sources, shown),
        older=_older(chosen, shown[-1]) if len(places) > PAGE else "",
        is_first=before is None,
    )


def _entries(
    context: RequestContext,
    customer: Customer,
    sources: Sequence[TimelineSource],
    places: Sequence[Place],
) -> list[TimelineEntry]:
    """The entries of these places, in their order; one read for each source."""
    moments: dict[int, dict[int, datetime]] = defaultdict(dict)
    for place in places:
        moments[place.rank][place.id] = place.at
    read = {
        source.order: source.read(context, customer, moments[source.order])
        for source in sources
        if source.order in moments
    }
    found = (read[place.rank].get(place.id) for place in places)
    return [entry for entry in found if entry is not None]


def _older(show: str, last: Place) -> str:
    place = paging.write_place(last.at, last.rank, last.id)
    kept = {"show": show} if show != ALL else {}
    return "?" + urlencode({**kept, "older": place})


def read_place(text: str) -> Place | None:
    """The place from an address; a text that is none: the first page."""
    found = paging.read_place(text, datetime, int, int)
    return Place(*found) if found else None
