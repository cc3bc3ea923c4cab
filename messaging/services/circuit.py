"""Whether a transport works. While it does not, the whole queue waits unblamed.

Closed: everything goes. Open: nothing goes until `next_probe_at`, then one message is
tried (probing) and decides. Times are the database's clock, which all workers share.
"""

import logging
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models.functions import Now

from crm.services import audit
from messaging.models import Circuit
from messaging.rules.choices import CircuitState, Transport

logger = logging.getLogger(__name__)

# A server that is away is asked again soon, one that refuses us less often: each try
# with wrong credentials may count against us.
_FIRST_WAIT = {True: timedelta(minutes=1), False: timedelta(seconds=10)}
_LONGEST_WAIT = {True: timedelta(minutes=30), False: timedelta(minutes=5)}
# A prober that died holds the circuit no longer than this.
_PROBE_LEASE = timedelta(minutes=3)


class Gate(Enum):
    OPEN = "open"
    ONE = "one"  # a single message may try
    SHUT = "shut"


def gate(transport: Transport) -> Gate:
    """May we send now? `ONE` makes the caller the prober, and nobody else."""
    state = (
        Circuit.objects.filter(transport=transport.value)
        .values_list("state", flat=True)
        .first()
    )
    if state in (None, CircuitState.CLOSED.value):
        return Gate.OPEN
    won = (
        Circuit.objects.filter(transport=transport.value, next_probe_at__lte=Now())
        .exclude(state=CircuitState.CLOSED.value)
        .update(state=CircuitState.PROBING.value, next_probe_at=Now() + _PROBE_LEASE)
    )
    return Gate.ONE if won else Gate.SHUT


@transaction.atomic
def trip(
    transport: Transport,
    *,
    reason: str,
    code: int | None,
    ours: bool,
    now: datetime,
) -> None:
    """Everything waits. `ours`: the server answered, and it was us that it refused."""
    row, _ = Circuit.objects.get_or_create(transport=transport.value)
    row = Circuit.objects.select_for_update().get(pk=row.pk)
    if row.state == CircuitState.OPEN.value:
        # Others had mails in hand when it opened: the same news, not another try.
        return
    failures = row.failures + 1
    wait = min(_FIRST_WAIT[ours] * 2 ** min(failures - 1, 10), _LONGEST_WAIT[ours])
    first = row.state == CircuitState.CLOSED.value
    Circuit.objects.filter(pk=row.pk).update(
        state=CircuitState.OPEN.value,
        reason_code=reason,
        smtp_code=code,
        opened_at=now if first else row.opened_at,
        next_probe_at=Now() + wait,
        failures=failures,
    )
    if first:
        logger.error("Mail by %s stopped: %s (%s)", transport.value, reason, code)
        audit.record("circuit.opened", f"circuit:{row.pk}", now=now)


@transaction.atomic
def mend(transport: Transport, *, now: datetime) -> None:
    """It works."""
    mended = Circuit.objects.filter(transport=transport.value).exclude(
        state=CircuitState.CLOSED.value
    )
    for row in mended.select_for_update():
        Circuit.objects.filter(pk=row.pk).update(
            state=CircuitState.CLOSED.value,
            reason_code="",
            smtp_code=None,
            opened_at=None,
            next_probe_at=None,
            failures=0,
        )
        logger.warning("Mail by %s works again", transport.value)
        audit.record("circuit.closed", f"circuit:{row.pk}", now=now)


def release_probe(transport: Transport) -> None:
    """The prober comes to no conclusion: the next one may try at once. Without effect
    where it came to one."""
    Circuit.objects.filter(
        transport=transport.value, state=CircuitState.PROBING.value
    ).update(state=CircuitState.OPEN.value, next_probe_at=Now())


@transaction.atomic
def try_now(transport: Transport, *, now: datetime) -> None:
    """Staff mended something and do not want to wait for the next probe."""
    waiting = Circuit.objects.filter(transport=transport.value).exclude(
        state=CircuitState.CLOSED.value
    )
    for row in waiting:
        audit.record("circuit.tried", f"circuit:{row.pk}", now=now)
    waiting.update(state=CircuitState.OPEN.value, next_probe_at=Now())


def is_due_for_probe(transport: Transport) -> bool:
    return (
        Circuit.objects.filter(transport=transport.value, next_probe_at__lte=Now())
        .exclude(state=CircuitState.CLOSED.value)
        .exists()
    )


def is_closed(transport: Transport) -> bool:
    return not (
        Circuit.objects.filter(transport=transport.value)
        .exclude(state=CircuitState.CLOSED.value)
        .exists()
    )
