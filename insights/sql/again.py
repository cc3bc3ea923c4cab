"""Who bought again: soon after their first order, or so many periods later."""

from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

SOON, LATER = "soon", "later"
# Within so many days of the first order the second one came soon.
SOON_DAYS = 90
# What is dated in days to come is not known yet.
_SOON = SQL("b.days[2] <= b.days[1] + {days} AND b.days[2] <= {last}")
_LATER = SQL(
    """EXISTS (SELECT FROM unnest(b.days) day
        WHERE day >= date_trunc({unit}, b.days[1]::timestamp)
                + make_interval(months => {first})
            AND day < date_trunc({unit}, b.days[1]::timestamp)
                + make_interval(months => {end}))"""
)
# The table of a group: everybody's is summed up as it changes (CohortCell).
_CELLS = SQL(
    """SELECT date_trunc({unit}, b.days[1]::timestamp)::date,
        date_trunc({unit}, day::timestamp)::date, count(DISTINCT b.customer_id)
    FROM insights_buyer b, unnest(b.days) day
    WHERE b.days[1] >= {since} AND b.customer_id IN ({people})
    GROUP BY 1, 2"""
)
# How many bought for the first and for the second time in each month.
BOUGHT_BY_MONTH = SQL(
    """SELECT date_trunc('month', day)::date::text, count(*) FILTER (WHERE at = 1),
        count(*) FILTER (WHERE at = 2)
    FROM insights_buyer, unnest(days[1:2]) WITH ORDINALITY bought (day, at)
    GROUP BY 1 ORDER BY 1"""
)
# What is dated in days to come is left out.
_QUARTERS = SQL(
    """SELECT date_trunc('quarter', days[1]::timestamp)::date, count(*),
        count(*) FILTER (WHERE days[2] <= {known})
    FROM insights_buyer WHERE days[1] BETWEEN {since} AND {known} GROUP BY 1"""
)


def by_first_quarter(since: date, known: date) -> Composed:
    """Rows of quarter, how many first bought in it and how many of them again, as it is
    known on a day: those who first bought on `since` or later."""
    return _QUARTERS.format(since=Literal(since), known=Literal(known))


def cells(unit: str, since: date, people: Composable) -> Composed:
    """Rows of cohort, period and how many of it bought in that period, each by its
    first day: of those in `people` (a SELECT of ids) who first bought on a day or
    later."""
    return _CELLS.format(unit=Literal(unit), since=Literal(since), people=people)


def soon(cohort: tuple[date, date]) -> Composed:
    """Those who first bought between two days, and again within SOON_DAYS and by the
    last of them, as a SELECT of ids."""
    bought = _SOON.format(days=Literal(SOON_DAYS), last=Literal(cohort[1]))
    return _among(cohort, bought)


def later(cohort: tuple[date, date], unit: str, months: int, step: int) -> Composed:
    """Those who first bought between two days, and bought in the period of the calendar
    that came `step` periods after that of their first order, likewise. `unit` is one of
    `months` months."""
    bought = _LATER.format(
        unit=Literal(unit),
        first=Literal(months * step),
        end=Literal(months * (step + 1)),
    )
    return _among(cohort, bought)


def _among(cohort: tuple[date, date], bought: Composed) -> Composed:
    first, last = cohort
    return SQL(
        "SELECT b.customer_id FROM insights_buyer b"
        " WHERE b.days[1] >= {} AND b.days[1] <= {} AND {}"
    ).format(Literal(first), Literal(last), bought)
