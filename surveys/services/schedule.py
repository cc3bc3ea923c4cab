"""Whom a relationship survey asks on which day, brought up to date before each sweep.

The sweep plans a message for the day (its occurrence is that day, so twice is once),
and only when no sweep looks at that day any more does the day move on: one
round later where there is a message, whatever became of it, and to a freshly spread day
where there is none (the survey was off then). A stop of some days is caught up by the
window of the sweep, because the days inside it are left alone.
"""

from datetime import date, datetime

from django.db import transaction

from messaging.models import Automation, Sweep
from messaging.services import planning
from surveys import rules
from surveys.models import Asking
from surveys.sql import schedule as sql


@transaction.atomic
def bring_up_to_date(
    asking: Asking, *, automation: Automation, prefix: str, now: datetime
) -> None:
    """`prefix`: what planning puts before the day that is a message's occurrence."""
    sweep = Sweep.objects.filter(automation=automation).first()
    start = _first_day_ahead(now, automation)
    window = planning.window_of(automation, sweep, now)
    reach = _shifted(window.first_on, automation)
    sql.advance(asking, kind=automation.kind, prefix=prefix, reach=reach)
    sql.spread_again(asking, start=start, reach=reach)
    everybody = _is_first_of_the_day(automation, sweep, now)
    sql.fill(asking, start=start, everybody=everybody)


def spread_within(asking: Asking, *, now: datetime) -> int:
    """After a shorter rhythm was chosen: no one waits longer than one new round."""
    start = _first_day_ahead(now, asking.automation)
    latest = date.fromordinal(start.toordinal() + asking.every_days)
    return sql.spread_again(asking, start=start, latest=latest)


def _first_day_ahead(now: datetime, automation: Automation) -> date:
    return _shifted((now + rules.FIRST_ASK_AFTER).date(), automation)


def _shifted(due_on: date, automation: Automation) -> date:
    """The scheduled day whose mail falls on this day, offset_days after it."""
    return date.fromordinal(due_on.toordinal() - automation.offset_days)


def _is_first_of_the_day(
    automation: Automation, sweep: Sweep | None, now: datetime
) -> bool:
    """Old customers who buy for the first time join once a day: to scan all customers
    each minute is too slow."""
    last = sweep.last_run_at if sweep else None
    if last is None or last.date() != now.date():
        return True
    return automation.switched_on_at is not None and last < automation.switched_on_at
