"""Audiences: customers as the query string of the customer list names them.

`compiled` is the one place that turns such a string into SQL. Code that writes to an
audience asks that SQL again and never keeps a list of people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode

import phonenumbers
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from crm import selectors
from crm.rules import customer_search, names, search
from crm.rules.customer_search import Pattern
from crm.segments import Filters, all_fields, filters_of
from crm.sql.customer_filters import ids_elsewhere, likes, who
from web.errors import InvalidValue
from web.rules import text

EVERYBODY = ""
# Counted no further: a page shows "over 100,000".
COUNTED_UP_TO = 100_000


@dataclass(frozen=True)
class Audience:
    """Whom a query string names: by a search, and by the fields of all apps."""

    typed: str
    filters: Filters


def query_of(values: Mapping[str, str]) -> str:
    """The string that is stored: known names in one order, without empty ones."""
    kept = {name: values.get(name, "").strip() for name in names_of_a_query()}
    return urlencode({name: value for name, value in kept.items() if value})


def names_of_a_query() -> list[str]:
    """What a query string may name: the search, and the field of each filter."""
    return ["q", *(field.name for field in all_fields())]


def checked(query: str) -> str:
    """The same audience as it is stored; raises InvalidValue for anything that the
    customer list would not understand, and for an owner who does not exist."""
    values = dict(parse_qsl(query, keep_blank_values=True))
    if values.keys() - {*names_of_a_query()}:
        raise InvalidValue(fields={"audience": "unknown_filter"})
    most = customer_search.MOST_TYPED
    values["q"] = text.one_line(values.get("q", ""), field="audience", most=most)
    for field in all_fields():
        if refusal := field.refuse(values.get(field.name, "").strip()):
            raise InvalidValue(fields={"audience": refusal})
    return query_of(values)


def may_be_stored(query: str) -> bool:
    """Whether `checked` takes it."""
    try:
        checked(query)
    except InvalidValue:
        return False
    return True


def read(query: str) -> Audience:
    """A stored query string as a dictionary."""
    values = dict(parse_qsl(query))
    return Audience(typed=values.get("q", ""), filters=filters_of(values))


def compiled(query: str, *, country: str, today: date) -> sql.Composed | None:
    """A SELECT of the ids of live customers, each once; None: everybody.

    `country`: where telephone numbers without a calling code are at home; `today`: the
    shop's day.
    """
    if query == EVERYBODY:
        return None
    audience = read(query)
    if not audience.typed:
        return _select(audience.filters, today)
    found = patterns(audience.typed, country=country)
    if not found:
        return _select(audience.filters, today, sql.SQL("false"))
    arms = [_select(audience.filters, today, _asks(pattern)) for pattern in found]
    return sql.SQL(" UNION ").join(arms)


def patterns(typed: str, *, country: str) -> list[Pattern]:
    """Which indexes a search asks, for the customer list and for audiences."""
    typed = typed[: customer_search.MOST_TYPED]
    whole = "@" in typed and "." in typed.rpartition("@")[2]
    return customer_search.patterns(
        typed,
        words=search.search_words(typed),
        email=names.normalise_email(typed) if whole else "",
        phone_parts=text.phone_parts(typed),
        country_code=phonenumbers.country_code_for_region(country) or None,
    )


def as_conditions(query: str) -> dict[str, object] | None:
    """The same people as the conditions of a segment, as JSON; None where there is no
    condition for something that it asks, or it asks for nothing."""
    audience = read(query)
    asked = [field for field in all_fields() if field.name in audience.filters]
    parts: list[dict[str, object]] = []
    for field in asked:
        condition = field.as_condition(audience.filters[field.name])
        if condition is None:
            return None
        parts.append(condition)
    if audience.typed:
        found = {"field": "search", "is": "contains", "values": [audience.typed]}
        parts.append({**found})
    return {"match": "all", "parts": parts} if parts else None


def is_by_opinion(query: str) -> bool:
    """Whether it chooses people by what they think of us."""
    filters = read(query).filters
    return any(
        field.is_opinion(filters[field.name])
        for field in all_fields()
        if field.name in filters
    )


def everybody_in(query: str, *, country: str, today: date) -> sql.Composed:
    """As `compiled`, but everybody is a SELECT, too."""
    return compiled(query, country=country, today=today) or _select({}, today)


def count_all(query: str, *, now: datetime) -> int:
    """How many people are in it now, however many that is."""
    business = selectors.business()
    people = everybody_in(query, country=business.country, today=business.day(now))
    counted = sql.SQL("SELECT count(*) FROM ({people}) people").format(people=people)
    with connection.cursor() as cursor:
        cursor.execute(counted)
        return int(cursor.fetchone()[0])


def count(query: str, *, now: datetime) -> int:
    """How many people are in it now, counted up to one more than COUNTED_UP_TO."""
    business = selectors.business()
    today = business.day(now)
    people = compiled(query, country=business.country, today=today)
    counted = sql.SQL(
        "SELECT count(*) FROM (SELECT FROM ({people}) people LIMIT {most}) counted"
    ).format(people=people or _select({}, today), most=sql.Literal(COUNTED_UP_TO + 1))
    with connection.cursor() as cursor:
        cursor.execute(counted)
        return int(cursor.fetchone()[0])


def in_words(query: str) -> str:
    """The audience as a sentence in the reader's language, without a full stop."""
    if query == EVERYBODY:
        return _("Everybody")
    audience = read(query)
    chosen = [field for field in all_fields() if field.name in audience.filters]
    parts = [] if any(field.is_subject for field in chosen) else [_("Customers")]
    for field in sorted(chosen, key=lambda field: not field.is_subject):
        parts.append(field.words(audience.filters[field.name]))
    if audience.typed:
        parts.append(_("found by “%(typed)s”") % {"typed": audience.typed})
    return ", ".join(parts)


def _select(filters: Filters, today: date, *more: sql.Composable) -> sql.Composed:
    conditions = sql.SQL(" AND ").join([who(filters, today=today), *more])
    return sql.SQL("SELECT c.id FROM crm_customer c WHERE {conditions}").format(
        conditions=conditions
    )


def _asks(pattern: Pattern) -> sql.Composable:
    if pattern.column not in customer_search.ELSEWHERE:
        return likes(pattern)
    return sql.SQL("c.id IN ({})").format(ids_elsewhere(pattern))
