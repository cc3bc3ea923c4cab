"""The list of customers: one page, by name or by a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import audiences
from crm.models import Customer, CustomField, SavedView, Segment, User
from crm.page_parts import ColumnKind, CustomerBadge, CustomerColumn, parts_for
from crm.request_context import RequestContext
from crm.segments import Filters, filters_of
from crm.services import saved_views
from desk import rules
from desk.selectors.custom_columns import (
    FieldFilter,
    SortChoice,
    custom_columns,
    field_filters,
    sort_choices,
    sorting_of,
)
from desk.sql import lists, sorted_lists
from desk.sql.lists import Cut, Key
from web.formats import number
from web.paging import read_id

PAGE = 50
# Up to here customers are counted; beyond, the planner's estimate is shown.
COUNTED_UP_TO = 2000


@dataclass(frozen=True)
class Cell:
    """What one column shows of one customer; None: nothing."""

    label: str
    kind: ColumnKind
    value: Any


@dataclass(frozen=True)
class Row:
    """One line of the customer list."""

    customer: Customer
    # The number of the customer as it stands in the page's HTML, the same everywhere.
    key: str
    # Empty where only an address or a number is known.
    name: str
    badges: list[CustomerBadge]
    cells: list[Cell]


@dataclass(frozen=True)
class CustomerPage:
    """One page of the customer list."""

    columns: list[CustomerColumn]
    rows: list[Row]
    typed: str
    owner: str
    # What narrows the list besides `typed`, by the names of the segment fields.
    filters: Filters
    owners: list[User]
    segment: str
    segments: list[Segment]
    newer_url: str
    older_url: str
    about: str
    # The filters as they stand in the address, for what is done with the list.
    kept: dict[str, str]
    # Fields that staff made: those to filter by and to sort by, where there are any.
    field_filters: list[FieldFilter]
    sort_choices: list[SortChoice]
    is_sorted: bool
    views: list[SavedView]
    # The same in the form that is stored; whether it can be, and as a segment.
    query: str
    may_be_saved: bool
    as_segment: bool

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.typed or self.filters)


def customer_page(context: RequestContext, wanted: Mapping[str, str]) -> CustomerPage:
    """One page of the customer list. `wanted` is the query: `q`, filters, cursor."""
    typed = wanted.get("q", "").strip()
    filters = _filters(context, wanted)
    fields = list(CustomField.objects.filter(archived_at=None))
    sorting = None if typed else sorting_of(fields, wanted.get("sort", ""))
    cut, today = _cut(wanted), context.business.day(context.now)
    if typed:
        found = audiences.patterns(typed, country=context.business.country)
        hits = lists.search(found, filters, cut, today=today)
        ids, about = [hit.id for hit in hits], _found(hits[0].gathered if hits else 0)
    else:
        ids = (
            sorted_lists.by_field(sorting, filters, cut, today=today)
            if sorting
            else lists.by_name(filters, cut, today=today)
        )
        about = "" if filters else _everybody()
    newer, older = _neighbours(cut, ids)
    shown = _page(cut, ids)
    columns = [*parts_for(CustomerColumn, context), *custom_columns(fields)]
    return CustomerPage(
        columns=columns,
        rows=_rows(context, columns, shown),
        typed=typed,
        owner=wanted.get("owner", ""),
        filters=filters,
        owners=colleagues(),
        segment=filters.get("segment", ""),
        segments=list(Segment.objects.all()),
        newer_url=_url(wanted, before=shown[0]) if newer else "",
        older_url=_url(wanted, after=shown[-1]) if older else "",
        about=about,
        kept=_kept(wanted),
        field_filters=field_filters(fields, filters.get("field", "")),
        sort_choices=[] if typed else sort_choices(fields, wanted.get("sort", "")),
        is_sorted=sorting is not None,
        views=list(saved_views.views_for(context.user)),
        **_saving(typed, filters),
    )


# --- What is asked -------------------------------------------------------------------


def _filters(context: RequestContext, wanted: Mapping[str, str]) -> Filters:
    asked = {name: wanted.get(name, "") for name in audiences.names_of_a_query()}
    if asked["owner"] == "me":
        asked["owner"] = str(context.user.pk)
    return filters_of(asked)


def _saving(typed: str, filters: Filters) -> dict[str, Any]:
    query = audiences.query_of({**filters, "q": typed})
    return {
        "query": query,
        "may_be_saved": bool(query) and audiences.may_be_stored(query),
        "as_segment": audiences.as_conditions(query) is not None,
    }


def _cut(wanted: Mapping[str, str]) -> Cut:
    """A place is the id of a row; one that is gone leads to the first page."""
    after, before = _key(wanted.get("after", "")), _key(wanted.get("before", ""))
    if after:
        return Cut(PAGE + 1, after=after)
    return Cut(PAGE + 1, before=before)


def _key(text: str) -> Key | None:
    found = read_id(text)
    return None if found is None else lists.key_of(found)


def colleagues() -> list[User]:
    """Whose customers may be asked for."""
    return list(User.objects.filter(is_active=True).order_by("name", "id"))


# --- What is shown -------------------------------------------------------------------


def _neighbours(cut: Cut, ids: list[int]) -> tuple[bool, bool]:
    """Whether there is a page before this one, and one after it."""
    has_more = len(ids) > PAGE
    if cut.before is not None:
        return has_more, bool(ids)
    return cut.after is not None and bool(ids), has_more


def _page(cut: Cut, ids: list[int]) -> list[int]:
    """Without the extra row that is read to know whether there is another page."""
    return ids[-PAGE:] if cut.before is not None else ids[:PAGE]


def _url(wanted: Mapping[str, str], **place: int) -> str:
    sort = {"sort": wanted["sort"]} if wanted.get("sort") else {}
    return "?" + urlencode({**_kept(wanted), **sort, **place})


def _kept(wanted: Mapping[str, str]) -> dict[str, str]:
    return {key: wanted[key] for key in audiences.names_of_a_query() if wanted.get(key)}


def _rows(
    context: RequestContext, columns: Sequence[CustomerColumn], ids: list[int]
) -> list[Row]:
    """The rows in the order of the ids, each with its cells."""
    badges = parts_for(CustomerBadge, context)
    found = {row.pk: row for row in _annotated(columns, badges, ids)}
    # Translated once a column and not once a cell.
    labels = [str(column.label) for column in columns]
    return [
        Row(
            customer,
            str(number),
            customer.full_name,
            [badge for badge in badges if getattr(customer, _holds(badge))],
            [
                Cell(label, column.kind, column.read(context, customer))
                for label, column in zip(labels, columns, strict=True)
            ],
        )
        for number in ids
        if (customer := found.get(number))
    ]


def _holds(badge: CustomerBadge) -> str:
    """The annotation that holds whether a row shows this badge."""
    return f"badge_{badge.name}"


def _annotated(
    columns: Sequence[CustomerColumn], badges: Sequence[CustomerBadge], ids: list[int]
) -> "QuerySet[Customer]":
    """One query, with a sub-select for whatever a column or a badge needs."""
    wanted = {_holds(badge): badge.condition for badge in badges}
    for column in columns:
        wanted |= column.annotations
    return (
        Customer.objects.live()
        .select_related("owner")
        .defer("notes", "custom", "search_text")
        .annotate(**wanted)
        .filter(pk__in=ids)
    )


def _found(count: int) -> str:
    if count > lists.MOST_HITS:
        return _("over %(n)s found; one more word narrows it") % {
            "n": number(lists.MOST_HITS)
        }
    return ngettext("%(n)s found", "%(n)s found", count) % {"n": number(count)}


def _everybody() -> str:
    estimate = lists.about_how_many()
    if estimate > COUNTED_UP_TO:
        return _("about %(n)s") % {"n": number(rules.roughly(estimate))}
    count = lists.live_up_to(COUNTED_UP_TO + 1)
    if count > COUNTED_UP_TO:
        return _("over %(n)s") % {"n": number(COUNTED_UP_TO)}
    return ngettext("%(n)s customer", "%(n)s customers", count) % {"n": number(count)}
