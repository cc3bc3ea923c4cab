"""Where those who came in a span of time had heard of us, and what they brought."""

from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

from crm.sql import subscriptions
from insights.choices import Basis
from insights.sql import people

# Orders are summed by currency already; what contracts brought is counted by days.
_ORDERED = SQL(
    """SELECT g.source, o.currency, sum(o.total) AS value
    FROM gained g JOIN crm_ordersum o ON o.customer_id = g.customer_id GROUP BY 1, 2"""
)
_CONTRACTED = SQL(
    """SELECT g.source, p.currency, round(sum(p.value * 12
        * greatest(least(coalesce(p.ends_on, {today}), {today}) - p.starts_on, 0)
        / 365.25), 4) AS value
    FROM gained g JOIN ({periods}) p ON p.customer_id = g.customer_id GROUP BY 1, 2"""
)


def gained(
    basis: Basis, span: tuple[date, date], today: date, who: Composable
) -> Composed:
    """One row for each source: how many came for the first time, and how many months
    they have been here, added up. `who`: a condition on the spells `s`."""
    return SQL(
        """WITH gained AS ({gained})
        SELECT source, count(*),
            sum(greatest({today} - starts_on, 1) / (365.25 / 12))::float
        FROM gained GROUP BY source ORDER BY count(*) DESC, source"""
    ).format(gained=gained_of(basis, span, who), today=Literal(today))


def value(
    basis: Basis, span: tuple[date, date], today: date, who: Composable
) -> Composed:
    """One row for each source and currency: what those who came have brought so far."""
    brought: Composable = _ORDERED
    if basis is Basis.CONTRACT:
        brought = _CONTRACTED.format(
            today=Literal(today), periods=subscriptions.periods()
        )
    return SQL("WITH gained AS ({}) {} ORDER BY 1, 2").format(
        gained_of(basis, span, who), brought
    )


def ids_of_gained(basis: Basis, span: tuple[date, date], who: Composable) -> Composed:
    """One row: the ids of these, as one array."""
    return SQL("SELECT coalesce(array_agg(customer_id), '{{}}') FROM ({}) g").format(
        gained_of(basis, span, who)
    )


def gained_of(basis: Basis, span: tuple[date, date], who: Composable) -> Composed:
    """Customer, source and first day of each, as the list of people counts them (`new`
    of sql/people.py)."""
    a, b = span
    came = people.GROUPS["new"].format(a=Literal(a), b=Literal(b))
    return SQL(
        "SELECT s.customer_id, s.source, s.starts_on FROM insights_spell s"
        " WHERE s.basis = {} AND {} AND {}"
    ).format(Literal(basis.value), came, who)
