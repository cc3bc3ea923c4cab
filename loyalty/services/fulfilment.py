"""What the team does for a reward: it is accepted, assigned, done, or not after all.

Several at once are locked in the order of their ids, so that nobody waits in a circle.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction

from crm import selectors
from crm.models import User
from loyalty.choices import GrantState
from loyalty.errors import GrantOver
from loyalty.models import Grant
from loyalty.rules import reward_life
from loyalty.services.grants import record
from web.rules import text

MOST_NOTE = 1_000


@transaction.atomic
def accept(grant: Grant, *, due_on: date | None, by: User, now: datetime) -> Grant:
    """They accepted: somebody has it to do, by `due_on` or within the days of the
    reward. Raises GrantOver."""
    (locked,) = _locked([grant.pk])
    if locked.state == GrantState.TO_DO.value:
        return locked
    if locked.state != GrantState.OFFERED.value:
        raise GrantOver
    today = selectors.business().day(now)
    locked.state = GrantState.TO_DO.value
    locked.due_on = due_on or reward_life.day_to_do(today, locked.reward.days_to_do)
    # What was promised is kept, however long it takes.
    locked.expires_on = locked.expires_at = None
    locked.save(update_fields=["state", "due_on", "expires_on", "expires_at"])
    record("accepted", [locked], now)
    return locked


@transaction.atomic
def done(grant: Grant, *, note: str | None, by: User, now: datetime) -> Grant:
    """Somebody did it; None leaves the note as it is. Done already: nothing. Raises
    GrantOver and InvalidValue."""
    clean = text.many_lines(note or "", field="note", most=MOST_NOTE)
    (locked,) = _locked([grant.pk])
    if locked.state == GrantState.DONE.value:
        return locked
    if locked.state != GrantState.TO_DO.value:
        raise GrantOver
    if note is not None:
        locked.note = clean
        locked.save(update_fields=["note"])
    _end([locked], by, now)
    return locked


@transaction.atomic
def done_all(ids: Collection[int], *, by: User, now: datetime) -> list[int]:
    """Somebody did these; the ids of those that were still to do."""
    rows = [row for row in _locked(ids) if row.state == GrantState.TO_DO.value]
    _end(rows, by, now)
    return [row.pk for row in rows]


@transaction.atomic
def reopen(grant: Grant, *, now: datetime) -> Grant:
    """It was not done after all. Raises GrantOver for what was never to do."""
    if not reopen_all([grant.pk], now=now):
        grant.refresh_from_db()
        if grant.state != GrantState.TO_DO.value:
            raise GrantOver
    return Grant.objects.get(pk=grant.pk)


@transaction.atomic
def reopen_all(ids: Collection[int], *, now: datetime) -> list[int]:
    """These were not done after all; the ids of those that are to do again."""
    rows = [
        row
        for row in _locked(ids)
        if row.state == GrantState.DONE.value and row.reward.is_by_hand
    ]
    for row in rows:
        row.state, row.ended_at, row.ended_by = GrantState.TO_DO.value, None, None
    Grant.objects.bulk_update(rows, ["state", "ended_at", "ended_by"])
    record("reopened", rows, now)
    return [row.pk for row in rows]


@transaction.atomic
def plan(grant: Grant, *, due_on: date, owner: User | None, now: datetime) -> Grant:
    """Who does it, and by when. Raises GrantOver where it is not to do."""
    (locked,) = _locked([grant.pk])
    if locked.state != GrantState.TO_DO.value:
        raise GrantOver
    if (locked.due_on, locked.owner) != (due_on, owner):
        locked.due_on, locked.owner = due_on, owner
        locked.save(update_fields=["due_on", "owner"])
        record("planned", [locked], now)
    return locked


@transaction.atomic
def assign(to: Mapping[int, User | None], *, now: datetime) -> dict[int, int | None]:
    """Give what is to do to these; None: to whoever is free. Returns who had those
    that changed hands, id of the grant to id of the user."""
    rows = [row for row in _locked(to) if row.state == GrantState.TO_DO.value]
    had = {row.pk: row.owner_id for row in rows if row.owner != to[row.pk]}
    changed = [row for row in rows if row.pk in had]
    for row in changed:
        row.owner = to[row.pk]
    Grant.objects.bulk_update(changed, ["owner"])
    record("assigned", changed, now)
    return had


def _locked(ids: Collection[int]) -> list[Grant]:
    rows = Grant.objects.select_for_update(no_key=True, of=("self",))
    found = rows.select_related("reward", "owner").filter(pk__in=ids)
    return list(found.order_by("id"))


def _end(rows: list[Grant], by: User, now: datetime) -> None:
    for row in rows:
        row.state, row.ended_at, row.ended_by = GrantState.DONE.value, now, by
    Grant.objects.bulk_update(rows, ["state", "ended_at", "ended_by"])
    record("done", rows, now)
