"""What an app may add to the pages of many apps, which compose and know no app.

An app declares its parts in `<app>/desk.py` (a module, or a package for an app that has
many) and registers them there: `register(TimelineSource(...))`. Autodiscovered when
Django starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, TypeVar

from django.utils.functional import Promise
from psycopg import sql

from crm.access import Capability
from crm.models import Customer
from crm.request_context import RequestContext

__all__ = [
    "ReadEntries",
    "TimelineEntry",
    "TimelineFilter",
    "TimelineSource",
    "parts_for",
    "parts_of",
    "register",
]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What every part has: a name of its own, its place among its like, who sees it.

    `capability` None: everybody who may open the page.
    """

    name: str
    order: int
    capability: Capability | None = None


# --- Timeline ------------------------------------------------------------------------


@dataclass(frozen=True)
class TimelineEntry:
    """What `templates/desk/_entries.html` draws; `key` is its stable id.

    `page_url` is a page about this entry, `why_url` a part of a page that says in
    place why it is so; both or neither.
    """

    key: str
    icon: str
    heading: str
    at: datetime
    at_text: str = ""
    tail: str = ""
    actor: str = ""
    chip: str = ""
    chip_detail: str = ""
    badge: str = ""
    badge_tone: str = "off"
    body: str = ""
    quote: str = ""
    quote_lang: str = ""
    note: str = ""
    edit_url: str = ""
    page_url: str = ""
    why_url: str = ""


# The ids of the rows on one page and the moment at which each stands there, to an entry
# for each. One query, however many rows; a row that is gone by now is left out.
ReadEntries = Callable[
    [RequestContext, Customer, dict[int, datetime]], dict[int, TimelineEntry]
]


@dataclass(frozen=True, kw_only=True)
class TimelineSource(Part):
    """Rows of one table with a `customer_id` that stand in the customer's timeline.

    `at` is the moment of a row, spelt exactly as in the index of the table, which is
    (customer_id, at DESC, id DESC); `only` narrows the rows ("AND ...") as the index
    does. `order` decides between entries of one moment and stands in the links to
    older pages: it is never changed. `filter` names the `TimelineFilter` that shows
    this source.
    """

    table: str
    at: sql.Composable
    filter: str
    read: ReadEntries
    only: LiteralString = ""


@dataclass(frozen=True, kw_only=True)
class TimelineFilter(Part):
    """A button above the timeline, for the sources that name it; `label` is lazy."""

    label: str | Promise


# --- Registry ------------------------------------------------------------------------

_T = TypeVar("_T", bound=Part)
_parts: list[Part] = []


def register(*parts: Part) -> None:
    """Add these. Of one type, no two share a name or a place."""
    for part in parts:
        for other in parts_of(type(part)):
            if part.name == other.name or part.order == other.order:
                raise ValueError(f"{part!r} stands in the place of {other!r}.")
        _parts.append(part)


def parts_of(part_type: type[_T]) -> list[_T]:
    """All of this type, in their order."""
    found = [part for part in _parts if isinstance(part, part_type)]
    return sorted(found, key=lambda part: part.order)


def parts_for(part_type: type[_T], reader: RequestContext) -> list[_T]:
    """Those of this type that this person may see, in their order."""
    return [
        part
        for part in parts_of(part_type)
        if part.capability is None or reader.can(part.capability)
    ]
