"""Pages of customers in the order of a field that staff made, along its index.

Anyone who has no value comes last, by name, in either direction: two walks, of which a
page takes the second where the first is at its end.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection
from psycopg import sql

from crm.rules.choices import CustomKind
from crm.segments import Filters
from crm.sql.custom_fields import has_value, sort_keys
from crm.sql.customer_filters import who
from desk.sql import lists
from desk.sql.lists import Cut


@dataclass(frozen=True)
class Sorting:
    """By which field, from low to high or from high to low."""

    key: str
    kind: CustomKind
    is_descending: bool


def by_field(sorting: Sorting, filters: Filters, cut: Cut, *, today: date) -> list[int]:
    """One page; `cut` names the row before or after it."""
    if cut.before is not None:
        return _before(sorting, filters, cut, today)
    if cut.after is not None and not _has_value(sorting, cut.after.id):
        return _without(sorting, filters, cut, today)
    found = _with(sorting, filters, cut, today)
    if len(found) < cut.limit:
        rest = Cut(cut.limit - len(found))
        found += _without(sorting, filters, rest, today)
    return found


def _before(sorting: Sorting, filters: Filters, cut: Cut, today: date) -> list[int]:
    assert cut.before is not None
    if _has_value(sorting, cut.before.id):
        return _with(sorting, filters, cut, today)
    found = _without(sorting, filters, cut, today)
    if len(found) < cut.limit:
        rest = replace(cut, limit=cut.limit - len(found))
        found = _with(sorting, filters, rest, today, is_end=True) + found
    return found


def _has_value(sorting: Sorting, customer_id: int) -> bool:
    query = sql.SQL("SELECT {has} FROM crm_customer c WHERE c.id = {id}").format(
        has=has_value(sorting.key), id=sql.Literal(customer_id)
    )
    row = _first(query)
    return bool(row and row[0])


def _without(sorting: Sorting, filters: Filters, cut: Cut, today: date) -> list[int]:
    only = sql.SQL("NOT {}").format(has_value(sorting.key))
    query = lists.by_name_query(filters, cut, today=today, only=only)
    return _page(query, is_reversed=cut.before is not None)


def _with(
    sorting: Sorting, filters: Filters, cut: Cut, today: date, *, is_end: bool = False
) -> list[int]:
    """`is_end`: the last ones there are, whichever row `cut` names."""
    is_backwards = cut.before is not None
    query = with_value_query(sorting, filters, cut, today=today, is_end=is_end)
    return _page(query, is_reversed=is_backwards)


def with_value_query(
    sorting: Sorting,
    filters: Filters,
    cut: Cut,
    *,
    today: date,
    is_end: bool = False,
) -> sql.Composed:
    """The ids of one page of those who have a value, walked along the index."""
    keys = [*sort_keys(sorting.kind, sorting.key), sql.SQL("c.id")]
    is_upwards = sorting.is_descending == (cut.before is not None)
    direction = sql.SQL("" if is_upwards else " DESC")
    row = None if is_end else cut.before or cut.after
    return sql.SQL(
        "SELECT c.id FROM crm_customer c WHERE {who} AND {has} {keyset}"
        " ORDER BY {order} LIMIT {limit}"
    ).format(
        who=who(filters, today=today),
        has=has_value(sorting.key),
        keyset=_keyset(sorting, row.id, is_upwards) if row else sql.SQL(""),
        order=sql.SQL(", ").join([sql.SQL("{}{}").format(k, direction) for k in keys]),
        limit=sql.Literal(cut.limit),
    )


def _keyset(sorting: Sorting, customer_id: int, is_upwards: bool) -> sql.Composable:
    """Beyond the row that a link names, by its values as they are now."""
    keys = sort_keys(sorting.kind, sorting.key)
    query = sql.SQL("SELECT {keys} FROM crm_customer c WHERE c.id = {id}").format(
        keys=sql.SQL(", ").join(keys), id=sql.Literal(customer_id)
    )
    values = [*(_first(query) or ()), customer_id]
    return sql.SQL("AND ({keys}, c.id) {sign} ({values})").format(
        keys=sql.SQL(", ").join(keys),
        sign=sql.SQL(">" if is_upwards else "<"),
        values=sql.SQL(", ").join(map(sql.Literal, values)),
    )


def _first(query: sql.Composed) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _page(query: sql.Composed, *, is_reversed: bool) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        ids = [row[0] for row in cursor.fetchall()]
    return ids[::-1] if is_reversed else ids
