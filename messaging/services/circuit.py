"""Whether a transport works. While it does not, the whole queue waits unblamed.

Each sending account has a circuit of its own, and the shop's transport has the one
without an account: the failure of one stops no other.

Closed: everything goes. Open: nothing goes until `next_probe_at`, then one message is
tried (probing) and decides; each probe takes another message. When a probe is due is
decided by the database's clock, which all workers share.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from crm.services import audit
from messaging.models import Circuit, Refusal
from messaging.rules.choices import CircuitState, State, Transport
from messaging.services import policy_refusals

logger = logging.getLogger(__name__)

# A server that is away is asked again soon, one that refuses us less often: each try
# with wrong credentials may count against us.
_FIRST_WAIT = {True: timedelta(minutes=1), False: timedelta(seconds=10)}
_LONGEST_WAIT = {True: timedelta(minutes=30), False: timedelta(minutes=5)}
# A prober that died holds the circuit no longer than this.
_PROBE_LEASE = timedelta(minutes=3)
# So many different recipients that met a rule, within this time and with no mail taken
# in between, are no accident.
SEVERAL = 3
SHORT_TIME = timedelta(hours=1)
# Why a circuit opens where the server refuses not a mail but us.
REFUSED_US = "refused_us"


@dataclass(frozen=True)
class Failure:
    """What went wrong, and the answer of the server. `ours`: it answered and refused
    us, not one mail."""

    reason: str
    code: int | None = None
    text: str = ""
    message_id: int | None = None
    ours: bool = False


class Gate(Enum):
    """How many messages a circuit lets through now."""

    OPEN = "open"
    ONE = "one"  # a single message may try
    SHUT = "shut"


def gate(transport: Transport, *, account_id: int | None = None) -> Gate:
    """May we send now? `ONE` makes the caller the only prober."""
    rows = _rows(transport, account_id)
    state = rows.values_list("state", flat=True).first()
    if state in (None, CircuitState.CLOSED.value):
        return Gate.OPEN
    won = (
        rows.filter(next_probe_at__lte=Now())
        .exclude(state=CircuitState.CLOSED.value)
        .update(state=CircuitState.PROBING.value, next_probe_at=Now() + _PROBE_LEASE)
    )
    return Gate.ONE if won else Gate.SHUT


@transaction.atomic
def trip(
    transport: Transport,
    failure: Failure,
    *,
    now: datetime,
    account_id: int | None = None,
) -> None:
    """Everything waits."""
    _open(_locked(transport, account_id), failure, now)


@transaction.atomic
def note_policy_refusal(
    transport: Transport,
    failure: Failure,
    *,
    now: datetime,
    account_id: int | None = None,
) -> None:
    """A rule of the server stopped this mail, perhaps this mail only.

    Once several different recipients have met one within `SHORT_TIME`, with no mail
    taken in between, it is a rule about us, and everything waits.
    """
    row = _locked(transport, account_id)
    _remember(row, failure, now)
    if row.state != CircuitState.CLOSED.value:
        return
    recipients = row.refusals.filter(refused_at__gt=now - SHORT_TIME)
    met_by = recipients.values("message__address_hash").distinct().count()
    if met_by >= SEVERAL:
        _open(row, failure, now)
        policy_refusals.take_charges_back(row, now)


@transaction.atomic
def hold(
    transport: Transport,
    *,
    reason: str,
    now: datetime,
    account_id: int | None = None,
) -> None:
    """Nothing leaves and nothing is tried, until `mend`: a person has to look first."""
    row = _locked(transport, account_id)
    if row.state == CircuitState.OPEN.value and row.reason_code == reason:
        return
    Circuit.objects.filter(pk=row.pk).update(
        state=CircuitState.OPEN.value,
        reason_code=reason,
        smtp_code=None,
        smtp_text="",
        refused=None,
        opened_at=now,
        next_probe_at=None,
        asked_at=None,
        probed_at=None,
    )
    logger.error("Mail by %s is held: %s", row, reason)
    audit.record("circuit.opened", f"circuit:{row.pk}", now=now)


def _open(row: Circuit, failure: Failure, now: datetime) -> None:
    _remember(row, failure, now)
    if row.state == CircuitState.OPEN.value:
        # Others had mails in hand when it opened: the same news, not another try.
        return
    failures = row.failures + 1
    first = row.state == CircuitState.CLOSED.value
    Circuit.objects.filter(pk=row.pk).update(
        state=CircuitState.OPEN.value,
        reason_code=failure.reason,
        smtp_code=failure.code,
        smtp_text=failure.text,
        refused=failure.message_id,
        opened_at=now if first else row.opened_at,
        next_probe_at=Now() + _wait(failures, ours=failure.ours),
        asked_at=None,
        probed_at=None if first else now,
        failures=failures,
    )
    if first:
        logger.error("Mail by %s stopped: %s (%s)", row, failure.reason, failure.code)
        audit.record("circuit.opened", f"circuit:{row.pk}", now=now)


def _wait(failures: int, *, ours: bool) -> timedelta:
    growth: int = 2 ** min(failures - 1, 10)
    return min(_FIRST_WAIT[ours] * growth, _LONGEST_WAIT[ours])


def _remember(row: Circuit, failure: Failure, now: datetime) -> None:
    if failure.message_id is not None:
        Refusal.objects.update_or_create(
            circuit=row, message_id=failure.message_id, defaults={"refused_at": now}
        )


def _rows(transport: Transport, account_id: int | None) -> QuerySet[Circuit]:
    return Circuit.objects.filter(transport=transport.value, account=account_id)


def _locked(transport: Transport, account_id: int | None) -> Circuit:
    row, _ = Circuit.objects.get_or_create(
        transport=transport.value, account_id=account_id
    )
    return Circuit.objects.select_for_update().get(pk=row.pk)


def refused(
    transport: Transport, *, now: datetime, account_id: int | None = None
) -> list[int]:
    """Mails that met a refusal since the last one was taken and that may go again, by
    id, newest refusal first: a probe takes another one."""
    return list(
        Refusal.objects.filter(
            circuit__in=_rows(transport, account_id),
            message__state=State.PLANNED.value,
            message__not_before__lte=now,
        )
        .order_by("-refused_at", "-id")
        .values_list("message_id", flat=True)
    )


def forget_refusals(transport: Transport, *, account_id: int | None = None) -> None:
    """A mail was taken: what others met before was theirs."""
    closed = _rows(transport, account_id).filter(state=CircuitState.CLOSED.value)
    Refusal.objects.filter(circuit__in=closed).delete()


def mend(transport: Transport, *, now: datetime, account_id: int | None = None) -> None:
    """It works."""
    _mend(_rows(transport, account_id), now)


def mend_all(*, now: datetime) -> None:
    """What a person looked at stopped all mail, whoever sends it: all may try again."""
    _mend(Circuit.objects.all(), now)


@transaction.atomic
def _mend(rows: QuerySet[Circuit], now: datetime) -> None:
    mended = rows.exclude(state=CircuitState.CLOSED.value)
    for row in mended.select_for_update(of=("self",)):
        policy_refusals.charge_the_only_one(row, now)
        Circuit.objects.filter(pk=row.pk).update(
            state=CircuitState.CLOSED.value,
            reason_code="",
            smtp_code=None,
            smtp_text="",
            refused=None,
            opened_at=None,
            next_probe_at=None,
            asked_at=None,
            probed_at=now,
            failures=0,
        )
        row.refusals.all().delete()
        logger.warning("Mail by %s works again", row)
        audit.record("circuit.closed", f"circuit:{row.pk}", now=now)


def refuses_us(transport: Transport, *, account_id: int | None = None) -> bool:
    """Nothing leaves because the server refused us, not because it was away."""
    return _rows(transport, account_id).filter(reason_code=REFUSED_US).exists()


def release_probe(transport: Transport, *, account_id: int | None = None) -> None:
    """The prober comes to no conclusion: the next one may try at once. Without effect
    where it came to one."""
    _rows(transport, account_id).filter(state=CircuitState.PROBING.value).update(
        state=CircuitState.OPEN.value, next_probe_at=Now()
    )


def try_now(
    transport: Transport, *, now: datetime, account_id: int | None = None
) -> bool:
    """Staff mended something and do not want to wait for the next probe.

    False where the transport works, or where a person has to look first.
    """
    return _try_now(_rows(transport, account_id), now)


def try_all_now(*, now: datetime) -> bool:
    """The same for all that do not work."""
    return _try_now(Circuit.objects.all(), now)


@transaction.atomic
def _try_now(rows: QuerySet[Circuit], now: datetime) -> bool:
    waiting = rows.filter(next_probe_at__isnull=False).exclude(
        state=CircuitState.CLOSED.value
    )
    for row in waiting:
        audit.record("circuit.tried", f"circuit:{row.pk}", now=now)
    asked = waiting.update(
        state=CircuitState.OPEN.value, next_probe_at=Now(), asked_at=now
    )
    return bool(asked)


def may_go(transport: Transport, *, account_id: int | None = None) -> bool:
    """Whether it works as far as is known, or may be tried now."""
    return (
        not _rows(transport, account_id)
        .exclude(state=CircuitState.CLOSED.value)
        .exclude(next_probe_at__lte=Now())
        .exists()
    )
