"""Customers by month, from the sums: what each value of a dimension comes to."""

from datetime import date

from psycopg.sql import SQL, Composed, Identifier, Literal

_BY_VALUE = SQL("""
SELECT value, coalesce(sum(new + back - lost) FILTER (WHERE month < {first}), 0),
    coalesce(sum(new + back - lost) FILTER (WHERE {within}), 0),
    coalesce(sum(new - {new_gone}) FILTER (WHERE {within}), 0),
    coalesce(sum(back - {back_gone}) FILTER (WHERE {within}), 0)
FROM insights_cell WHERE basis = {basis} AND dimension = {dimension}
GROUP BY value ORDER BY value
""")
_WITHIN = SQL("month >= {first} AND month < {after}")


def by_value(
    basis: str, dimension: str, unit: str, span: tuple[date, date]
) -> Composed:
    """Of a month, quarter or year: who was there before it and how many more were
    there at its end, and of those who came in it for the first time or again, who was
    there then."""
    first, after = (Literal(day) for day in span)
    return _BY_VALUE.format(
        basis=Literal(basis),
        dimension=Literal(dimension),
        first=first,
        within=_WITHIN.format(first=first, after=after),
        new_gone=Identifier(f"new_gone_in_{unit}"),
        back_gone=Identifier(f"back_gone_in_{unit}"),
    )
