"""The word that counts about each class of mail: a record's own, or its address's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value

from crm.models import Customer
from crm.sql.ids import among, among_hashes
from messaging.models import Consent
from messaging.rules import consent as rules
from messaging.rules.choices import Category
from messaging.rules.consent import LastWord
from messaging.services import person_addresses
from messaging.services.person_addresses import Addresses

_MOST_LISTED = 500
# Versions of the preference page whose yes was kept for one record only.
FOR_ONE_RECORD = frozenset({"", "preferences-1"})


def of_many(
    addresses: Mapping[int, Addresses], *, as_of: datetime | None = None
) -> dict[tuple[int, Category], LastWord]:
    """The consent row that counts, for each customer and class that has one."""
    ledger = Consent.objects.filter(at__lte=as_of) if as_of else Consent.objects.all()
    people = person_addresses.all_people(addresses)
    hashes = person_addresses.all_hashes(addresses.values())
    rows = _newest(ledger, "customer_id", people).union(
        _newest(ledger, "address_hash", hashes), all=True
    )
    # By customer (a number) and by address (bytes).
    found: dict[tuple[int | bytes, Category], LastWord] = {}
    for whose, customer, address, name, *word in rows:
        key = customer if whose == "customer_id" else bytes(address)
        found[key, Category(name)] = _word(customer, *word)
    counting = {
        (pk, category): rules.with_others(
            rules.deciding(
                found.get((pk, category)), found.get((known.chief, category))
            ),
            [
                *(found.get((address, category)) for address in known.seconds),
                *(found.get((other, category)) for other in known.others),
            ],
        )
        for pk, known in addresses.items()
        for category in Category
    }
    return {key: word for key, word in counting.items() if word is not None}


def at_addresses(hashes: Collection[bytes]) -> dict[tuple[bytes, Category], LastWord]:
    """The last consent or withdrawal of each address and class, on any record."""
    rows = _newest(
        Consent.objects.all(), "address_hash", [one for one in hashes if one]
    )
    return {
        (bytes(address), Category(name)): _word(customer, *word)
        for _, customer, address, name, *word in rows
    }


def _newest(
    ledger: QuerySet[Consent], whose: str, keys: Collection[int | bytes]
) -> QuerySet[Consent, tuple[Any, ...]]:
    """The newest row of each key and class; `whose` is the column of the keys."""
    return (
        _asked(ledger, whose, keys)
        .order_by(whose, "category", "-id")
        .distinct(whose, "category")
        .annotate(whose=Value(whose))
        .values_list(
            *("whose", "customer_id", "address_hash", "category"),
            *("id", "granted", "at", "how", "wording_version"),
        )
    )


def _asked(
    ledger: QuerySet[Consent], whose: str, keys: Collection[int | bytes]
) -> QuerySet[Consent]:
    """A claim asks of some; a file of thousands, which are joined."""
    if len(keys) <= _MOST_LISTED:
        return ledger.filter(**{f"{whose}__any_of": keys})
    ids = [key for key in keys if isinstance(key, int)]
    hashes = [key for key in keys if isinstance(key, bytes)]
    return ledger.filter(
        **{f"{whose}__in": among(ids) if ids else among_hashes(hashes)}
    )


def _word(
    customer: int, pk: int, granted: bool, at: datetime, how: str, version: str
) -> LastWord:
    return LastWord(
        granted, at, how, pk, customer, granted and version not in FOR_ONE_RECORD
    )


def rows_of(
    customer: Customer, *, before: int | None = None
) -> dict[Category, Consent]:
    """The consent row that counts for each class that has one: the customer's own, or
    one at their addresses through another record. `before`: as it was at that row."""
    ledger = Consent.objects.order_by("category", "-id").distinct("category")
    if before is not None:
        ledger = ledger.filter(pk__lt=before)
    known = person_addresses.of_customers([customer.pk])[customer.pk]
    own = _by_category(ledger.filter(customer=customer))
    theirs = _at(ledger, known.chief)
    others = [_at(ledger, one) for one in known.seconds]
    others += [_by_category(ledger.filter(customer=one)) for one in known.others]
    counting = {
        category: _deciding(
            own.get(category),
            theirs.get(category),
            [each[category] for each in others if category in each],
        )
        for category in Category
    }
    return {category: row for category, row in counting.items() if row is not None}


def _at(ledger: QuerySet[Consent], address: bytes) -> dict[Category, Consent]:
    return _by_category(ledger.filter(address_hash=address)) if address else {}


def _by_category(rows: Iterable[Consent]) -> dict[Category, Consent]:
    return {Category(row.category): row for row in rows}


def _deciding(
    own: Consent | None, theirs: Consent | None, others: Sequence[Consent]
) -> Consent | None:
    word = rules.with_others(
        rules.deciding(word_of(own), word_of(theirs)), map(word_of, others)
    )
    if word is None:
        return None
    rows = [row for row in (theirs, own, *others) if row is not None]
    return next(row for row in rows if row.pk == word.id)


def word_of(row: Consent | None) -> LastWord | None:
    """The row as the rules read it; None for None."""
    if row is None:
        return None
    return _word(
        row.customer_id, row.pk, row.granted, row.at, row.how, row.wording_version
    )
