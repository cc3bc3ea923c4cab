"""May these messages go now: a handful of queries for the whole claimed group.

Asked inside the claim's transaction, after the customers' rows are locked, so that a
withdrawal or another claim for the same person waits for us or we see it.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Subquery

from crm.models import AddressKey, Business, User
from crm.rules import dates, days_off
from messaging.models import Automation, Hold, Message, Suppression
from messaging.rules import send_decision as rules
from messaging.rules.budget import Counted, Rule
from messaging.rules.choices import Category, SuppressionReason
from messaging.rules.consent import LastWord
from messaging.rules.resting import AllowedDays
from messaging.rules.send_decision import Code, Decision, Facts, OpenHold
from messaging.services import (
    consent,
    counted_mails,
    holds,
    last_words,
    offers,
    person_addresses,
    suppression,
)
from messaging.services.counted_mails import CountedMails
from messaging.services.person_addresses import NONE, Addressees, Addresses

# Reasons of a suppression, as refusals.
CODES = {
    SuppressionReason.BOUNCE: Code.BOUNCED,
    SuppressionReason.COMPLAINT: Code.COMPLAINED,
    SuppressionReason.ERASED: Code.ERASED,
    SuppressionReason.STAFF: Code.BLOCKED_BY_STAFF,
    SuppressionReason.WITHDRAWN: Code.OPTED_OUT,
}


def decisions(messages: Sequence[Message], *, now: datetime) -> dict[int, Decision]:
    """Message id to Go, Defer or End, each as if it were the only one."""
    return {
        pk: rules.decide(known, now) for pk, known in facts(messages, now=now).items()
    }


def beside(
    known: Facts, message: Message, others: Sequence[Message], now: datetime
) -> Facts:
    """The facts as they are once these others, at the same address, went at `now`."""
    counted = [Counted(Category(one.category), now, one.is_reminder) for one in others]
    twins = [now for one in others if one.kind == message.kind]
    return replace(
        known, counted=[*known.counted, *counted], twins=[*known.twins, *twins]
    )


def facts(
    messages: Sequence[Message], *, now: datetime, as_of: datetime | None = None
) -> dict[int, Facts]:
    """What the decision rests on. `as_of` looks at the consents of an earlier moment.

    The messages come with their recipients (select_related: customer, user).

    The clock of this process may be behind the one that wrote a withdrawal: without
    `as_of` every row counts, however late its time.
    """
    found = _look(messages, now=now, as_of=as_of)
    return {message.pk: _best(message, found) for message in messages}


def _best(message: Message, found: "_Found") -> Facts:
    """As it was planned; without its offer where that alone may go."""
    facts = _facts(message, Category(message.category), found)
    plain = found.without_offer.get(message.pk)
    if plain is None or _is_allowed(facts):
        return facts
    other = _facts(message, plain, found)
    return other if _is_allowed(other) else facts


def _is_allowed(facts: Facts) -> bool:
    return facts.consent.allowed and not facts.suppressed


@dataclass(frozen=True)
class _Found:
    """Everything the queries brought: by customer, the hashes by message."""

    addressees: Addressees
    business: Business
    staff: Set[str]
    suppressions: Mapping[bytes, list[Suppression]]
    words: Mapping[tuple[int, Category], LastWord]
    holds: Mapping[int, list[Hold]]
    rules: Sequence[Rule]
    counted: CountedMails
    automations: Mapping[int, Automation]
    without_offer: Mapping[int, Category]


def _look(
    messages: Sequence[Message], *, now: datetime, as_of: datetime | None
) -> _Found:
    business, key = _shop()
    # A claim asked before it had the locks; what counts is what stands under them.
    addressees = person_addresses.of_messages(messages, key)
    at = addressees.people
    hashes = {*addressees.hashes.values(), *person_addresses.all_hashes(at.values())}
    limits = counted_mails.budget_rules()
    return _Found(
        addressees=addressees,
        business=business,
        staff=_colleagues(message.email_norm for message in messages),
        suppressions=suppression.suppressed(hashes),
        words=last_words.of_many(at, as_of=as_of),
        holds=holds.open_holds(at, now=now),
        rules=limits,
        counted=counted_mails.of_people(at, limits, now=now, as_of=as_of),
        automations=_automations(messages),
        without_offer=offers.without_offer(messages),
    )


def _automations(messages: Iterable[Message]) -> dict[int, Automation]:
    ids = {message.automation_id for message in messages} - {None}
    return Automation.objects.in_bulk(ids) if ids else {}


def _shop() -> tuple[Business, bytes]:
    key = AddressKey.objects.values("key")[:1]
    business = Business.objects.annotate(address_key=Subquery(key)).get(pk=1)
    return business, bytes(business.address_key or suppression.address_key())


def _colleagues(addresses: Iterable[str]) -> frozenset[str]:
    """Those of the addresses that people sign in with who work here."""
    wanted = {address for address in addresses if address}
    found = User.objects.filter(is_active=True, email__any_of=wanted)
    return frozenset(found.values_list("email", flat=True))


def _facts(message: Message, category: Category, found: _Found) -> Facts:
    business = found.business
    known = found.addressees.people.get(message.customer_id or 0, NONE)
    refused = _suppressed(
        category, found.suppressions.get(found.addressees.hashes[message.pk], ())
    ) or _said_elsewhere(category, known, found.suppressions)
    if message.customer is None:
        return _facts_of_others(message, business, suppressed=refused)
    pk, customer = message.customer.pk, message.customer
    counted = found.counted.against(message, known)
    automation = found.automations.get(message.automation_id or 0)
    return Facts(
        customer=pk,
        category=category,
        is_reminder=message.is_reminder,
        expires_at=message.expires_at,
        zone=dates.zone_of(customer.time_zone, business.time_zone),
        consent=consent.state_of(
            category,
            found.words.get((pk, category)),
            business=business,
            customer=customer,
        ),
        customer_gone=not customer.is_live,
        has_address=bool(customer.email_norm),
        is_staff=customer.email_norm in found.staff,
        suppressed=refused,
        holds=[
            OpenHold(hold.pk, hold.reason, hold.source_key, hold.until)
            for hold in found.holds.get(pk, ())
            if category.value in hold.categories
        ],
        allowed=automation.allowed if automation else AllowedDays(),
        send_hour=automation.send_hour if automation else 0,
        country=days_off.country_of(customer.country, business.country),
        quiet_from=business.quiet_from,
        quiet_until=business.quiet_until,
        rules=found.rules,
        counted=[one.counted for one in counted],
        twins=[
            one.counted.counted_at
            for one in counted
            if one.kind == message.kind and one.customer != pk
        ],
        held_out=bool(message.in_holdout),
    )


def _facts_of_others(message: Message, business: Business, *, suppressed: str) -> Facts:
    """A colleague or a bare address: no consent, no limit, no hold; transactional."""
    user = message.user
    return Facts(
        category=Category(message.category),
        is_reminder=message.is_reminder,
        expires_at=message.expires_at,
        zone=dates.zone_of(user.time_zone if user else "", business.time_zone),
        consent=consent.state_of(
            Category(message.category), None, business=business, customer=None
        ),
        colleague_gone=user is not None and not user.is_active,
        has_address=bool(message.email),
        suppressed=suppressed,
    )


def _suppressed(category: Category, rows: Iterable[Suppression]) -> str:
    for row in rows:
        if row.scope not in {suppression.ALL, category.value}:
            continue
        # These two are about what we send on our own account: an answer or a receipt
        # still comes, also to somebody who was erased and has written to us again.
        reason = SuppressionReason(row.reason)
        is_lasting = reason in suppression.LASTING
        if is_lasting and category is Category.TRANSACTIONAL:
            continue
        return CODES[reason].value
    return ""


# What somebody chose, and not what became of one mailbox.
_SAID = {SuppressionReason.COMPLAINT.value, SuppressionReason.WITHDRAWN.value}


def _said_elsewhere(
    category: Category,
    known: Addresses,
    suppressions: Mapping[bytes, Sequence[Suppression]],
) -> str:
    """What this person chose at another of their addresses. A mailbox that is no more,
    or that staff blocked, says nothing of the others."""
    rows = [
        row
        for address in sorted(known.seconds)
        for row in suppressions.get(address, ())
        if row.reason in _SAID
    ]
    return _suppressed(category, rows)
