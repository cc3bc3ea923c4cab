"""Withdrawals of many people at once, as files bring them.

The same rows as `consent.withdraw` writes for one, in a few statements whatever their
number. What counts is the moment at which they withdrew:

* a yes of the customer's own, here and after that moment, stands;
* a yes that others wrote down for them does not: when in doubt, no mail;
* where the last word is a no already, nothing is written, so that twice is once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.models import Customer
from crm.services import audit, journal
from crm.sql.ids import among
from messaging.models import Message
from messaging.rules.choices import Category, State
from messaging.rules.consent import LastWord
from messaging.rules.send_decision import Code, Reason
from messaging.services import (
    consent,
    journal_rows,
    last_words,
    messages,
    person_addresses,
    suppression,
)
from messaging.services.person_addresses import Addresses
from messaging.sql import opt_outs as sql

HOW = "import"


@dataclass(frozen=True)
class Withdrawal:
    """One person stopped these classes of mail at that moment. `line` is of the file;
    `words` say where that comes from."""

    line: int
    customer: int
    categories: Collection[Category]
    at: datetime
    words: str


def withdraw_many(
    asked: Iterable[Withdrawal], *, now: datetime, is_dry: bool = False
) -> tuple[set[int], set[int]]:
    """Write what is new; the lines that say something new, and whom they are about.

    To be called within a transaction. The customers' rows are locked here, in the order
    of their ids; a claim takes the same locks, and passes by those that it cannot get.
    """
    asked = list(asked)
    people = locked({one.customer for one in asked})
    addresses = person_addresses.of_emails(people, suppression.address_key())
    hashes = {pk: known.chief for pk, known in addresses.items()}
    new = _new(asked, addresses)
    if new and not is_dry:
        _write(new, hashes, now=now)
    lines = {one.line for one in new.values()}
    return lines, {customer for customer, _ in new}


_New = dict[tuple[int, Category], Withdrawal]


def locked(ids: Collection[int]) -> dict[int, str]:
    """Their addresses, once their rows are ours; without those who are gone."""
    rows = Customer.objects.live().filter(pk__in=among(ids)).order_by("pk")
    return dict(rows.select_for_update(no_key=True).values_list("pk", "email_norm"))


def _new(asked: Sequence[Withdrawal], addresses: Mapping[int, Addresses]) -> _New:
    """By customer and class, what is not on record yet: the latest of several."""
    words = last_words.of_many(addresses)
    new: _New = {}
    for one in asked:
        if one.customer not in addresses:
            continue
        for category in one.categories:
            known = new.get((one.customer, category))
            if known and known.at >= one.at:
                continue
            if is_news(words.get((one.customer, category)), one.at):
                new[one.customer, category] = one
    return new


def is_news(last: LastWord | None, at: datetime) -> bool:
    """Whether a withdrawal of that moment changes what was chosen last."""
    if last is None:
        return True
    is_their_later_yes = last.how in consent.OWN_WORDS and last.at >= at
    return last.granted and not is_their_later_yes


def _write(new: _New, hashes: Mapping[int, bytes], *, now: datetime) -> None:
    rows = [
        (customer, category.value, one.at, HOW, one.words[:300], hashes[customer])
        for (customer, category), one in sorted(new.items())
    ]
    sql.insert_consents(rows, granted=False)
    stopped: dict[int, list[Category]] = defaultdict(list)
    for customer, category in sorted(new):
        stopped[customer].append(category)
    _end_planned(stopped, now=now)
    journal.record(
        journal_rows.WITHDRAWN,
        *(
            journal_rows.withdrawn_by(customer, hashes[customer], categories, HOW)
            for customer, categories in stopped.items()
        ),
        now=now,
    )
    together: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for customer, categories in stopped.items():
        together[tuple(one.value for one in categories)].append(customer)
    for fields, customers in together.items():
        audit.record_many(
            "consent.withdrawn",
            ((f"customer:{pk}", pk) for pk in customers),
            fields=fields,
            now=now,
        )


def _end_planned(stopped: Mapping[int, Sequence[Category]], *, now: datetime) -> None:
    by_category: dict[Category, list[int]] = defaultdict(list)
    for customer, categories in stopped.items():
        for category in categories:
            by_category[category].append(customer)
    for category, customers in by_category.items():
        waiting = Message.objects.filter(
            customer__in=customers,
            category=category.value,
            state__in=[State.PLANNED.value, State.CLAIMED.value],
        )
        reason = Reason(Code.OPTED_OUT.value)
        messages.finish(waiting, state=State.SUPPRESSED, reason=reason, now=now)
