"""Who is behind a figure: conditions on the spells `s` of one span of time.

Somebody is there at the beginning of a day where a spell began on an earlier one and
has not ended before it. So whoever comes on the first day of a span is gained in it,
and whoever's last day is the one before it was lost before.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

_THERE_FIRST = "s.starts_on < {a} AND coalesce(s.ends_on, 'infinity') >= {a}"
_THERE_LAST = "coalesce(s.ends_on, 'infinity') >= {b}"
_CAME = "s.starts_on >= {a} AND s.starts_on < {b}"
GROUPS: Mapping[str, SQL] = {
    "start": SQL(_THERE_FIRST),
    "kept": SQL("s.starts_on < {a} AND " + _THERE_LAST),
    "lost": SQL(_THERE_FIRST + " AND s.ends_on < {b}"),
    "new": SQL(_CAME + " AND s.number = 1 AND " + _THERE_LAST),
    "back": SQL(_CAME + " AND s.number > 1 AND " + _THERE_LAST),
    "end": SQL("s.starts_on < {b} AND " + _THERE_LAST),
}
# Of these there is a list, too: all who were gained, new or back.
LISTED = {**GROUPS, "gained": SQL(_CAME + " AND " + _THERE_LAST)}
_TOUCHES = SQL("s.starts_on < {b} AND coalesce(s.ends_on, 'infinity') >= {a}")
_COLUMNS: Mapping[str, SQL] = {
    "country": SQL("s.country = {value}"),
    "source": SQL("s.source = {value}"),
    "owner": SQL("coalesce(s.owner_id::text, '') = {value}"),
}
# Bought before the span began: who buys it later must have stayed for that.
_BOUGHT = SQL(
    """s.customer_id IN (SELECT l.customer_id FROM crm_orderline l
    WHERE l.product_id = {product} AND l.nature = 'purchase' AND l.ordered_on < {a})"""
)

NOBODY = SQL("false")
NO_IDS = SQL("SELECT 0::bigint WHERE false")
_OF_CUSTOMERS: Mapping[str, SQL] = {
    "country": SQL("country"),
    "source": SQL("heard_from"),
    "owner": SQL("coalesce(owner_id::text, '')"),
}
# Of those who first bought between two days: everybody, who bought in the span, and
# who bought on a second day at all.
BUYERS: Mapping[str, SQL] = {
    "buyers": SQL("true"),
    "bought": SQL(
        "EXISTS (SELECT FROM unnest(b.days) day WHERE day >= {a} AND day < {b})"
    ),
    # What is dated in days to come is not known yet.
    "repeated": SQL("b.days[2] < {b}"),
}

# Somebody has one spell at most at the start of a span, and so one row on either side.
_IN_BOTH = SQL(
    """SELECT {at} AS at, count(*) AS base,
        count(*) FILTER (WHERE was.kept AND now.kept) AS both_kept,
        count(*) FILTER (WHERE was.kept) AS was_kept,
        count(*) FILTER (WHERE now.kept) AS now_kept
    FROM ({was}) was JOIN ({now}) now USING (customer_id)"""
)
_BOUGHT_IN_BOTH = SQL(
    """SELECT count(*), count(*) FILTER (WHERE b.days[1] < {a}),
        count(*) FILTER (WHERE b.days[1] < {a}), count(*)
    FROM insights_buyer b
    WHERE b.days[1] < {b} AND b.days[cardinality(b.days)] >= {c} AND {was} AND {now}"""
)


def of_value(dimension: str, value: str) -> Composable:
    """Spells of this country, source or owner; of everybody for "all"."""
    column = _COLUMNS.get(dimension)
    return column.format(value=Literal(value)) if column else SQL("true")


def of_sources(sources: Sequence[str]) -> Composed:
    """Spells of whoever gave one of these answers."""
    return SQL("s.source = ANY({})").format(Literal(list(sources)))


def who_bought(product_id: int, before: date) -> Composed:
    """Spells of those who bought this product before a day."""
    return _BOUGHT.format(product=Literal(product_id), a=Literal(before))


def ids_who_bought(product_id: int, before: date) -> Composed:
    """A SELECT of the ids of those who bought this product before a day."""
    return SQL(
        "SELECT customer_id FROM crm_orderline WHERE product_id = {}"
        " AND nature = 'purchase' AND ordered_on < {}"
    ).format(Literal(product_id), Literal(before))


def ids_of_value(dimension: str, value: str) -> Composed:
    """A SELECT of the ids of customers of this country, source or owner."""
    return SQL("SELECT id FROM crm_customer WHERE {} = {}").format(
        _OF_CUSTOMERS[dimension], Literal(value)
    )


def who_is_in(people: Composable) -> Composed:
    """Spells of the customers of a SELECT of ids."""
    return SQL("s.customer_id IN ({})").format(people)


def counts(basis: str, spans: Sequence[tuple[date, date]], who: Composable) -> Composed:
    """A row for each span, in their order: how many are in each group, in the order of
    GROUPS."""
    ends = {"a": SQL("span.a"), "b": SQL("span.b")}
    columns = [
        SQL("count(*) FILTER (WHERE s.id IS NOT NULL AND {})").format(
            group.format(**ends)
        )
        for group in GROUPS.values()
    ]
    rows = [
        SQL("({}, {}::date, {}::date)").format(at, Literal(a), Literal(b))
        for at, (a, b) in enumerate(spans)
    ]
    return SQL(
        """SELECT {} FROM (VALUES {}) span (at, a, b)
        LEFT JOIN insights_spell s ON s.basis = {} AND {} AND {}
        GROUP BY span.at ORDER BY span.at"""
    ).format(
        SQL(", ").join(columns),
        SQL(", ").join(rows),
        Literal(basis),
        # Before anybody is looked for: all groups are of spells that touch the span.
        _TOUCHES.format(**ends),
        who,
    )


def in_both(
    basis: str,
    spans: Sequence[tuple[tuple[date, date], tuple[date, date]]],
    who: tuple[Composable, Composable],
) -> Composed:
    """A row for each pair of spans, in their order: of those who are in the start of
    both, how many there are, how many were kept in both, in the earlier, in the later.
    `who`: conditions on the spells of either."""
    parts = [
        _IN_BOTH.format(
            at=Literal(at),
            was=_kept(basis, earlier, who[0]),
            now=_kept(basis, later, who[1]),
        )
        for at, (earlier, later) in enumerate(spans)
    ]
    return SQL(
        "SELECT base, both_kept, was_kept, now_kept FROM ({}) e ORDER BY at"
    ).format(SQL(" UNION ALL ").join(parts))


def _kept(basis: str, span: tuple[date, date], who: Composable) -> Composed:
    """Who is there at the start of a span, each once, and whether they were kept."""
    return SQL(
        "SELECT s.customer_id, {} AS kept FROM insights_spell s"
        " WHERE s.basis = {} AND {} AND {}"
    ).format(
        _within(SQL(_THERE_LAST), span),
        Literal(basis),
        _within(GROUPS["start"], span),
        who,
    )


def bought_in_both(
    earlier: tuple[date, date],
    later: tuple[date, date],
) -> Composed:
    """The same of those who bought in both spans, by whether they had bought before
    each: before the later one all of them had."""
    return _BOUGHT_IN_BOTH.format(
        was=_within(BUYERS["bought"], earlier),
        now=_within(BUYERS["bought"], later),
        a=Literal(earlier[0]),
        b=Literal(earlier[1]),
        c=Literal(later[0]),
    )


def ids(basis: str, span: tuple[date, date], group: str, who: Composable) -> Composed:
    """The customers of one group, each once, as a SELECT of ids."""
    return SQL(
        "SELECT s.customer_id FROM insights_spell s WHERE s.basis = {} AND {} AND {}"
    ).format(Literal(basis), _within(LISTED[group], span), who)


def buyers(group: str, cohort: tuple[date, date], span: tuple[date, date]) -> Composed:
    """Those of a cohort in one group of BUYERS, each once, as a SELECT of ids."""
    first, last = cohort
    return SQL(
        "SELECT b.customer_id FROM insights_buyer b"
        " WHERE b.days[1] >= {} AND b.days[1] <= {} AND {}"
    ).format(Literal(first), Literal(last), _within(BUYERS[group], span))


def most_bought(before: date, most: int) -> Composed:
    """The products that most people had bought before a day, in this order."""
    return SQL(
        """SELECT product_id FROM crm_orderline
        WHERE nature = 'purchase' AND ordered_on < {}
        GROUP BY product_id ORDER BY count(DISTINCT customer_id) DESC, product_id
        LIMIT {}"""
    ).format(Literal(before), Literal(most))


def _within(group: SQL, span: tuple[date, date]) -> Composed:
    a, b = span
    return group.format(a=Literal(a), b=Literal(b))
