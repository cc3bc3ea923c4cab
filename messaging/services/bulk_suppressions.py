"""Many addresses for the list of those we do not write to, as files bring them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from crm.services import audit, journal
from crm.sql.ids import among_hashes
from messaging.models import Suppression
from messaging.rules.choices import SuppressionReason
from messaging.services import journal_rows, last_words, suppression
from messaging.services.consent import OWN_WORDS
from messaging.sql import opt_outs as sql


@dataclass(frozen=True)
class Barred:
    """An address that bounced, complained or opted out at that moment. `scope` is "all"
    or one class of mail; `line` is of the file."""

    line: int
    address: bytes
    scope: str
    reason: SuppressionReason
    at: datetime

    @property
    def key(self) -> tuple[bytes, str]:
        """What makes two of them the same."""
        return self.address, self.scope


def suppress_many(
    asked: Iterable[Barred], *, now: datetime, is_dry: bool = False
) -> set[int]:
    """Put on the list what is not there; the lines that say something new.

    A complaint outlives a bounce. What staff or the customer took back after that
    moment stays taken back. To be called within a transaction.
    """
    asked = list(asked)
    addresses = among_hashes({one.address for one in asked})
    listed = Suppression.objects.filter(address_hash__in=addresses)
    standing = {
        (bytes(row.address_hash), row.scope): row
        for row in listed.filter(lifted_at=None)
    }
    taken_back = _taken_back(listed, asked)
    new: dict[tuple[bytes, str], Barred] = {}
    for one in asked:
        if one.key in taken_back and taken_back[one.key] >= one.at:
            continue
        known = new.get(one.key) or standing.get(one.key)
        if known and suppression.outranks(SuppressionReason(known.reason), one.reason):
            continue
        new[one.key] = one
    if new and not is_dry:
        _write(new, standing, now=now)
    return {one.line for one in new.values()}


def _taken_back(
    listed: "QuerySet[Suppression]", asked: Iterable[Barred]
) -> Mapping[tuple[bytes, str], datetime]:
    """When staff took a row off the list, or the customer last agreed in their own
    words, at an address that no record has any more."""
    withdrawn = {
        one.address for one in asked if one.reason is SuppressionReason.WITHDRAWN
    }
    found = {
        (address, category.value): word.at
        for (address, category), word in last_words.at_addresses(withdrawn).items()
        if word.granted and word.how in OWN_WORDS
    }
    lifted = listed.filter(lifted_at__isnull=False)
    for address, scope, at in lifted.values_list("address_hash", "scope", "lifted_at"):
        key = bytes(address), scope
        if at is not None:
            found[key] = max(at, found.get(key, at))
    return found


def _write(
    new: Mapping[tuple[bytes, str], Barred],
    standing: Mapping[tuple[bytes, str], Suppression],
    *,
    now: datetime,
) -> None:
    outranked = [standing[key].pk for key in new if key in standing]
    Suppression.objects.filter(pk__in=outranked).update(lifted_at=now)
    sql.insert_suppressions(
        [(one.address, one.scope, one.reason.value, one.at) for one in new.values()]
    )
    journal.record(
        journal_rows.SUPPRESSED,
        *(
            {"hash": one.address.hex(), "scope": one.scope, "reason": one.reason.value}
            for one in new.values()
        ),
        now=now,
    )
    audit.record("addresses.suppressed", "suppression:many", now=now)
