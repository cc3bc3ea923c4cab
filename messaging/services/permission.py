"""May these messages go now: a handful of queries for the whole claimed group.

Asked inside the claim's transaction, after the customers' rows are locked, so that a
withdrawal or another claim for the same person waits for us or we see it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Subquery

from crm.models import Business, User
from crm.rules import dates
from messaging.models import AddressKey, BudgetRule, Hold, Message, Suppression
from messaging.rules import verdicts as rules
from messaging.rules.budget import Counted, Rule
from messaging.rules.choices import Category, SuppressionReason
from messaging.rules.consent import LastWord
from messaging.rules.verdicts import Code, Facts, OpenHold, Verdict
from messaging.services import consent, holds, suppression
from messaging.sql import permission as sql

_CODES = {
    SuppressionReason.BOUNCE: Code.BOUNCED,
    SuppressionReason.COMPLAINT: Code.COMPLAINED,
    SuppressionReason.ERASED: Code.ERASED,
    SuppressionReason.STAFF: Code.BLOCKED_BY_STAFF,
}


def verdicts(messages: Sequence[Message], *, now: datetime) -> dict[int, Verdict]:
    """Message id to Go, Defer or End."""
    return {
        pk: rules.decide(known, now) for pk, known in facts(messages, now=now).items()
    }


def facts(
    messages: Sequence[Message], *, now: datetime, as_of: datetime | None = None
) -> dict[int, Facts]:
    """What the decision rests on. `as_of` looks at the consents of an earlier moment.

    The messages come with their recipients (select_related: customer, user).

    The clock of this process may be behind the one that wrote a withdrawal: without
    `as_of` every row counts, however late its time.
    """
    found = _look(messages, now=now, as_of=as_of)
    return {message.pk: _facts(message, found) for message in messages}


@dataclass(frozen=True)
class _Found:
    """Everything the queries brought: by customer, the hashes by message."""

    business: Business
    staff: Set[str]
    hashes: Mapping[int, bytes]
    suppressions: Mapping[bytes, list[Suppression]]
    words: Mapping[tuple[int, Category], LastWord]
    holds: Mapping[int, list[Hold]]
    rules: Sequence[Rule]
    counted: Mapping[int, list[tuple[int, Counted]]]


def _look(
    messages: Sequence[Message], *, now: datetime, as_of: datetime | None
) -> _Found:
    addresses = {message.pk: message.email_norm for message in messages}
    ids = {message.customer_id for message in messages if message.customer_id}
    business, key = _house()
    hashes = {pk: suppression.hashed(email, key) for pk, email in addresses.items()}
    limits = budget_rules()
    return _Found(
        business=business,
        staff=_colleagues(addresses.values()),
        hashes=hashes,
        suppressions=suppression.suppressed(hashes.values()),
        words=consent.last_words(ids, as_of=as_of),
        holds=holds.open_holds(ids, now=now),
        rules=limits,
        counted=_counted(ids, limits, now=now, as_of=as_of),
    )


def _house() -> tuple[Business, bytes]:
    key = AddressKey.objects.values("key")[:1]
    business = Business.objects.annotate(address_key=Subquery(key)).get(pk=1)
    return business, bytes(business.address_key or suppression.address_key())


def _colleagues(addresses: Iterable[str]) -> frozenset[str]:
    """Those of the addresses that people sign in with who work here."""
    wanted = {address for address in addresses if address}
    found = User.objects.filter(is_active=True, email__in=wanted)
    return frozenset(found.values_list("email", flat=True))


def budget_rules() -> list[Rule]:
    return [
        Rule(
            id=row.pk,
            categories=frozenset(Category(name) for name in row.categories),
            max_count=row.max_count,
            window_days=row.window_days,
            counts_reminders=row.counts_reminders,
        )
        for row in BudgetRule.objects.all()
    ]


def _counted(
    ids: Collection[int],
    limits: Sequence[Rule],
    *,
    now: datetime,
    as_of: datetime | None,
) -> dict[int, list[tuple[int, Counted]]]:
    """What counts against each customer, with the message it belongs to."""
    longest = max((rule.window for rule in limits), default=timedelta())
    found: dict[int, list[tuple[int, Counted]]] = {}
    for pk, customer, category, at, is_reminder in sql.counted(
        ids, now - longest, as_of
    ):
        one = Counted(Category(category), at, is_reminder)
        found.setdefault(customer, []).append((pk, one))
    return found


def _facts(message: Message, found: _Found) -> Facts:
    category, business = Category(message.category), found.business
    refused = _suppressed(
        category, found.suppressions.get(found.hashes[message.pk], ())
    )
    if message.customer is None:
        return _facts_of_others(message, business, suppressed=refused)
    pk, customer = message.customer.pk, message.customer
    return Facts(
        category=category,
        is_reminder=message.is_reminder,
        expires_at=message.expires_at,
        zone=dates.zone_of(customer.time_zone, business.time_zone),
        consent=consent.state_of(
            category,
            found.words.get((pk, category)),
            business=business,
            since=consent.midnight(customer.since_on),
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
        quiet_from=business.quiet_from,
        quiet_until=business.quiet_until,
        rules=found.rules,
        counted=[
            one for owner, one in found.counted.get(pk, ()) if owner != message.pk
        ],
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
            Category(message.category), None, business=business, since=None
        ),
        colleague_gone=user is not None and not user.is_active,
        has_address=bool(message.email),
        suppressed=suppressed,
    )


def _suppressed(category: Category, rows: Iterable[Suppression]) -> str:
    for row in rows:
        if row.scope not in {suppression.ALL, category.value}:
            continue
        # A complaint is about what we send on our own account: an answer or a
        # receipt still comes.
        reason = SuppressionReason(row.reason)
        if reason is SuppressionReason.COMPLAINT and category is Category.TRANSACTIONAL:
            continue
        return _CODES[reason].value
    return ""
