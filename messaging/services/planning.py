"""Who is due? Sweeps that write Message rows, and never send.

The window of one sweep of one automation is (after, until], in moments at which mail is
due:

    until = now + 36 h
    after = max(switched_on_at, min(swept_through, now - life), now - 60 days)

* 36 h ahead, so that the calendar knows tomorrow everywhere on earth, and a beat that
  is late by an hour makes no customer's 09:00 late.
* Back to now - life on every sweep, not only to where the last one ended: facts come
  late (an order of Tuesday imported on Thursday, a birthday entered this morning), and
  whoever could still be written to in time is. Looking again costs one index scan;
  the unique key makes finding somebody twice the same as once.
* Back to swept_through where that is further: after a stop longer than the life of a
  mail, those who fell due in between get a row that is born expired, so that the gap
  can be seen, with its reason. swept_through is where the last sweep ended (its now
  + 36 h), and is written as it is, also when the clock was set back: a lower mark only
  makes the next sweep look at more, while a mark that ran ahead (a clock that was
  wrong by a year) would make it look at less. min() covers even that one.
* But never further than 60 days, the longest life there is: a shop that wakes up after
  a year needs no row for every mail of that year.
* Never before switched_on_at: switching on does not send the past. An automation that
  was never swept counts from there.

What is due on a day that the automation leaves out is planned for the next day on which
it may go (messaging/rules/resting.py). The window knows nothing of that: it is about
when mail is due, and so are its life and the moment of switching on. Where a statement
met its bound (`sql.MOST_AT_ONCE`), the next tick goes on.

Two sweeps at once: the second finds the rows of the automation's kind locked and passes
by; what it would have found, the next tick finds. Were the lock not there, the unique
key would still leave one row. Each automation has its own transaction; one that fails
is logged and counted, and the others go on. Tables that a kind maintains are brought up
to date before that transaction, in as many of their own as they like.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, CharField, F, Max, Min, QuerySet, Value, When

from crm import selectors
from crm.sql.ids import among
from messaging import kinds as registry
from messaging.kinds import Kind, Window
from messaging.models import Automation, Message, Sweep
from messaging.rules.choices import State
from messaging.rules.send_decision import Code
from messaging.services import messages as ledger
from messaging.services import runs
from messaging.services.reach import reach_of
from messaging.sql import planning as sql
from messaging.sql.planning import Planning
from messaging.sql.reach import Reach

logger = logging.getLogger(__name__)

AHEAD = timedelta(hours=36)
FURTHEST_BACK = timedelta(days=60)
_SLICE = 1_000

Counts = dict[str, int]


def sweep(
    *, now: datetime, kinds: Collection[str] | None = None, dry_run: bool = False
) -> dict[str, Counts]:
    """One pass over the switched-on automations, then over what is past its life.

    Counts by kind, of all its automations together: planned, expired; busy where
    another sweep has it, failed where its code raised.
    """
    counts: dict[str, Counts] = {}
    for automation in _switched_on(kinds):
        count = _sweep_safely(automation, now=now, dry_run=dry_run)
        counts[automation.kind] = _sum(counts.get(automation.kind, {}), count)
    for kind, ended in expire(now=now, kinds=kinds, dry_run=dry_run).items():
        counts.setdefault(kind, {"planned": 0})["expired"] = ended
    for count in counts.values():
        count.setdefault("expired", 0)
    return counts


def window_of(automation: Automation, sweep_row: Sweep | None, now: datetime) -> Window:
    """The moments of sending that this sweep looks at; the module gives the reasons."""
    since = automation.switched_on_at or now
    swept = (sweep_row and sweep_row.swept_through) or since
    life = timedelta(days=automation.life_days)
    after = max(since, min(swept, now - life), now - FURTHEST_BACK)
    return Window(after=after, until=now + AHEAD, hour=automation.send_hour)


def plan(kind: Kind, automation: Automation, window: Window, *, now: datetime) -> int:
    """One INSERT ... SELECT for everybody who is due in the window and whom no other
    automation of the kind has first."""
    if window.after >= window.until:
        return 0
    business = selectors.business()
    reach = reach_of(automation, country=business.country, today=business.day(now))
    steps = list(automation.steps.order_by("position"))
    asked = Planning(
        kind,
        automation,
        window,
        kind.due(automation, window, now),
        has_offer=any(step.has_offer for step in steps[:1]),
        has_runs=len(steps) > 1,
    )
    ids = sql.plan(asked, reach=reach, business=business, now=now)
    if ids:
        kind.planned(ids, now)
    if ids and asked.has_runs:
        runs.begin(automation, ids, now=now)
    return len(ids)


def plan_later_steps(kind: Kind, automation: Automation, *, now: datetime) -> int:
    """The same for the steps that follow, of whom no stop rule ends the way."""
    until = now + AHEAD
    window = Window(now - FURTHEST_BACK, until, automation.send_hour)
    runs.stop_those_who(automation, window, now=now)
    planned = 0
    for step, due in runs.due_steps(automation, window):
        asked = Planning(
            kind, automation, window, due,
            has_offer=step.has_offer, later=step.step + 1,
        )  # fmt: skip
        ids = sql.plan(asked, reach=Reach(), business=selectors.business(), now=now)
        runs.note_planned(ids)
        planned += len(ids)
    runs.lapse(automation, now=now)
    return planned


def expire(
    *,
    now: datetime,
    kinds: Collection[str] | None = None,
    dry_run: bool = False,
) -> Counts:
    """End what waited until its life was over; the reason it waited for is kept."""
    if dry_run:
        return _count(_overdue(now, kinds).values_list("kind", flat=True))
    ended: list[str] = []
    while batch := _expire_slice(now, kinds):
        ended += [message.kind for message in batch]
    return _count(ended)


@transaction.atomic
def retime(
    automation: Automation, *, customer_ids: Collection[int] | None = None
) -> int:
    """Planned rows take the hour, days, zone, life, priority and language that hold
    now."""
    waiting = Message.objects.filter(automation=automation, state=State.PLANNED.value)
    if customer_ids is not None:
        waiting = waiting.filter(customer_id__in=among(customer_ids))
    days = waiting.aggregate(first=Min("due_on"), last=Max("due_on"))
    if days["first"] is None:
        return 0
    return sql.retime(
        automation,
        days["first"],
        days["last"],
        business=selectors.business(),
        customer_ids=(
            None
            if customer_ids is None
            else list(waiting.values_list("customer_id", flat=True).distinct())
        ),
    )


def retime_all(*, customer_ids: Collection[int] | None = None) -> int:
    """For a customer who moved, or a shop that changed its zone, country or
    language."""
    return sum(
        retime(automation, customer_ids=customer_ids)
        for automation in Automation.objects.filter(is_on=True)
    )


def _switched_on(kinds: Collection[str] | None) -> Iterator[Automation]:
    """Automations to sweep, of kinds that the code still knows."""
    known = {kind.name for kind in registry.swept_kinds()}
    wanted = known if kinds is None else known & set(kinds)
    yield from Automation.objects.filter(is_on=True, kind__in=wanted)


def _sweep_safely(automation: Automation, *, now: datetime, dry_run: bool) -> Counts:
    try:
        if not dry_run:
            registry.get(automation.kind).refresh(automation, now)
        with transaction.atomic():
            if dry_run:
                registry.get(automation.kind).refresh(automation, now)
            counts = _sweep_one(automation, now=now)
            transaction.set_rollback(dry_run)
        return counts
    except Exception:
        # One kind that breaks must not stop the others; the next tick tries again.
        logger.exception("The sweep of automation %s failed", automation.pk)
        return {"planned": 0, "failed": 1}


def _sweep_one(found: Automation, *, now: datetime) -> Counts:
    automation = _lock(found.pk, found.kind)
    if automation is None:
        return {"planned": 0, "busy": 1}
    row, _ = Sweep.objects.get_or_create(automation=automation)
    kind = registry.get(automation.kind)
    some_under_way = runs.are_open(automation)
    if some_under_way:
        runs.settle(automation, now=now)
    planned = _look(kind, automation, row, now=now)
    if planned < sql.MOST_AT_ONCE:
        row.swept_through = now + AHEAD
    # Anyone who began just now waits for the first mail.
    if some_under_way:
        planned += plan_later_steps(kind, automation, now=now)
    row.last_run_at, row.planned = now, F("planned") + planned
    row.save()
    return {"planned": planned}


def _look(kind: Kind, automation: Automation, row: Sweep, *, now: datetime) -> int:
    """Plan who is due, unless the last look at these days still holds."""
    window = window_of(automation, row, now)
    if (
        row.looked_at is not None
        and timedelta(0) <= now - row.looked_at < kind.look_holds_for
        and row.looked_version == automation.version
        and row.looked_until == window.last_on
    ):
        return 0
    found = plan(kind, automation, window, now=now)
    if found < sql.MOST_AT_ONCE:
        row.looked_at, row.looked_version = now, automation.version
        row.looked_until = window.last_on
    return found


def _lock(pk: int, kind: str) -> Automation | None:
    """The row, ours until the commit; None: another sweep has it, or it is off now.

    All of the kind are locked: which of them goes first stays as it is meanwhile, and
    two sweeps never plan the same people in different orders.
    """
    of_kind = Automation.objects.filter(kind=kind)
    free = of_kind.select_for_update(skip_locked=True, no_key=True)
    locked = {row.pk: row for row in free}
    if locked.keys() != set(of_kind.values_list("pk", flat=True)):
        return None
    found = locked.get(pk)
    return found if found and found.is_on else None


def _overdue(now: datetime, kinds: Collection[str] | None) -> QuerySet[Message]:
    # not_before is always earlier than expires_at; naming it lets the partial index
    # on planned rows find them.
    rows = Message.objects.filter(
        state=State.PLANNED.value, not_before__lt=now, expires_at__lte=now
    )
    return rows if kinds is None else rows.filter(kind__in=kinds)


@transaction.atomic
def _expire_slice(now: datetime, kinds: Collection[str] | None) -> Sequence[Message]:
    found = list(
        _overdue(now, kinds).select_for_update(skip_locked=True, no_key=True)[:_SLICE]
    )
    reason = Case(
        When(deferred_reason="", then=Value(Code.TOO_LATE.value)),
        default=F("deferred_reason"),
        output_field=CharField(),
    )
    Message.objects.filter(pk__in=[message.pk for message in found]).update(
        state=State.EXPIRED.value, reason_code=reason, final_at=now
    )
    for message in found:
        message.state = State.EXPIRED.value
        message.reason_code = message.deferred_reason or Code.TOO_LATE.value
        message.final_at = now
    ledger.announce(found, now=now)
    return found


def _sum(one: Counts, other: Counts) -> Counts:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _count(kinds: Collection[str]) -> Counts:
    counts: Counts = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return counts
