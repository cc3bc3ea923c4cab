"""What counts as a customer, from when on figures are known, and how old they are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max
from psycopg.sql import SQL

from insights.choices import Basis
from insights.metrics import retention
from insights.metrics.measures import Measure
from insights.models import Definition, Spell, StaleCustomer
from insights.models.definition import FEWEST_DAYS, MOST_DAYS
from insights.selectors import kept
from insights.selectors.once import once_a_page
from insights.selectors.rows import rows_of

# So many of all orders that followed another one came within the days we propose.
MOST_REPEATS = 0.9
# Marks are counted every minute: what is older tells of a worker that stands still.
LATE = timedelta(minutes=10)
GAPS = SQL(
    """SELECT later - earlier, count(*)
FROM insights_buyer,
    unnest(days[1:cardinality(days) - 1], days[2:]) AS gap (earlier, later)
WHERE cardinality(days) > 1 GROUP BY 1"""
)
_OLDEST = SQL(
    "SELECT (SELECT min(marked_at) FROM insights_stalecustomer),"
    " (SELECT min(counted_at) FROM insights_keptanswer)"
)


@once_a_page
def definition() -> Definition:
    """The one row of it."""
    return Definition.objects.get(pk=1)


def bases(row: Definition) -> list[Basis]:
    """What this shop counts by, orders first."""
    chosen = {Basis.ORDERS: row.by_orders, Basis.CONTRACT: row.by_contract}
    return [basis for basis, is_chosen in chosen.items() if is_chosen]


def horizon(row: Definition, basis: Basis, *, today: date) -> date | None:
    """The last day of which everything is known: that of the newest order, yesterday at
    the latest: of today more may come, and what a file dates later is not known. Of
    contracts, which are always known, yesterday. None: nothing is known at all."""
    yesterday = today - timedelta(days=1)
    if basis is Basis.CONTRACT:
        return yesterday
    last = last_order(row)
    return last and min(last, yesterday)


def last_order(row: Definition) -> date | None:
    """The day of the newest order, which may be one to come; None without any."""
    last = _last_end()
    return last and last - timedelta(days=row.days)


@once_a_page
def _last_end() -> date | None:
    spells = Spell.objects.filter(basis=Basis.ORDERS.value)
    last: date | None = spells.aggregate(last=Max("ends_on"))["last"]
    return last


def has_orders_to_come(row: Definition, horizon: date) -> bool:
    """Whether the sums count orders of days behind this one."""
    last = last_order(row)
    return last is not None and last > horizon


def gap_counts() -> dict[int, int]:
    """Days between an order and the next one of the same person: how often."""
    return dict(kept.rows(GAPS))


def proposed_days(gaps: dict[int, int]) -> Measure:
    """Within how many days nine of ten repeated orders came, within what may be set."""
    return retention.gap(gaps, MOST_REPEATS)


def within_limits(days: float) -> int:
    """The nearest number of days that the definition takes."""
    return min(max(round(days), FEWEST_DAYS), MOST_DAYS)


@dataclass(frozen=True)
class Age:
    """How far behind the summaries are. `behind`: customers who wait to be counted, as
    of `since`; `is_late` where that is longer than it should be. `kept_at`: when the
    oldest answer was counted that is kept for an hour; None where none is."""

    counted_at: datetime | None
    behind: int
    since: datetime | None
    is_late: bool
    is_counting: bool
    kept_at: datetime | None


def age(row: Definition, *, now: datetime) -> Age:
    """Whether what a page shows is old, and how old."""
    [(since, kept_at)] = rows_of(_OLDEST)
    return Age(
        counted_at=row.counted_at,
        behind=StaleCustomer.objects.count() if since else 0,
        since=since,
        is_late=since is not None and since < now - LATE,
        is_counting=row.counted_at is None or row.counted_to is not None,
        kept_at=kept_at,
    )
