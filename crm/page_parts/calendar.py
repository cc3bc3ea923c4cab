"""What stands on the days of the calendar of contacts beside mails that are due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm.page_parts.registry import Part
from crm.request_context import RequestContext


@dataclass(frozen=True, kw_only=True)
class CalendarItems(Part):
    """`read` gives the items of each day from the first to the last one, in a fixed
    number of queries; `template` draws one and finds it as `item`, its day as `day`."""

    template: str
    read: Callable[[RequestContext, date, date], Mapping[date, Sequence[object]]]
