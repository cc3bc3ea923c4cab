"""Parts of a customer's timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from django.utils.functional import Promise
from psycopg import sql

from crm.models import Customer
from crm.page_parts.registry import Part
from crm.request_context import RequestContext


@dataclass(frozen=True)
class TimelineEntry:
    """What `templates/desk/_entries.html` draws; `key` is its stable id.

    `page_url` is a page about this entry, `why_url` a part of that page which explains
    the entry in place. A POST to `reply_url` begins a mail about it.
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
    reply_url: str = ""


# The ids of the rows on one page and the moment at which each stands there, to an entry
# for each. One query, however many rows; a row that is gone by now is left out.
ReadEntries = Callable[
    [RequestContext, Customer, dict[int, datetime]], dict[int, TimelineEntry]
]


@dataclass(frozen=True, kw_only=True)
class TimelineSource(Part):
    """Rows of one table with a `customer_id` that stand in the customer's timeline.

    `at` is the moment of a row, written exactly as in the index of the table, which is
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
