"""SQL of conditions on a customer `c`, put together of few shapes.

Each shape stands for itself in a WHERE: an IN or a NOT EXISTS there becomes a join,
which an OR would prevent. So a group that asks for any of its parts is one set of ids.
"""

from collections.abc import Iterable
from datetime import date

from psycopg import sql

from crm.condition_fields import Asked
from crm.rules.segment_tree import Is

Where = sql.Composable


def compared(value: Where, asked: Asked) -> Where:
    """What is asked of a number, an amount, a day or a text of one customer."""
    condition, today = asked.condition, asked.today
    ask = condition.is_
    if ask is Is.KNOWN:
        return sql.SQL("({v} IS NOT NULL)").format(v=value)
    if ask is Is.UNKNOWN:
        return sql.SQL("({v} IS NULL)").format(v=value)
    if condition.period is not None:
        return _in_period(value, asked)
    text = condition.values[0]
    if ask in (Is.AT_LEAST, Is.AT_MOST):
        sign = ">=" if ask is Is.AT_LEAST else "<="
        return _compare(value, sign, sql.Literal(asked.number))
    if ask in (Is.ON_OR_AFTER, Is.BEFORE):
        sign = ">=" if ask is Is.ON_OR_AFTER else "<"
        return _compare(value, sign, sql.SQL("{}::date").format(sql.Literal(text)))
    raise ValueError(f"{ask} of a value on {today}")


def _compare(value: Where, sign: str, other: Where) -> Where:
    return sql.SQL("({v} {sign} {other})").format(
        v=value,
        sign=sql.SQL(sign),
        other=other,
    )


def _in_period(value: Where, asked: Asked) -> Where:
    """Thirty days ago is in the last 30 days; what lies ahead is neither in the last
    days nor longer ago."""
    period, today = asked.condition.period, asked.today
    assert period is not None
    ask = asked.condition.is_
    if ask is Is.IN_NEXT:
        first, last = today, period.after(today)
    elif ask is Is.IN_LAST:
        first, last = period.before(today), today
    else:
        return _compare(value, "<", sql.Literal(period.before(today)))
    return sql.SQL("({v} BETWEEN {first} AND {last})").format(
        v=value, first=sql.Literal(first), last=sql.Literal(last)
    )


def day_of(moment: Where, zone: str) -> Where:
    """The day of a moment in this zone: the shop's, as `today` is its day."""
    return sql.SQL("({moment} AT TIME ZONE {zone})::date").format(
        moment=moment, zone=sql.Literal(zone)
    )


def begin_of(day: date, zone: str) -> Where:
    """The moment at which a day begins in this zone."""
    return sql.SQL("({day}::timestamp AT TIME ZONE {zone})").format(
        day=sql.Literal(day), zone=sql.Literal(zone)
    )


def text_of(value: Where, asked: Asked) -> Where:
    """What is asked of a text: that it contains another, whatever the case."""
    if asked.condition.is_ is Is.KNOWN:
        return sql.SQL("({v} <> '')").format(v=value)
    if asked.condition.is_ is Is.UNKNOWN:
        return sql.SQL("({v} = '')").format(v=value)
    text = asked.condition.values[0].strip()
    return sql.SQL("(strpos(lower({v}), lower({text})) > 0)").format(
        v=value, text=sql.Literal(text)
    )


def chosen(value: Where, asked: Asked) -> Where:
    """One of the chosen values, or none of them: what is not known is none of them."""
    is_one = sql.SQL("({v} = ANY({values}))").format(
        v=value, values=sql.Literal(list(asked.condition.values))
    )
    if asked.condition.is_ is Is.ANY_OF:
        return is_one
    return sql.SQL("({one} IS NOT TRUE)").format(one=is_one)


def among(ids: Where, *, is_in: bool) -> Where:
    """The customer is, or is not, one of the ids that this SELECT gives as `id`."""
    if is_in:
        return sql.SQL("c.id IN ({ids})").format(ids=ids)
    return sql.SQL(
        "NOT EXISTS (SELECT FROM ({ids}) others WHERE others.id = c.id)"
    ).format(ids=ids)


def any_of(parts: Iterable[Where], *, is_in: bool) -> Where:
    """Any, or none, of these conditions."""
    selects = [
        sql.SQL("SELECT c.id FROM crm_customer c WHERE {part}").format(part=part)
        for part in parts
    ]
    return among(sql.SQL(" UNION ALL ").join(selects), is_in=is_in)


def all_of(parts: Iterable[Where]) -> Where:
    """All of these conditions."""
    return sql.SQL(" AND ").join([sql.SQL("({})").format(part) for part in parts])


def counted(rows: Where, number: Where, asked: Asked) -> Where:
    """How many or how much the rows of a customer come to; without rows it is nothing.

    `rows` is FROM and WHERE of rows with a `customer_id`; `number` an aggregate.
    """
    return _numbered(
        sql.SQL("SELECT customer_id AS id {rows} GROUP BY customer_id HAVING").format(
            rows=rows
        ),
        number,
        asked,
    )


def kept(rows: Where, number: Where, asked: Asked) -> Where:
    """As `counted`, where each row has the number already: nothing is added up, so that
    a page of some people reads the rows of these alone."""
    return _numbered(
        sql.SQL("SELECT customer_id AS id {rows} AND").format(rows=rows), number, asked
    )


def _numbered(ids: Where, number: Where, asked: Asked) -> Where:
    """`ids` ends where the question about the number follows."""
    is_some = asked.condition.is_ is Is.AT_LEAST and asked.number > 0
    sign = ">=" if is_some else "<" if asked.condition.is_ is Is.AT_LEAST else ">"
    found = sql.SQL("{ids} {number} {sign} {n}").format(
        ids=ids, number=number, sign=sql.SQL(sign), n=sql.Literal(asked.number)
    )
    return among(found, is_in=is_some)


def latest(table: str, live: sql.SQL, moment: str, which: Where) -> Where:
    """A SELECT of whose newest row meets `which`, asked of the row `r`: there is such a
    row, and none after it. No DISTINCT ON, which reads everybody's rows for a page of
    some people.

    `live`: which rows count, asked of {row}; `moment`: the column that orders them,
    before the id.
    """
    return sql.SQL(
        "SELECT r.customer_id AS id FROM {table} r WHERE {live} AND {which}"
        " AND NOT EXISTS (SELECT FROM {table} later"
        " WHERE later.customer_id = r.customer_id AND {later_live}"
        " AND (later.{moment}, later.id) > (r.{moment}, r.id))"
    ).format(
        table=sql.Identifier(table),
        live=live.format(row=sql.Identifier("r")),
        later_live=live.format(row=sql.Identifier("later")),
        moment=sql.Identifier(moment),
        which=which,
    )
