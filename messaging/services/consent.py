"""What customers allow: an append-only ledger whose last row decides.

A withdrawal works at once: in its own transaction, under the customer's lock that
every claim needs too, it ends whatever is planned or claimed in that class of mail.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.db.models import Q

from crm import selectors
from crm.models import Business, Customer, User
from crm.rules.choices import ConsentBasis
from crm.services import audit, journal
from messaging.errors import ConsentNeedsSource, ConsentWithdrawn
from messaging.models import Consent, Message
from messaging.rules import consent as rules
from messaging.rules.choices import Category, State
from messaging.rules.consent import LastWord
from messaging.rules.send_decision import Code, ConsentState, Reason
from messaging.services import (
    journal_rows,
    last_words,
    messages,
    person_addresses,
    suppression,
)
from messaging.sql import addresses

# Sources that are the customer's own action; the others act for them and give a reason.
OWN_WORDS = frozenset({"preference_page", "stop_page", "one_click", "undo"})
# The text beside the boxes of the preference page, and what it means; raise it when
# either changes. Since the second one it is kept for every record with the address.
WORDING_VERSION = "preferences-3"


def states(
    customer_ids: Iterable[int], *, as_of: datetime | None = None
) -> dict[int, dict[Category, ConsentState]]:
    """May we write to these customers, per category; a few queries for all of them."""
    ids = list(customer_ids)
    people = Customer.objects.only(
        "since_on", "email_norm", "first_order_on", "mail_ground"
    ).in_bulk(ids)
    business, key = selectors.business(), suppression.address_key()
    emails = {pk: one.email_norm for pk, one in people.items()}
    words = last_words.of_many(person_addresses.of_emails(emails, key), as_of=as_of)
    return {
        pk: {
            category: state_of(
                category,
                words.get((pk, category)),
                business=business,
                customer=people.get(pk),
            )
            for category in Category
        }
        for pk in ids
    }


def midnight(day: date | None) -> datetime | None:
    """The beginning of that day in UTC; None for None."""
    if day is None:
        return None
    return datetime.combine(day, time(), tzinfo=UTC)


def state_of(
    category: Category,
    last: LastWord | None,
    *,
    business: Business,
    customer: Customer | None,
) -> ConsentState:
    """May we write in this class, by the last word and the shop's legal basis.

    Without a customer (a colleague, a bare address) there is no `since_on` and no
    ground.
    """
    basis = (
        business.survey_basis if category is Category.SURVEY else business.loyalty_basis
    )
    return rules.decide(
        category,
        last,
        basis=ConsentBasis(basis),
        customer_since=midnight(customer.since_on) if customer else None,
        has_ground=customer is not None and customer.has_mail_ground,
    )


@transaction.atomic
def withdraw(
    customer: Customer,
    *,
    categories: Collection[Category],
    how: str,
    now: datetime,
    source_text: str = "",
    ip: str = "",
    source_key: str | None = None,
    act: str = "",
    staff: User | None = None,
) -> list[Consent]:
    """No more mail of these classes. The rows written; none where it was so already.

    `source_key` names an event of another system: one row for ever. `act` names what
    a person did on one page of ours: see `_keys`. `staff` is the colleague who did it.
    """
    locked = lock(customer)
    stopped = sorted(set(categories) & set(rules.STOPPABLE))
    newest = last_words.rows_of(locked)
    rows = append(
        locked,
        [c for c in stopped if _adds(newest.get(c), locked, how)],
        granted=False,
        how=how,
        now=now,
        source_text=source_text,
        ip=ip,
        staff=staff,
        keys=_keys(locked, stopped, newest, source_key=source_key, act=act),
    )
    _end_planned(locked, stopped, now=now)
    return rows


def _end_planned(
    customer: Customer, categories: Collection[Category], *, now: datetime
) -> None:
    """Nothing planned may be left, also when the row stood already; what another record
    with the address was to get names the record through which it was stopped."""
    waiting = Message.objects.filter(
        everybody_at(customer),
        category__in=categories,
        state__in=[State.PLANNED.value, State.CLAIMED.value],
    )
    reason = Reason(Code.OPTED_OUT.value)
    ended = messages.finish(waiting, state=State.SUPPRESSED, reason=reason, now=now)
    others = [one.pk for one in ended if one.customer_id != customer.pk]
    if others:
        through = {"through": customer.pk}
        Message.objects.filter(pk__in=others).update(reason_data=through)


@transaction.atomic
def grant(
    customer: Customer,
    *,
    categories: Collection[Category],
    how: str,
    now: datetime,
    source_text: str = "",
    ip: str = "",
    source_key: str | None = None,
) -> list[Consent]:
    """The customer agreed. Who records it for them names the source in words, and may
    not take back a withdrawal that the customer made."""
    if how not in OWN_WORDS and not source_text.strip():
        raise ConsentNeedsSource(fields={"source_text": "required"})
    locked = lock(customer)
    newest = last_words.rows_of(locked)
    agreed = sorted(set(categories) & set(rules.STOPPABLE))
    if how in OWN_WORDS:
        for email in selectors.emails_of(locked):
            address = suppression.address_hash(email)
            suppression.lift_withdrawn(address, categories=agreed, now=now)
    withdrawn = [c for c in agreed if c in newest and not newest[c].granted]
    if withdrawn and how not in OWN_WORDS:
        raise ConsentWithdrawn
    return append(
        locked,
        [c for c in agreed if c not in newest or not newest[c].granted],
        granted=True,
        how=how,
        now=now,
        source_text=source_text,
        ip=ip,
        keys=_keys(locked, agreed, newest, source_key=source_key),
    )


def _adds(last: Consent | None, customer: Customer, how: str) -> bool:
    """Whether a withdrawal adds anything to the last word.

    The customer's own no counts beside one that others recorded for them, and one
    through this record beside one through another: there it may be taken back.
    """
    if last is None or last.granted or last.customer_id != customer.pk:
        return True
    return how in OWN_WORDS and last.how not in OWN_WORDS


def _keys(
    customer: Customer,
    categories: Collection[Category],
    newest: Mapping[Category, Consent],
    *,
    source_key: str | None,
    act: str = "",
) -> dict[Category, str | None]:
    """The key of the row that each class may get.

    The name of an act outlives what it did: a page that Back brings up again sends the
    same one, also after an undo. So the row it found is part of the key. Sent twice, it
    is one row, because the second finds the class stopped; after an undo it is a new
    wish.
    """
    if act:
        found = {c: newest[c].pk if c in newest else 0 for c in categories}
        return {c: f"{act}:{customer.pk}:{found[c]}:{c.value}" for c in categories}
    return {c: f"{source_key}:{c.value}" if source_key else None for c in categories}


def lock(customer: Customer) -> Customer:
    """Lock the customer's row and their addresses until the commit; returns the row."""
    # The claim locks the same row and the same addresses: no mail is claimed on an
    # older consent, whatever record it is for.
    locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    hashes = suppression.address_hashes(selectors.emails_of(locked))
    addresses.lock(hashes.values())
    return locked


def everybody_at(customer: Customer) -> Q:
    """Rows of this customer and of every other record with one of their addresses."""
    emails = selectors.emails_of(customer)
    return Q(customer__in={customer.pk, *selectors.records_at(emails)})


def append(
    customer: Customer,
    categories: Collection[Category],
    *,
    granted: bool,
    how: str,
    now: datetime,
    keys: Mapping[Category, str | None],
    source_text: str = "",
    ip: str = "",
    staff: User | None = None,
) -> list[Consent]:
    """One row per category with its key; the same key twice is one row.

    The customer is locked. `staff`: who did it, where a colleague did.
    """
    known = set(
        Consent.objects.filter(
            source_key__in=[key for key in keys.values() if key]
        ).values_list("source_key", flat=True)
    )
    address = suppression.address_hash(customer.email_norm) or None
    rows = Consent.objects.bulk_create(
        Consent(
            customer=customer,
            category=category.value,
            granted=granted,
            at=now,
            how=how,
            source_text=source_text[:300],
            wording_version=WORDING_VERSION if how == "preference_page" else "",
            address_hash=address,
            ip_truncated=ip,
            staff=staff,
            source_key=keys[category],
        )
        for category in categories
        if keys[category] not in known
    )
    if rows:
        if not granted:
            journal.record(
                journal_rows.WITHDRAWN,
                journal_rows.withdrawn(customer, rows, address),
                now=now,
            )
        audit.record(
            "consent.granted" if granted else "consent.withdrawn",
            f"customer:{customer.pk}",
            customer_id=customer.pk,
            fields=[row.category for row in rows],
            now=now,
        )
    return rows
