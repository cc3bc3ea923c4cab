"""A shop whose orders are counted, and what they come to when reckoned by hand."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from crm.services import orders
from crm.services.orders import OrderLineInput
from insights.choices import Basis
from insights.metrics.spans import Pair
from insights.models import Cell, CohortCell, MoneyEnd, MoneyPeriod, Spell, Spending
from insights.selectors.money_spans import counted

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAYS = 365


def buy(customer, *days, quantity=1, sku="BEANS", order_id="", **more):
    """One order on each of these days."""
    for day in days:
        orders.record_order(
            now=NOW,
            customer=customer,
            order_id=order_id or f"{customer.pk}/{sku}/{day}/{quantity}",
            ordered_at=datetime.combine(day, time(12), UTC),
            lines=[OrderLineInput(sku, Decimal(quantity), Decimal(9), product=sku)],
            **more,
        )


def spells_of(days, within=DAYS):
    """The spells of somebody who bought on these days, reckoned one by one."""
    found = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] <= timedelta(within):
            found[-1][1] = day
        else:
            found.append([day, day])
    return [(first, last + timedelta(within)) for first, last in found]


def kept_spells(customer):
    rows = Spell.objects.filter(customer=customer).order_by("number")
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [(row.starts_on, row.ends_on) for row in rows]


def month_of(day, unit="month"):
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def cells_by_hand():
    """All cells as the rows of the spells say, counted one by one."""
    found = {}
    for row in Spell.objects.all():
        names = {
            ("all", ""),
            ("country", row.country),
            ("source", row.source),
            ("owner", str(row.owner_id or "")),
        }
        for name in names:
            key = (row.basis, *name)
            came = found.setdefault((*key, month_of(row.starts_on)), Counter())
            who = "new" if row.number == 1 else "back"
            came[who] += 1
            if row.ends_on is None:
                continue
            for unit in ("month", "quarter", "year"):
                if month_of(row.starts_on, unit) == month_of(row.ends_on, unit):
                    came[f"{who}_gone_in_{unit}"] += 1
            went = found.setdefault((*key, month_of(row.ends_on)), Counter())
            went["lost"] += 1
    return {key: dict(counts) for key, counts in found.items()}


def kept_cells():
    found = {}
    for row in Cell.objects.values():
        key = (row["basis"], row["dimension"], row["value"], row["month"])
        drop = {"id", "basis", "dimension", "value", "month"}
        found[key] = {k: n for k, n in row.items() if n and k not in drop}
    return found


def cohorts_of(people_days):
    """(unit, cohort, period) to people and those who came again, of each one's days."""
    found = {}
    for days in people_days:
        for unit in ("month", "quarter", "year"):
            cohort = month_of(min(days), unit)
            for period in {month_of(day, unit) for day in days}:
                people, repeated = found.get((unit, cohort, period), (0, 0))
                came_again = repeated + (len(set(days)) > 1)
                found[unit, cohort, period] = (people + 1, came_again)
    return found


def kept_cohorts():
    rows = CohortCell.objects.values_list(
        "unit", "cohort", "period", "people", "repeated"
    )
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


_BY, _MONTHS = ("customer", "basis", "currency"), ("months", "totals", "sales")
_NOT_SUMS = {"_state", "id", "end_id"}
_OF_ENDS = ("basis", "months", "ends_on")


def _sums(rows):
    return [
        (
            *(getattr(row, name) for name in _OF_ENDS),
            {name: n for name, n in vars(row).items() if name not in _NOT_SUMS},
        )
        for row in rows
    ]


def sums_of_money():
    """What stands in the sums of spans of money."""
    names = [f"end__{name}" for name in _OF_ENDS]
    rows = MoneyPeriod.objects.order_by(*names, "currency").select_related("end")
    return _sums(rows)


def sums_in_whole():
    """The same spans, each counted anew."""
    found = []
    for end in MoneyEnd.objects.order_by(*_OF_ENDS):
        pair, basis = Pair(end.ends_on, end.months), Basis(end.basis)
        rows = counted(pair, basis, today=NOW.date())
        found += sorted(rows, key=lambda row: row.currency)
    return _sums(found)


def everything():
    """All that is counted, without the ids of rows."""
    spells = Spell.objects.order_by("customer", "basis", "starts_on").values_list(
        "customer", "basis", "number", "starts_on", "ends_on", "country", "source",
        "owner",
    )  # fmt: skip
    spending = Spending.objects.order_by(*_BY).values_list(*_BY, *_MONTHS)
    money = sums_of_money(), list(spending)
    return list(spells), kept_cells(), kept_cohorts(), money


def gaps(days):
    return [(b - a).days for a, b in pairwise(sorted(set(days)))]
