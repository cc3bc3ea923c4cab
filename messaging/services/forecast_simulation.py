"""Play through the mails of those about whom a set of SQL cannot decide.

They are the people who share an address, whose mail is on hold or waits already, and
those to whom more would go than a limit lets through.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from crm.models import Business, Customer
from crm.rules import dates, days_off
from crm.sql.ids import among
from messaging import kinds
from messaging.models import Automation, ForecastMail, Message
from messaging.rules.budget import Rule
from messaging.rules.choices import Category
from messaging.rules.send_decision import Code, ConsentState, Facts
from messaging.rules.simulation import Key, Mail, simulate
from messaging.rules.simulation import Outcome as Foreseen
from messaging.services import permission, person_addresses
from messaging.services.person_addresses import NONE, Addresses
from messaging.sql import forecast_people as people
from messaging.sql.forecast_people import Row
from messaging.sql.forecast_rows import Outcome

# So many mails are asked about at once.
_BATCH = 2_000
_ALLOWED = ConsentState(True, None, "", recorded=True)


def outcomes(
    business: Business, *, key: bytes, rules: Sequence[Rule], now: datetime
) -> Iterator[Outcome]:
    """What becomes of each mail to people who are odd or crowded."""
    yield from _of_odd(people.odd(), business, key=key, now=now)
    yield from _of_crowded(people.crowded(), business, rules=rules, now=now)


def _of_crowded(
    rows: Sequence[Row],
    business: Business,
    *,
    rules: Sequence[Rule],
    now: datetime,
) -> Iterator[Outcome]:
    """Each by themselves: only limits and nights are in the way of their mails."""
    spent = people.spent()
    automations = Automation.objects.in_bulk()
    for customer, group in groupby(rows, key=lambda row: row.customer):
        counted = spent.get(customer, ())
        mails = [
            _mail(
                row,
                Facts(
                    category=Category(row.category),
                    is_reminder=row.is_reminder,
                    expires_at=row.expires_at,
                    zone=dates.zone_of(row.time_zone, business.time_zone),
                    consent=_ALLOWED,
                    customer=customer,
                    allowed=automations[row.automation].allowed,
                    send_hour=automations[row.automation].send_hour,
                    country=days_off.country_of(row.country, business.country),
                    held_out=row.is_held_out,
                    quiet_from=business.quiet_from,
                    quiet_until=business.quiet_until,
                    rules=rules,
                    counted=counted,
                ),
            )
            for row in group
        ]
        yield from _played(mails, now)


def _of_odd(
    rows: Sequence[Row], business: Business, *, key: bytes, now: datetime
) -> Iterator[Outcome]:
    """All facts of a claim, for everybody who shares an address together."""
    emails = {row.customer: row.email_norm for row in rows}
    addresses = person_addresses.of_emails(emails, key)
    for groups in _batches(_together(rows, addresses)):
        facts = _facts([row for group in groups for row in group], now)
        for group in groups:
            yield from _played(
                [_mail(row, facts[-row.id], addresses[row.customer]) for row in group],
                now,
            )


def of_one(
    rows: Sequence[ForecastMail], customer: Customer, *, now: datetime
) -> dict[int, Foreseen]:
    """What becomes of the kept mails to one person by what is known now: id to outcome.
    Others who share an address with them are left out."""
    messages = {
        row.pk: Message(
            pk=-row.pk,
            customer=customer,
            kind=row.automation.kind,
            category=row.category,
            is_reminder=kinds.get(row.automation.kind).is_reminder,
            automation_id=row.automation_id,
            in_holdout=row.reason_code == Code.HELD_OUT,
            not_before=row.moment,
            expires_at=row.expires_at,
        )
        for row in rows
    }
    facts = permission.facts(list(messages.values()), now=now)
    mails = [
        Mail(
            key=row.pk,
            kind=row.automation.kind,
            customer=customer.pk,
            moment=row.moment,
            rank=(row.automation.priority,),
            facts=facts[-row.pk],
        )
        for row in rows
    ]
    return simulate(mails, now)


def _facts(rows: Sequence[Row], now: datetime) -> dict[int, Facts]:
    """By negative number of the mail: no stored message has it, and what counts
    against a customer is counted without the message itself."""
    ids = among({row.customer for row in rows})
    customers = {one.pk: one for one in Customer.objects.filter(pk__in=ids)}
    messages = [
        Message(
            pk=-row.id,
            customer=customers[row.customer],
            kind=row.kind,
            category=row.category,
            is_reminder=row.is_reminder,
            automation_id=row.automation,
            in_holdout=row.is_held_out,
            not_before=row.moment,
            expires_at=row.expires_at,
        )
        for row in rows
    ]
    return permission.facts(messages, now=now)


def _mail(row: Row, facts: Facts, known: Addresses | None = None) -> Mail:
    theirs = known or NONE
    sender: set[Key] = {row.customer, theirs.chief}
    return Mail(
        key=row.id,
        kind=row.kind,
        customer=row.customer,
        moment=row.moment,
        rank=(row.rank,),
        facts=facts,
        sender=frozenset(sender - {b""}),
        sees=theirs.hashes | theirs.others | {row.customer},
    )


def _played(mails: Sequence[Mail], now: datetime) -> Iterator[Outcome]:
    zones = {mail.key: mail.facts.zone for mail in mails}
    for key, found in simulate(mails, now).items():
        at = found.goes_at
        day = dates.local_day(at, zones[key]) if at else None
        yield key, found.decision.value, found.code, at, day


def _batches(groups: Iterable[list[Row]]) -> Iterator[list[list[Row]]]:
    batch: list[list[Row]] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += len(group)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _together(
    rows: Sequence[Row], addresses: Mapping[int, Addresses]
) -> list[list[Row]]:
    """The rows of all who are linked by an address, however many steps away."""
    leader: dict[Key, Key] = {}

    def first(one: Key) -> Key:
        while (up := leader.setdefault(one, one)) != one:
            leader[one] = one = leader[up]
        return one

    for customer, known in addresses.items():
        linked: set[Key] = {*known.hashes, *known.others}
        for other in linked:
            leader[first(other)] = first(customer)
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(first(row.customer), []).append(row)
    return list(groups.values())
