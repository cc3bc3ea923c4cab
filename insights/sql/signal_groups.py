"""The signals of loyalty of two groups, or of one in two quarters, in one statement.

Who is in each group is asked once, and each table is read once for both sides and for
all signals that come from it. Of each signal there are four columns of a person: who is
asked about in the earlier span and who of them is counted, and the same of the later
one, as insights/sql/signals.py says it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg.sql import SQL, Composable, Composed, Literal

from insights.sql.signals import NEW_FOR_DAYS

Days = tuple[date, date]
# A product and the day on which it was first sold.
Debut = tuple[int, date]
_PEOPLE = SQL("{name} (id) AS MATERIALIZED ({people})")
_JOIN = SQL("LEFT JOIN {name} ON {name}.id = found.id")
_COUNTS = SQL(
    "count(*) FILTER (WHERE {was}), count(*) FILTER (WHERE {was} AND {was_counted}),"
    " count(*) FILTER (WHERE {now}), count(*) FILTER (WHERE {now} AND {now_counted}),"
    " count(*) FILTER (WHERE {was} AND {now}),"
    " count(*) FILTER (WHERE {was} AND {was_counted} AND {now} AND {now_counted}),"
    " count(*) FILTER (WHERE {was} AND {was_counted} AND {now}),"
    " count(*) FILTER (WHERE {was} AND {now} AND {now_counted})"
)
# What comes first is found and then joined to the groups: OFFSET 0 forbids the other
# way round.
# Customers of either span.
_THERE = SQL(
    """SELECT found.id, bool_or({was} AND is_first) AS churn_was,
        bool_or(is_first AND until < {b}) AS churn_was_counted,
        bool_or({now} AND is_first_now) AS churn_now,
        bool_or(is_first_now AND until < {d}) AS churn_now_counted,
        bool_or({was} AND came) AS referred_was, bool_or(is_said AND came)
            AS referred_was_counted,
        bool_or({now} AND came_now) AS referred_now, bool_or(is_said AND came_now)
            AS referred_now_counted,
        bool_or({was} AND starts_on < {b} AND until >= {a}) AS praise_was,
        found.id IN (SELECT id FROM praised WHERE day < {b}) AS praise_was_counted,
        bool_or({now} AND starts_on < {d} AND until >= {c}) AS praise_now,
        found.id IN (SELECT id FROM praised WHERE day >= {c}) AS praise_now_counted
    FROM (SELECT customer_id AS id, starts_on, until,
            starts_on < {a} AND until >= {a} AS is_first,
            starts_on < {c} AND until >= {c} AS is_first_now,
            number = 1 AND starts_on >= {a} AND starts_on < {b} AND until >= {b}
                AS came,
            number = 1 AND starts_on >= {c} AND starts_on < {d} AND until >= {d}
                AS came_now,
            source = ANY ({recommended}) AS is_said
        FROM insights_spell,
            LATERAL (SELECT coalesce(ends_on, 'infinity')) last (until)
        WHERE basis = {basis} AND starts_on < {d} AND until >= {a} OFFSET 0
        ) found {joins}
    WHERE {was} OR {now} GROUP BY found.id"""
)
_PRAISED = SQL(
    """praised AS MATERIALIZED (
    SELECT customer_id AS id, day FROM support_conversation c,
        LATERAL (SELECT (c.opened_at AT TIME ZONE {zone})::date) at (day)
    WHERE c.kind = 'praise' AND c.customer_id IS NOT NULL AND NOT c.is_spam
        AND c.answers_id IS NULL AND c.side_of_id IS NULL AND {within}
        AND 'in' = (SELECT m.direction FROM support_mail m
            WHERE m.conversation_id = c.id ORDER BY m.at, m.id LIMIT 1))"""
)
# Whoever complained in either span.
_COMPLAINTS = SQL(
    """SELECT found.id, bool_or({was} AND day < {b}) AS complaints_was,
        EXISTS (SELECT {customers} AND s.starts_on < {b}
            AND coalesce(s.ends_on, 'infinity') >= {b}) AS complaints_was_counted,
        bool_or({now} AND day >= {c}) AS complaints_now,
        EXISTS (SELECT {customers} AND s.starts_on < {d}
            AND coalesce(s.ends_on, 'infinity') >= {d}) AS complaints_now_counted
    FROM (SELECT c.customer_id AS id, day FROM support_conversation c,
            LATERAL (SELECT (c.opened_at AT TIME ZONE {zone})::date) at (day)
        WHERE c.kind = 'complaint' AND c.customer_id IS NOT NULL AND NOT c.is_spam
            AND {within} OFFSET 0) found {joins}
    GROUP BY found.id"""
)
_CUSTOMERS = SQL(
    "FROM insights_spell s WHERE s.customer_id = found.id AND s.basis = {}"
)
# The last review of each person in either span.
_REVIEWS = SQL(
    """SELECT found.id, bool_or({was} AND day < {b}) AS reviews_was,
        bool_or(is_good AND day < {b}) AS reviews_was_counted,
        bool_or(is_shown AND day < {b}) AS shown_was_counted,
        bool_or({now} AND day >= {c}) AS reviews_now,
        bool_or(is_good AND day >= {c}) AS reviews_now_counted,
        bool_or(is_shown AND day >= {c}) AS shown_now_counted
    FROM (SELECT DISTINCT ON (r.customer_id, day >= {c}) r.customer_id AS id, day,
            r.stars >= 4 AS is_good,
            r.stars >= 4 AND r.body <> '' AND r.name_shown <> '' AS is_shown
        FROM feedback_review r,
            LATERAL (SELECT (r.written_at AT TIME ZONE {zone})::date) at (day)
        WHERE r.state <> 'withdrawn' AND {within}
        ORDER BY r.customer_id, day >= {c}, r.written_at DESC, r.id DESC) found {joins}
    GROUP BY found.id"""
)
# Whoever bought something in either span, whatever came back of it.
_SPENT = SQL(
    """SELECT spent.*, coalesce(back.was, false) AS refunds_was_counted,
        coalesce(back.now, false) AS refunds_now_counted,
        refunds_was AND since < {a} AND {a_is_known} AS novelty_was,
        coalesce(took.was, false) AS novelty_was_counted,
        refunds_now AND since < {c} AND {c_is_known} AS novelty_now,
        coalesce(took.now, false) AS novelty_now_counted
    FROM (SELECT found.id, min(first_month) AS since,
            bool_or(is_was AND {was}) AS refunds_was,
            bool_or(is_now AND {now}) AS refunds_now
        FROM (SELECT customer_id AS id, first_month,
                months[1] < {b} AND sales[width_bucket({b} - 1, months)]
                    > coalesce(sales[width_bucket({a} - 1, months)], 0) AS is_was,
                months[cardinality(months)] >= {c}
                    AND sales[width_bucket({d} - 1, months)]
                    > coalesce(sales[width_bucket({c} - 1, months)], 0) AS is_now
            FROM insights_spending WHERE months[cardinality(months)] >= {a}
                AND months[1] < {d} AND basis = 'orders' OFFSET 0) found {joins}
        WHERE (is_was AND {was}) OR (is_now AND {now}) GROUP BY found.id) spent
    LEFT JOIN ({back}) back USING (id) LEFT JOIN ({took}) took USING (id)"""
)
_BACK = SQL(
    """SELECT customer_id AS id, bool_or(day < {b}) AS was, bool_or(day >= {c}) AS now
    FROM (SELECT customer_id, ordered_on AS day FROM crm_orderline
        WHERE nature = 'return') l
    WHERE {within} GROUP BY 1"""
)
_TOOK = SQL(
    """SELECT customer_id AS id, bool_or(day < {b}) AS was, bool_or(day >= {c}) AS now
    FROM (SELECT customer_id, product_id, ordered_on AS day FROM crm_orderline
        WHERE nature = 'purchase') l
    JOIN unnest({products}::bigint[], {sold_on}::date[]) debut (product_id, sold_on)
        USING (product_id)
    WHERE day < debut.sold_on + {new_for} AND {within} GROUP BY 1"""
)
_TOOK_NOTHING = SQL("SELECT 0::bigint AS id, false AS was, false AS now WHERE false")
_BOUGHT = SQL(
    """SELECT found.id, is_was AND {was} AS repeat_was, since < {a}
            AS repeat_was_counted,
        is_now AND {now} AS repeat_now, since < {c} AS repeat_now_counted
    FROM (SELECT customer_id AS id, days[1] AS since,
            days[1] < {b} AND width_bucket({b} - 1, days)
                > width_bucket({a} - 1, days) AS is_was,
            days[cardinality(days)] >= {c} AND width_bucket({d} - 1, days)
                > width_bucket({c} - 1, days) AS is_now
        FROM insights_buyer WHERE days[cardinality(days)] >= {a} AND days[1] < {d}
        OFFSET 0) found {joins}
    WHERE (is_was AND {was}) OR (is_now AND {now})"""
)
# Rows of people, and what is counted of them: {name: the columns of who is asked}.
_Part = tuple[SQL, Mapping[str, str]]
_OF_ALL: Sequence[_Part] = (
    (_THERE, {"churn": "churn", "referred": "referred", "praise": "praise"}),
    (_COMPLAINTS, {"complaints": "complaints"}),
    (_REVIEWS, {"reviews": "reviews", "shown": "reviews"}),
)
_OF_ORDERS: Sequence[_Part] = (
    (_SPENT, {"refunds": "refunds", "novelty": "novelty"}),
    (_BOUGHT, {"repeat": "repeat"}),
)
_WITHIN = SQL("((day >= {a} AND day < {b}) OR (day >= {c} AND day < {d}))")
# When each product was first sold, and from which day on that says that it was new.
DEBUTS = SQL(
    """SELECT product_id, min(ordered_on)::text,
        (min(min(ordered_on)) OVER () + 365)::text
    FROM crm_orderline WHERE nature = 'purchase' GROUP BY product_id"""
)


@dataclass(frozen=True)
class Novelties:
    """Products of which it is known when they were new; `since`: the first day on which
    anything was, None where nothing was ever sold."""

    since: date | None
    debuts: Sequence[Debut]


@dataclass(frozen=True)
class Sides:
    """Two spans and whose: SELECTs of ids, None for everybody. `was` is not the later
    one; `recommended`: what people write who came by recommendation."""

    was: Days
    now: Days
    people: tuple[Composable | None, Composable | None]
    recommended: Sequence[str]
    zone: str


def of_both(basis: str, sides: Sides, new: Novelties) -> tuple[list[str], Composed]:
    """The names of signals, and a statement of one row: eight numbers of each, base and
    count of the earlier, of the later, and of those who are in both: all, counted in
    both, in the earlier, in the later. `new` is asked of orders alone."""
    parts = [*_OF_ALL, *(_OF_ORDERS if basis == "orders" else ())]
    people, known = _known(basis, sides, new)
    names = [name for _rows, found in parts for name in found]
    told = [
        SQL("(SELECT {} FROM ({}) person)").format(
            SQL(", ").join(_counts(*one) for one in found.items()),
            rows.format(**known),
        )
        for rows, found in parts
    ]
    before = [
        *(_PEOPLE.format(name=SQL(name), people=one) for name, one in people.items()),
        _PRAISED.format(**known),
    ]
    return names, SQL("WITH {} SELECT * FROM {}").format(
        SQL(", ").join(before),
        SQL(", ").join(
            SQL("{} of_{}").format(one, SQL(str(at))) for at, one in enumerate(told)
        ),
    )


def _counts(name: str, asked: str) -> Composed:
    return _COUNTS.format(
        was=SQL(f"{asked}_was"),
        was_counted=SQL(f"{name}_was_counted"),
        now=SQL(f"{asked}_now"),
        now_counted=SQL(f"{name}_now_counted"),
    )


def _known(
    basis: str, sides: Sides, new: Novelties
) -> tuple[dict[str, Composable], dict[str, Composable]]:
    """The groups by their names in the statement, and what its parts name."""
    people, was, now = _people(sides.people)
    a, c = sides.was[0], sides.now[0]
    days: dict[str, Composable] = {
        name: Literal(day)
        for name, day in zip("abcd", (*sides.was, *sides.now), strict=True)
    }
    days["within"] = _WITHIN.format(**days)
    return people, days | {
        "was": was,
        "now": now,
        "joins": SQL(" ").join(_JOIN.format(name=SQL(name)) for name in people),
        "basis": Literal(basis),
        "customers": _CUSTOMERS.format(Literal(basis)),
        "zone": Literal(sides.zone),
        "recommended": Literal(list(sides.recommended)),
        "back": _BACK.format(**days),
        "took": _took(sides, new, days),
        "a_is_known": Literal(new.since is not None and a >= new.since),
        "c_is_known": Literal(new.since is not None and c >= new.since),
    }


def _people(
    sides: tuple[Composable | None, Composable | None],
) -> tuple[dict[str, Composable], SQL, SQL]:
    """What is to be asked by its name, each group once; and whether somebody who was
    found is on either side."""
    asked = [one for one in sides if one is not None]
    is_one = len(asked) == 2 and asked[0] == asked[1]
    people, conditions = {}, []
    for name, one in zip(("was_people", "now_people"), sides, strict=True):
        if one is None:
            conditions.append(SQL("true"))
            continue
        known = "was_people" if is_one else name
        people[known] = one
        conditions.append(SQL(f"{known}.id IS NOT NULL"))
    was, now = conditions
    return people, was, now


def _took(sides: Sides, new: Novelties, days: Mapping[str, Composable]) -> Composable:
    """Who took what was new in either span: of those few products alone."""
    first = sides.was[0] - timedelta(NEW_FOR_DAYS)
    debuts = [
        (product, day)
        for product, day in new.debuts
        if new.since is not None and day >= max(new.since, first) and day < sides.now[1]
    ]
    if not debuts:
        return _TOOK_NOTHING
    return _TOOK.format(
        products=Literal([product for product, _day in debuts]),
        sold_on=Literal([day for _product, day in debuts]),
        new_for=Literal(NEW_FOR_DAYS),
        **days,
    )
