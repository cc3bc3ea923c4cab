"""What the team does for a reward: it is accepted, done, or not after all."""

from datetime import date, datetime

from django.db import transaction

from crm.models import User
from loyalty.choices import Fulfilment, GrantState
from loyalty.errors import GrantOver
from loyalty.models import Grant
from loyalty.services.grants import record
from web.rules import text

MOST_NOTE = 1_000


@transaction.atomic
def accept(grant: Grant, *, due_on: date | None, by: User, now: datetime) -> Grant:
    """They said yes: somebody has it to do. Raises GrantOver."""
    locked = Grant.objects.select_for_update(no_key=True).get(pk=grant.pk)
    if locked.state == GrantState.TO_DO.value:
        return locked
    if locked.state != GrantState.OFFERED.value:
        raise GrantOver
    locked.state, locked.due_on = GrantState.TO_DO.value, due_on
    # What was promised is kept, however long it takes.
    locked.expires_on = locked.expires_at = None
    locked.save(update_fields=["state", "due_on", "expires_on", "expires_at"])
    record("accepted", [locked], now)
    return locked


@transaction.atomic
def done(grant: Grant, *, note: str, by: User, now: datetime) -> Grant:
    """Somebody did it. Done already: nothing. Raises GrantOver and InvalidValue."""
    clean = text.many_lines(note, field="note", most=MOST_NOTE)
    locked = Grant.objects.select_for_update(no_key=True).get(pk=grant.pk)
    if locked.state == GrantState.DONE.value:
        return locked
    if locked.state != GrantState.TO_DO.value:
        raise GrantOver
    locked.state, locked.note = GrantState.DONE.value, clean
    locked.ended_at, locked.ended_by = now, by
    locked.save(update_fields=["state", "note", "ended_at", "ended_by"])
    record("done", [locked], now)
    return locked


@transaction.atomic
def reopen(grant: Grant, *, now: datetime) -> Grant:
    """It was not done after all. Raises GrantOver for what was never to do."""
    locked = Grant.objects.select_for_update(no_key=True).get(pk=grant.pk)
    if locked.state == GrantState.TO_DO.value:
        return locked
    by_hand = locked.reward.fulfilment in {Fulfilment.DESK.value, Fulfilment.ASK.value}
    if locked.state != GrantState.DONE.value or not by_hand:
        raise GrantOver
    locked.state, locked.ended_at, locked.ended_by = GrantState.TO_DO.value, None, None
    locked.save(update_fields=["state", "ended_at", "ended_by"])
    record("reopened", [locked], now)
    return locked
