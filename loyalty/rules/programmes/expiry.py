"""The last day on which what was earned can be spent."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty.choices import Expiry


@dataclass(frozen=True)
class ExpiryRule:
    """`after`: days, months or years, as `how` says. `since`: the day from which it
    counts for what was there before."""

    how: Expiry
    after: int | None = None
    since: date | None = None


def last_day(rule: ExpiryRule, spendable_on: date) -> date | None:
    """The last good day of what can be spent from a day on, which nothing runs out
    before; None: it has none of its own.

    12 months from 29 February 2024 with the month's end: 28 February 2025.
    """
    if rule.after is None or rule.how in {Expiry.NEVER, Expiry.INACTIVITY}:
        return None
    start = max(spendable_on, rule.since or spendable_on)
    if rule.how is Expiry.DAYS:
        number = start.toordinal() + rule.after
        return date.fromordinal(min(number, date.max.toordinal()))
    if rule.how is Expiry.MONTH_END:
        return _month_end(start.year, start.month + rule.after)
    return date(min(start.year + rule.after, date.max.year), 12, 31)


def inactive_after(rule: ExpiryRule, active_on: date) -> date | None:
    """The last good day of everything, if nothing is earned or spent any more; None
    where the programme does not ask."""
    if rule.how is not Expiry.INACTIVITY or rule.after is None:
        return None
    start = max(active_on, rule.since or active_on)
    return start + timedelta(days=rule.after)


def _month_end(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, monthrange(year, month)[1])
