"""Every address of a person, as keyed hashes, and who else is known by one of them.

Mail goes to the chief address. What was stopped, and what counts against the contact
limit, is of the person and of each address, whatever record carries it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from crm.models import Customer
from crm.sql import second_addresses as sql
from messaging.models import Message
from messaging.services import suppression


@dataclass(frozen=True)
class Addresses:
    """`chief` is empty where there is none. `others`: ids of records of which one of
    these addresses is a second one."""

    chief: bytes = b""
    seconds: frozenset[bytes] = frozenset()
    others: frozenset[int] = frozenset()

    @property
    def hashes(self) -> frozenset[bytes]:
        """All of them, without empty ones."""
        return (self.seconds | {self.chief}) - {b""}


NONE = Addresses()


@dataclass(frozen=True)
class Addressees:
    """Of messages: the hash of the address that each goes to, and by customer all that
    people have."""

    hashes: Mapping[int, bytes] = field(default_factory=dict)
    people: Mapping[int, Addresses] = field(default_factory=dict)

    def of(self, message: Message) -> frozenset[bytes]:
        """All addresses of the person, whatever one it goes to."""
        if message.customer_id:
            return self.people[message.customer_id].hashes
        return frozenset({self.hashes[message.pk]} - {b""})


def of_messages(messages: Collection[Message], key: bytes) -> Addressees:
    """Whom these messages go to, one query for all; `key` hashes. They come with their
    recipients."""
    emails = {message.pk: message.email_norm for message in messages}
    people = of_emails(
        {one.customer_id: emails[one.pk] for one in messages if one.customer_id}, key
    )
    hashes = {
        one.pk: people[one.customer_id].chief
        if one.customer_id
        else suppression.hashed(emails[one.pk], key)
        for one in messages
    }
    return Addressees(hashes, people)


def of_customers(ids: Collection[int]) -> dict[int, Addresses]:
    """Those of these customers; all of them are in the answer that exist."""
    rows = Customer.objects.filter(pk__in=ids).values_list("pk", "email_norm")
    return of_emails(dict(rows), suppression.address_key())


def of_emails(emails: Mapping[int, str], key: bytes) -> dict[int, Addresses]:
    """The same where the chief addresses are known, by customer; `key` hashes."""
    seconds: dict[int, set[bytes]] = {}
    others: dict[int, set[int]] = {}
    for asked, holder, email in _rows(emails):
        if asked == holder:
            seconds.setdefault(asked, set()).add(suppression.hashed(email, key))
        else:
            others.setdefault(asked, set()).add(holder)
    return {
        pk: Addresses(
            suppression.hashed(email, key),
            frozenset(seconds.get(pk, ())),
            frozenset(others.get(pk, ())),
        )
        for pk, email in emails.items()
    }


def all_hashes(addresses: Iterable[Addresses]) -> set[bytes]:
    """The hashes of all of them."""
    return {one for each in addresses for one in each.hashes}


def all_people(addresses: Mapping[int, Addresses]) -> set[int]:
    """These customers, and whoever is known by one of their addresses."""
    return set(addresses).union(*(known.others for known in addresses.values()))


def _rows(emails: Mapping[int, str]) -> list[tuple[int, int, str]]:
    if not emails:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            sql.OF_RECORDS, {"ids": list(emails), "emails": list(emails.values())}
        )
        return list(cursor.fetchall())
