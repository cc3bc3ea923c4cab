"""Records that may be one person: look for them, and remember which are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from crm.errors import SameCustomer
from crm.models import Customer, DifferentPeople, LikelyPair, User
from crm.rules import likeness
from crm.rules.choices import AddressKind
from crm.rules.likeness import Likeness
from crm.services import audit
from crm.sql import duplicates as sql
from crm.sql.import_runs import ANY_LENGTH

MOST_SHOWN = 5


@dataclass(frozen=True)
class Lookalike:
    """A record that may be the same person, and why."""

    customer: Customer
    reasons: Sequence[Likeness]


def lookalikes(customer: Customer, *, most: int = MOST_SHOWN) -> list[Lookalike]:
    """Live records that may be this person, the likeliest first; itself may be unsaved.

    Some index lookups, whatever the number of customers.
    """
    found = {pk: ordered(reasons) for pk, reasons in sql.of_one(facts_of(customer))}
    best = sorted(found, key=lambda pk: (-likeness.strength(found[pk]), pk))[:most]
    people = Customer.objects.in_bulk(best)
    return [Lookalike(people[pk], found[pk]) for pk in best if pk in people]


def facts_of(customer: Customer) -> dict[str, str | int | list[str] | None]:
    """What one person is compared by, as the SQL names it."""
    month, day = customer.birth_month, customer.birth_day
    return {
        "itself": customer.pk or 0,
        "emails": _held(customer, AddressKind.EMAIL, customer.email_norm),
        "phones": _held(customer, AddressKind.PHONE, customer.phone_e164),
        "organisation": customer.organisation,
        "postcode": customer.postcode,
        "sort_name": customer.sort_name,
        "birthday": month * 100 + day if month and day else None,
        "birth_year": customer.birth_year,
    }


def _held(customer: Customer, kind: AddressKind, chief: str) -> list[str]:
    """The chief one and the second ones; of numbers those in E.164."""
    found = {chief}
    if customer.pk:
        rows = customer.addresses.filter(kind=kind.value)
        found |= set(rows.values_list("norm", flat=True))
    is_number = kind is AddressKind.PHONE
    return sorted(one for one in found - {""} if one[0] == "+" or not is_number)


def ordered(reasons: Sequence[str]) -> list[Likeness]:
    """The reasons in the order in which people are told them."""
    return [reason for reason in Likeness if reason.value in reasons]


def live_pairs() -> QuerySet[LikelyPair]:
    """Pairs of records that are neither merged nor erased since."""
    live = {
        f"{side}__{column}": None
        for side in ("first", "second")
        for column in ("merged_into", "erased_at")
    }
    return LikelyPair.objects.filter(**live).select_related("first", "second")


def refresh(*, now: datetime) -> int:
    """Find the pairs of all records anew; how many there are.

    In several transactions: what is cut short is found by the next search.
    """
    with connection.cursor() as cursor:
        for statement in sql.STEPS:
            with transaction.atomic():
                cursor.execute(ANY_LENGTH)
                cursor.execute(statement, {"now": now})
    return LikelyPair.objects.count()


def reasons_for(one: Customer, other: Customer) -> list[Likeness]:
    """Why these two may be one person; nothing where staff marked them as two,
    also of records that were merged into them."""
    return ordered(dict(sql.of_one(facts_of(one))).get(other.pk, ()))


@transaction.atomic
def say_different(one: Customer, other: Customer, *, by: User, now: datetime) -> None:
    """These two are two people: they are no longer shown as a pair. Twice is once."""
    if one.pk == other.pk:
        raise SameCustomer
    first, second = sorted((one.pk, other.pk))
    _, is_new = DifferentPeople.objects.get_or_create(
        first_id=first, second_id=second, defaults={"said_by": by, "said_at": now}
    )
    LikelyPair.objects.filter(first=first, second=second).delete()
    if is_new:
        _record("customer.said_different", (first, second), now)


@transaction.atomic
def take_back_different(one: Customer, other: Customer, *, now: datetime) -> None:
    """They may be one person after all; the next search shows them again."""
    first, second = sorted((one.pk, other.pk))
    if DifferentPeople.objects.filter(first=first, second=second).delete()[0]:
        _record("customer.said_different_undone", (first, second), now)


def _record(action: str, ids: tuple[int, int], now: datetime) -> None:
    audit.record_many(action, [(f"customer:{pk}", pk) for pk in ids], now=now)
