"""The word that counts about each class of mail: a record's own, or its address's."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from crm.models import Customer
from messaging.models import Consent
from messaging.rules import consent as rules
from messaging.rules.choices import Category
from messaging.rules.consent import LastWord
from messaging.services import suppression
from messaging.sql import permission as sql

# Versions of the preference page whose yes was kept for one record only.
_FOR_ONE_RECORD = frozenset({"", "preferences-1"})


def of_many(
    hashes: Mapping[int, bytes], *, as_of: datetime | None = None
) -> dict[tuple[int, Category], LastWord]:
    """The word that counts for each customer and class of which one was said; `hashes`
    has the address of each."""
    own: dict[tuple[int, Category], LastWord] = {}
    said: dict[tuple[bytes, Category], LastWord] = {}
    found = sql.last_words(hashes.keys(), set(hashes.values()), as_of)
    for address, name, pk, customer, granted, at, how, version in found:
        category = Category(name)
        word = _word(pk, customer, granted, at, how, version)
        if address is None:
            own[customer, category] = word
        else:
            said[bytes(address), category] = word
    counting = {
        (pk, category): rules.deciding(
            own.get((pk, category)), said.get((address, category))
        )
        for pk, address in hashes.items()
        for category in Category
    }
    return {key: word for key, word in counting.items() if word is not None}


def _word(
    pk: int, customer: int, granted: bool, at: datetime, how: str, version: str
) -> LastWord:
    return LastWord(
        granted, at, how, pk, customer, granted and version not in _FOR_ONE_RECORD
    )


def rows_of(
    customer: Customer, *, before: int | None = None
) -> dict[Category, Consent]:
    """The row that counts for each class of which a word was said: their own, or one
    said at their address through another record. `before`: as it was at that row."""
    ledger = Consent.objects.order_by("category", "-id").distinct("category")
    if before is not None:
        ledger = ledger.filter(pk__lt=before)
    address = suppression.address_hash(customer.email_norm)
    own = _by_category(ledger.filter(customer=customer))
    said = _by_category(ledger.filter(address_hash=address)) if address else {}
    return {
        category: row
        for category in own.keys() | said.keys()
        if (row := _deciding(own.get(category), said.get(category)))
    }


def _by_category(rows: Iterable[Consent]) -> dict[Category, Consent]:
    return {Category(row.category): row for row in rows}


def _deciding(own: Consent | None, said: Consent | None) -> Consent | None:
    word = rules.deciding(word_of(own), word_of(said))
    if word is None:
        return None
    return said if said is not None and said.pk == word.id else own


def word_of(row: Consent | None) -> LastWord | None:
    if row is None:
        return None
    return _word(
        row.pk, row.customer_id, row.granted, row.at, row.how, row.wording_version
    )
