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

_NOTES = {
    Category.MARKETING: "consent_given",
    Category.BIRTHDAY: "birthday_consent_given",
}


@dataclass(frozen=True)
class Wish:
    """One row. `customer` is None where a dry run makes none."""

    line: int
    customer: int | None
    email: str
    # The run leaves this record as it is: a yes is nothing to it, a no is.
    is_left: bool
    # The classes of mail that they said yes to.
    agreed: Collection[Category]
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
    """A yes to a class of mail where none is on record, and no no."""
    at = {one.customer: one for one in wishes if one.customer}
    addresses = person_addresses.of_emails(locked(at.keys()), suppression.address_key())
    hashes = {pk: known.chief for pk, known in addresses.items()}
    said = last_words.of_many(addresses)
    listed = suppression.suppressed(hashes.values())
    new, refused = [], set()
    for pk, address in hashes.items():
        for category in sorted(at[pk].agreed):
            last = said.get((pk, category))
            stopped = any(
                row.reason == SuppressionReason.WITHDRAWN
                and row.scope == category.value
                for row in listed.get(address, ())
            )
            if (last and not last.granted) or stopped:
                refused.add(pk)
            elif last is None:
                agreed_at = at[pk].agreed_at
                new.append((pk, category.value, agreed_at, HOW, words[:300], address))
    if refused:
        notes.add("consent_kept_no", rows=len(refused))
    _note_yes(wishes, [Category(category) for _, category, *_ in new], notes)
    if new and not is_dry:
        _record_yes(new, now=now)
    return {pk for pk, *_ in new}


def _note_yes(wishes: Sequence[Wish], new: Sequence[Category], notes: Notes) -> None:
    """How many said yes to each class, with those whom a dry run does not make."""
    made = [c for one in wishes if one.customer is None for c in one.agreed]
    for category, code in _NOTES.items():
        rows = [*new, *made].count(category)
        if rows:
            notes.add(code, rows=rows)


def _record_yes(
    rows: Sequence[tuple[int, str, datetime, str, str, bytes]], *, now: datetime
) -> None:
    sql.insert_consents(rows, granted=True)
    for category in sorted({row[1] for row in rows}):
        audit.record_many(
            "consent.granted",
            ((f"customer:{pk}", pk) for pk, said, *_ in rows if said == category),
            fields=[category],
            now=now,
        )
