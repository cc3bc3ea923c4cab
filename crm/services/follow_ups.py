"""What we owe a customer: opened once per source, taken, done, dropped, undone."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from crm.errors import FollowUpClosed, FollowUpTaken, OutcomeMissing
from crm.models import FollowUp, User
from crm.rules.choices import FollowUpState
from crm.services import audit
from web.errors import InvalidValue
from web.rules import text

LONGEST_OUTCOME = 300
_FURTHEST = timedelta(days=365 * 100)
OWED = frozenset({FollowUpState.OPEN.value, FollowUpState.TAKEN.value})


def open_follow_up(
    *,
    customer_id: int,
    why: str,
    due_on: date,
    now: datetime,
    due_at: datetime | None = None,
    assignee: User | None = None,
    source_key: str | None = None,
    is_first: bool = False,
    is_urgent: bool = False,
) -> FollowUp:
    """Something to do by a day. The same source_key twice is the same row. `is_first`:
    what it is of was made in this transaction, so that none is looked for."""
    reason = text.one_line(why, field="why", most=300)
    if not reason:
        raise InvalidValue(fields={"why": "required"})
    values = {
        "customer_id": customer_id,
        "why": reason,
        "assignee_id": assignee.pk if assignee else None,
        "source_key": source_key,
        "due_on": valid_day(due_on, now),
        "due_at": _moment(due_at, now),
        "is_urgent": is_urgent,
        "created_at": now,
    }
    # Within another transaction it needs no savepoint: the caller does not go on
    # without the task.
    with transaction.atomic(savepoint=False):
        follow_up, is_new = _once(values, is_first=is_first)
        if is_new:
            _record("opened", follow_up, now)
    return follow_up


def _once(values: dict[str, Any], *, is_first: bool) -> tuple[FollowUp, bool]:
    key = values["source_key"]
    if key is None or is_first:
        return FollowUp.objects.create(**values), True
    return FollowUp.objects.get_or_create(source_key=key, defaults=values)


@transaction.atomic
def take(follow_up: FollowUp, *, staff: User, now: datetime) -> FollowUp:
    """This person does it. Raises FollowUpTaken where a colleague took it first; to
    take it over from them is `assign`."""
    locked = _owed(follow_up)
    is_taken = locked.state == FollowUpState.TAKEN.value
    if is_taken and locked.assignee_id not in (None, staff.pk):
        raise FollowUpTaken
    return _write(locked, "taken", now, assignee=staff, state=FollowUpState.TAKEN.value)


@transaction.atomic
def assign(follow_up: FollowUp, *, assignee: User | None, now: datetime) -> FollowUp:
    """Give it to a user, or to no one (None). Returns the changed row."""
    return _change(follow_up, "assigned", now, assignee=assignee)


@transaction.atomic
def reword(
    follow_up: FollowUp,
    *,
    why: str,
    is_urgent: bool,
    now: datetime,
    due_at: datetime | None = None,
) -> FollowUp:
    """Change its words after its origin has changed (a changed answer), and when it is
    due: `due_at` in the zone of the shop. None: that stays."""
    reason = text.one_line(why, field="why", most=300)
    due = {"due_on": due_at.date(), "due_at": due_at} if due_at else {}
    return _change(follow_up, "reworded", now, why=reason, is_urgent=is_urgent, **due)


@transaction.atomic
def snooze(
    follow_up: FollowUp,
    *,
    due_on: date,
    now: datetime,
    due_at: datetime | None = None,
) -> FollowUp:
    """Set a new day, and optionally a moment. Raises InvalidValue for the past."""
    day, moment = valid_day(due_on, now), _moment(due_at, now)
    return _change(follow_up, "snoozed", now, due_on=day, due_at=moment)


@transaction.atomic
def finish(
    follow_up: FollowUp,
    *,
    now: datetime,
    staff: User | None,
    outcome: str = "",
    asks_outcome: bool = False,
) -> FollowUp:
    """Close it as done, with an outcome of one line, which is optional unless
    `asks_outcome`. Raises OutcomeMissing, or InvalidValue for what is no line."""
    outcome = text.one_line(outcome, field="outcome", most=LONGEST_OUTCOME)
    if asks_outcome and not outcome:
        raise OutcomeMissing
    return _change(
        follow_up,
        "done",
        now,
        state=FollowUpState.DONE.value,
        done_at=now,
        done_by=staff,
        outcome=outcome,
    )


@transaction.atomic
def drop(
    follow_up: FollowUp, *, now: datetime, staff: User | None = None, outcome: str = ""
) -> FollowUp:
    """Close it as dropped, with an optional outcome of one line."""
    return _change(
        follow_up,
        "dropped",
        now,
        state=FollowUpState.DROPPED.value,
        done_at=now,
        done_by=staff,
        outcome=text.one_line(outcome, field="outcome", most=LONGEST_OUTCOME),
    )


@transaction.atomic
def reopen(follow_up: FollowUp, *, now: datetime) -> FollowUp:
    """Undo done or dropped; nothing happens where it is open."""
    locked = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if locked.state in OWED:
        return locked
    return _write(
        locked,
        "reopened",
        now,
        state=FollowUpState.OPEN.value,
        done_at=None,
        done_by=None,
        outcome="",
    )


def valid_day(due_on: date, now: datetime) -> date:
    """The day. Raises InvalidValue where it is not within a lifetime: the ends of the
    calendar cannot be shown in every zone."""
    if abs(due_on - now.date()) > _FURTHEST:
        raise InvalidValue(fields={"due_on": "not_in_range"})
    return due_on


def _moment(due_at: datetime | None, now: datetime) -> datetime | None:
    if due_at is not None and abs(due_at - now) > _FURTHEST + timedelta(days=2):
        raise InvalidValue(fields={"due_on": "not_in_range"})
    return due_at


def _change(
    follow_up: FollowUp, action: str, now: datetime, **values: object
) -> FollowUp:
    return _write(_owed(follow_up), action, now, **values)


def _owed(follow_up: FollowUp) -> FollowUp:
    """The row, locked. Raises FollowUpClosed where it is done or dropped."""
    locked = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if locked.state not in OWED:
        raise FollowUpClosed
    return locked


def _write(
    follow_up: FollowUp, action: str, now: datetime, **values: object
) -> FollowUp:
    for field, value in values.items():
        setattr(follow_up, field, value)
    follow_up.version += 1
    follow_up.save(update_fields=[*values, "version"])
    _record(action, follow_up, now)
    return follow_up


def _record(action: str, follow_up: FollowUp, now: datetime) -> None:
    audit.record(
        f"follow_up.{action}",
        f"follow_up:{follow_up.pk}",
        customer_id=follow_up.customer_id,
        now=now,
    )
