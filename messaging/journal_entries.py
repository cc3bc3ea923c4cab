"""How entries of the journal about withdrawals, addresses and mails are read back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from crm.models import Customer
from crm.services.journal import Entry
from crm.services.journal.replay import Read, register
from messaging import kinds
from messaging.models import Consent, Message, Suppression
from messaging.rules.choices import Category, State, SuppressionReason
from messaging.services import consent, journal_rows, person_addresses, suppression
from messaging.services import messages as ledger
from messaging.services.restoration import DUE_BEFORE

Row = Mapping[str, Any]

# Of a mail that was handed over by the journal; its outcome is unknown.
NO_ANSWER = "no_answer"
_OPEN = frozenset({State.PLANNED.value, State.CLAIMED.value, State.HANDED.value})
_FIELDS = [
    "state",
    "reason_code",
    "reason_data",
    "message_uuid",
    "address_hash",
    "handed_at",
    "final_at",
    "counted_at",
    "claim_token",
    "lease_until",
]


# --- Mails ---------------------------------------------------------------------------


def _mails(read: Read, now: datetime) -> Counter[str]:
    """End what left, and write what the copy does not have into the ledger: so nothing
    is planned a second time, and the contact limits count it."""
    fates = _fates(read())
    counts: Counter[str] = Counter()
    for entry in read():
        if entry.kind == journal_rows.HANDED:
            rows = [row for row in entry.rows if fates[row["uuid"]] != "returned"]
            counts += _group(entry, rows, fates, now)
    return counts


def _fates(entries: Iterator[Entry]) -> dict[str, str]:
    """The last word about each mail: handed, sent or returned."""
    return {row["uuid"]: entry.kind for entry in entries for row in entry.rows}


@transaction.atomic
def _group(
    entry: Entry, rows: Sequence[Row], fates: Mapping[str, str], now: datetime
) -> Counter[str]:
    counts: Counter[str] = Counter()
    known, customers = _known(rows), _customers(rows, entry.at)
    ended, added = [], []
    for row in rows:
        sent = fates[row["uuid"]] == journal_rows.SENT
        message = known.get(row["uuid"]) or known.get(_key(row))
        if message is None and row["customer"] in customers:
            added.append(_end(_new(row, entry.at), row, entry.at, sent=sent))
        elif message is None:
            # To somebody whose record the copy does not have.
            counts["unknown"] += row["customer"] is not None
        elif _may_end(message, sent=sent):
            ended.append(_end(message, row, entry.at, sent=sent))
    Message.objects.bulk_update(ended, _FIELDS)
    Message.objects.bulk_create(added)
    ledger.announce([*ended, *added], now=now)
    counts.update(ended=len(ended), added=len(added))
    counts["in_doubt"] += sum(
        message.state == State.UNCERTAIN.value for message in (*ended, *added)
    )
    return counts


def _known(rows: Sequence[Row]) -> dict[str | tuple[Any, ...], Message]:
    """The messages of the ledger by their uuid, and by what makes them the same again:
    a sweep of the copy may have planned one again."""
    alike = Message.objects.filter(
        customer__in={row["customer"] for row in rows if row["customer"]},
        kind__in={kinds.today_called(row["kind"]) for row in rows},
        occurrence__in={row["occurrence"] for row in rows},
    ).exclude(state=State.SUPERSEDED.value)
    same = Message.objects.filter(message_uuid__in={row["uuid"] for row in rows})
    locked = (alike | same).order_by("id").select_for_update(no_key=True)
    found: dict[str | tuple[Any, ...], Message] = {}
    for message in locked:
        found[str(message.message_uuid)] = message
        if message.customer_id is not None:
            key = (message.kind, message.customer_id, message.occurrence)
            found[key] = message
    return found


def _key(row: Row) -> tuple[Any, ...]:
    return (kinds.today_called(row["kind"]), row["customer"], row["occurrence"])


def _customers(rows: Sequence[Row], at: datetime) -> set[int]:
    """Those that the copy has. Who was created after that moment is somebody else, who
    was given a number again."""
    ids = {row["customer"] for row in rows if row["customer"]}
    found = Customer.objects.filter(pk__in=ids, created_at__lte=at)
    return set(found.values_list("pk", flat=True))


def _may_end(message: Message, *, sent: bool) -> bool:
    """Rows without a decision; that of a person or of an earlier replay stands."""
    if message.state == State.UNCERTAIN.value:
        return sent and message.reason_code in {NO_ANSWER, DUE_BEFORE}
    return message.state in _OPEN


def _new(row: Row, at: datetime) -> Message:
    return Message(
        customer_id=row["customer"],
        kind=kinds.today_called(row["kind"]),
        category=row["category"],
        occurrence=row["occurrence"],
        is_reminder=row["reminder"],
        due_on=date.fromisoformat(row["due"]),
        planned_at=at,
        not_before=at,
        expires_at=at + timedelta(seconds=1),
    )


def _end(message: Message, row: Row, at: datetime, *, sent: bool) -> Message:
    message.state = (State.SENT if sent else State.UNCERTAIN).value
    message.reason_code = "" if sent else NO_ANSWER
    message.reason_data = {}
    message.message_uuid = UUID(row["uuid"])
    message.address_hash = bytes.fromhex(row["hash"]) or None
    message.handed_at = message.final_at = message.counted_at = at
    message.claim_token = message.lease_until = None
    return message


# --- Withdrawals and addresses -------------------------------------------------------


def _withdrawals(read: Read, now: datetime) -> Counter[str]:
    return Counter(
        withdrawals=sum(_withdraw(entry, row) for entry in read() for row in entry.rows)
    )


@transaction.atomic
def _withdraw(entry: Entry, row: Row) -> bool:
    """The customer's own no, as it was given. Where the copy does not have their
    record, or has another address, that address gets no such mail."""
    customer = Customer.objects.filter(
        pk=row["customer"], created_at__lte=entry.at
    ).first()
    is_new = False
    if customer is not None:
        known = set(
            Consent.objects.filter(customer=customer, at__gte=entry.at).values_list(
                "category", flat=True
            )
        )
        is_new = bool(
            consent.withdraw(
                customer,
                categories=[Category(one) for one in {*row["categories"]} - known],
                how=row["how"],
                now=entry.at,
                source_key=f"journal:{entry.number}:{customer.pk}",
            )
        )
    address = bytes.fromhex(row["hash"])
    if customer is None or address not in _hashes_of(customer):
        for category in row["categories"]:
            is_new |= _suppress(
                address, category, SuppressionReason.WITHDRAWN, at=entry.at
            )
    return is_new


def _hashes_of(customer: Customer) -> frozenset[bytes]:
    """A record without an address has the empty one."""
    known = person_addresses.of_customers([customer.pk])[customer.pk]
    return known.hashes or frozenset({b""})


def _addresses(read: Read, now: datetime) -> Counter[str]:
    return Counter(
        addresses=sum(
            _suppress(
                bytes.fromhex(row["hash"]),
                row["scope"],
                SuppressionReason(row["reason"]),
                at=entry.at,
            )
            for entry in read()
            for row in entry.rows
        )
    )


def _suppress(
    address: bytes, scope: str, reason: SuppressionReason, *, at: datetime
) -> bool:
    """Unless the copy knows it, or a later word about this address."""
    same = Suppression.objects.filter(address_hash=address, scope=scope)
    if same.filter(at__gte=at).exists() or same.filter(lifted_at__gte=at).exists():
        return False
    category = None if scope == suppression.ALL else Category(scope)
    return suppression.suppress(address, reason=reason, now=at, scope=category)


register(
    *(journal_rows.HANDED, journal_rows.SENT, journal_rows.RETURNED),
    order=1,
    apply=_mails,
)
register(journal_rows.WITHDRAWN, order=2, apply=_withdrawals)
register(journal_rows.SUPPRESSED, order=3, apply=_addresses)
