"""Parts of the customer page and of the customer list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models.expressions import Combinable
from django.utils.functional import Promise

from crm.models import Customer
from crm.page_parts.registry import Part, parts_for
from crm.page_parts.today import Task
from crm.request_context import RequestContext

# --- The customer page ---------------------------------------------------------------
# What two parts show is read by `context.once(...)`, in one query for both.


@dataclass(frozen=True)
class Cell:
    """A cell of the strip: the figure, and a line that explains it or is `bad` news."""

    value: str
    detail: str = ""
    bad: str = ""


@dataclass(frozen=True, kw_only=True)
class GlanceCell(Part):
    """One cell of the strip below the name.

    `read` answers None where there is nothing to say. `instead_of` names a cell that
    gives way where this one has something to say.
    """

    label: str | Promise
    read: Callable[[RequestContext, Customer], Cell | None]
    instead_of: str = ""


@dataclass(frozen=True)
class LabelledCell:
    """A cell of the line at the top of the customer page, with its label."""

    label: str | Promise
    cell: Cell


def glance(context: RequestContext, customer: Customer) -> list[LabelledCell]:
    """The cells that have something to say, less those that give way to another."""
    parts = parts_for(GlanceCell, context)
    read = {part.name: part.read(context, customer) for part in parts}
    replaced = {part.instead_of for part in parts if read[part.name]}
    return [
        LabelledCell(part.label, cell)
        for part in parts
        if (cell := read[part.name]) and part.name not in replaced
    ]


@dataclass(frozen=True, kw_only=True)
class CustomerPanel(Part):
    """A section beside the timeline: `template` below the heading `label`.

    The template finds what was read as `panel`, and `customer`, `context`, `now`. Where
    `read` answers None, there is no section.
    """

    label: str | Promise
    template: str
    read: Callable[[RequestContext, Customer], object]


@dataclass(frozen=True, kw_only=True)
class OpenSection(Part):
    """What is open with the customer, listed above the timeline.

    `template` draws one `task`; where there is none, there is no heading either.
    """

    label: str | Promise
    template: str
    read: Callable[[RequestContext, Customer], Sequence[Task]]


@dataclass(frozen=True, kw_only=True)
class CustomerAction(Part):
    """Something to begin from the head of the customer page.

    `url` is a page of this customer, or "#..." a place on the page itself. `in_place`:
    htmx puts the form of that page beside the timeline. `in_menu`: behind the three
    dots, with its icon. `key` is the single key that presses it; `shown_key` one that
    is only shown, where the page itself listens to it.
    """

    label: str | Promise
    url: Callable[[Customer], str]
    icon: str = ""
    key: str = ""
    shown_key: str = ""
    is_primary: bool = False
    in_place: bool = False
    in_menu: bool = False


# --- The customer list ---------------------------------------------------------------


class ColumnKind(StrEnum):
    """How a value is written: a day, a number at the end of its cell, or text."""

    DAY = "day"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class CustomerColumn(Part):
    """A column of the list. `annotations` are added to the one query of the page, each
    a sub-select through an index, by a name that `Customer` has not; `read` takes the
    value from a row, None for none."""

    label: str | Promise
    read: Callable[[RequestContext, Customer], object]
    kind: ColumnKind = ColumnKind.TEXT
    annotations: Mapping[str, Combinable] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CustomerBadge(Part):
    """A badge behind the name, in each row of the list for which `condition` holds: an
    expression for the one query of the page, such as an Exists through an index."""

    label: str | Promise
    icon: str
    condition: Combinable
    tone: str = "info"
