"""Take a withdrawal back: the customer their own act, staff their own for a while.

Each is a new row of the ledger. Only who recorded a withdrawal can undo it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from crm import selectors
from crm.models import Customer, User
from messaging.errors import ConsentWithdrawn, UndoTooLate
from messaging.models import Consent
from messaging.rules.choices import Category
from messaging.services import consent, last_words

STAFF_UNDO_FOR = timedelta(minutes=10)


@transaction.atomic
def undo(customer: Customer, *, act: str, now: datetime, ip: str = "") -> list[Consent]:
    """Take back what this act of the customer's withdrew, and nothing else.

    A class that was not allowed before that act stays withdrawn, and so does one about
    which a later word was recorded.
    """
    locked = consent.lock(customer)
    again = {
        Category(row.category): f"undo:{row.source_key}"
        for row in standing_rows(locked, act=act)
        if _was_allowed_before(row)
    }
    return consent.append(
        locked, sorted(again), granted=True, how="undo", now=now, ip=ip, keys=again
    )


def standing_rows(customer: Customer, *, act: str) -> list[Consent]:
    """What this act withdrew and no later word has changed since."""
    return [
        row
        for row in last_words.rows_of(customer).values()
        if not row.granted and (row.source_key or "").startswith(f"{act}:")
    ]


@transaction.atomic
def undo_by_staff(
    customer: Customer, *, category: Category, staff: User, now: datetime
) -> list[Consent]:
    """Take back what this colleague withdrew within the last ten minutes.

    Nothing is written where it is allowed already. Raises ConsentWithdrawn where
    somebody else, above all the customer, withdrew it, and UndoTooLate.
    """
    locked = consent.lock(customer)
    row = last_words.rows_of(locked).get(category)
    if row is None or row.granted:
        return []
    is_theirs = row.customer_id == locked.pk and row.staff_id == staff.pk
    if not is_theirs or not _was_allowed_before(row):
        raise ConsentWithdrawn
    if now >= row.at + STAFF_UNDO_FOR:
        raise UndoTooLate
    return consent.append(
        locked,
        [category],
        granted=True,
        how="undo",
        now=now,
        staff=staff,
        keys={category: f"undo:{row.pk}"},
    )


def undoable_by(
    customer: Customer, *, staff: User, now: datetime
) -> frozenset[Category]:
    """The classes that `undo_by_staff` would allow again now."""
    return frozenset(
        category
        for category, row in last_words.rows_of(customer).items()
        if not row.granted
        and row.customer_id == customer.pk
        and row.staff_id == staff.pk
        and now < row.at + STAFF_UNDO_FOR
        and _was_allowed_before(row)
    )


def _was_allowed_before(row: Consent) -> bool:
    category = Category(row.category)
    before = last_words.rows_of(row.customer, before=row.pk).get(category)
    word = last_words.word_of(before)
    state = consent.state_of(
        category, word, business=selectors.business(), customer=row.customer
    )
    return state.allowed
