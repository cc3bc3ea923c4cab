"""What a file of customers says about the mail that they want."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.import_columns import Notes
from crm.services import audit
from messaging.rules.choices import Category, SuppressionReason
from messaging.services import last_words, person_addresses, suppression
from messaging.services.bulk_suppressions import Barred, suppress_many
from messaging.services.bulk_withdrawals import HOW, Withdrawal, locked, withdraw_many
from messaging.sql import opt_outs as sql


@dataclass(frozen=True)
class Wish:
    """One row. `customer` is None where a dry run makes none."""

    line: int
    customer: int | None
    email: str
    # The run leaves this record as it is: a yes is nothing to it, a no is.
    is_left: bool
    agreed: bool
    has_stopped: bool
    barred: SuppressionReason | None
    stopped_at: datetime
    barred_at: datetime
    agreed_at: datetime
    words: str


def apply_wishes(
    wishes: Sequence[Wish],
    *,
    categories: Collection[Category],
    granted_by: str,
    notes: Notes,
    now: datetime,
    is_dry: bool,
) -> set[int]:
    """Stop, bar and, where `granted_by` says by what words, allow. Returns the ids of
    those whom that changed."""
    stopping = [one for one in wishes if one.has_stopped]
    barring = [one for one in wishes if one.barred]
    agreeing = [
        one
        for one in wishes
        if one.agreed and not (one.has_stopped or one.barred or one.is_left)
    ]
    _, stopped = withdraw_many(
        [
            Withdrawal(one.line, one.customer, categories, one.stopped_at, one.words)
            for one in stopping
            if one.customer
        ],
        now=now,
        is_dry=is_dry,
    )
    lines = suppress_many(_barred(barring), now=now, is_dry=is_dry)
    changed = stopped | {
        one.customer for one in barring if one.line in lines and one.customer
    }
    if granted_by:
        changed |= _grant(agreeing, granted_by, notes=notes, now=now, is_dry=is_dry)
    for code, found in (("opted_out", stopping), ("address_barred", barring)):
        if found:
            notes.add(code, rows=len(found))
    return changed


def _barred(wishes: Iterable[Wish]) -> list[Barred]:
    key = suppression.address_key()
    return [
        Barred(
            one.line,
            suppression.hashed(one.email, key),
            suppression.ALL,
            one.barred,
            one.barred_at,
        )
        for one in wishes
        if one.barred and one.email
    ]


def _grant(
    wishes: Sequence[Wish], words: str, *, notes: Notes, now: datetime, is_dry: bool
) -> set[int]:
    """A yes to offers where none is on record, and no no."""
    at = {one.customer: one.agreed_at for one in wishes if one.customer}
    addresses = person_addresses.of_emails(locked(at.keys()), suppression.address_key())
    hashes = {pk: known.chief for pk, known in addresses.items()}
    said = last_words.of_many(addresses)
    listed = suppression.suppressed(hashes.values())
    new, refused = [], 0
    for pk, address in hashes.items():
        last = said.get((pk, Category.MARKETING))
        stopped = any(
            row.reason == SuppressionReason.WITHDRAWN
            and row.scope == Category.MARKETING.value
            for row in listed.get(address, ())
        )
        if (last and not last.granted) or stopped:
            refused += 1
        elif last is None:
            new.append(
                (pk, Category.MARKETING.value, at[pk], HOW, words[:300], address)
            )
    if refused:
        notes.add("consent_kept_no", rows=refused)
    created = sum(one.customer is None for one in wishes)
    if new or created:
        notes.add("consent_given", rows=len(new) + created)
    if new and not is_dry:
        sql.insert_consents(new, granted=True)
        audit.record_many(
            "consent.granted",
            ((f"customer:{pk}", pk) for pk, *_ in new),
            fields=[Category.MARKETING.value],
            now=now,
        )
    return {pk for pk, *_ in new}
