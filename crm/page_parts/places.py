"""Where a call, a follow-up or a message stands besides: the page of an app above."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

from crm.page_parts.registry import Part, parts_for
from crm.request_context import RequestContext

_Row = TypeVar("_Row", bound=Model)


@dataclass(frozen=True, kw_only=True)
class RowPlace(Part):
    """A link behind rows of `of`, a model of an app below, to the page of their own.

    `number` is an expression for the query of these rows, such as a sub-select through
    an index: the id of that page's row, or null. `url` makes the address of it.
    """

    of: type[Model]
    label: str | Promise
    number: Combinable
    url: Callable[[int], str]


@dataclass(frozen=True)
class Place:
    """Where a call or follow-up belongs: words and address of that page."""

    label: str | Promise
    url: str


def with_places(context: RequestContext, rows: "QuerySet[_Row]") -> "QuerySet[_Row]":
    """The same rows, for `place_of`; no further query."""
    numbers = {_column(part): part.number for part in _parts(context, rows.model)}
    return rows.annotate(**numbers) if numbers else rows


def place_of(context: RequestContext, row: Model) -> Place | None:
    """The first place of a row that `with_places` gave."""
    for part in _parts(context, type(row)):
        number = getattr(row, _column(part), None)
        if number is not None:
            return Place(part.label, part.url(number))
    return None


def _parts(context: RequestContext, model: type[Model]) -> Iterable[RowPlace]:
    return [part for part in parts_for(RowPlace, context) if part.of is model]


def _column(part: RowPlace) -> str:
    return f"place_{part.name}"
