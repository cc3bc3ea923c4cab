"""Take back what a colleague added a moment ago, or ticked off by mistake."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from crm import selectors
from crm.models import User
from crm.services import audit
from loyalty.choices import EarnEvent, EntryKind
from loyalty.errors import EntryStays
from loyalty.models import Allocation, Entry, EntryNote, Lot, Membership
from loyalty.services.programmes import members, posting
from loyalty.services.programmes.manual_entries import AT_TILL
from loyalty.services.programmes.posting import Posting

# What the shop or a colleague says was done; other activities are known here.
_SAID = [EarnEvent.SIGN_UP.value, EarnEvent.STEP.value]


def reverse(entry: Entry, *, now: datetime) -> Entry:
    """The shop takes back what was ticked, earned over the API, booked at the till or
    added or taken by hand; taken back before: the same entry. A step can be done again.
    Raises EntryStays of any other entry, and BalanceTooLow where it was spent."""
    is_by_hand = entry.kind == EntryKind.ADJUSTED.value and entry.undoes_id is None
    rule = entry.rule_version.rule if entry.rule_version else None
    is_said = entry.kind == EntryKind.EARNED.value and (
        entry.source_key.startswith(AT_TILL)
        or (rule is not None and rule.event in _SAID)
    )
    if not is_by_hand and not is_said:
        raise EntryStays
    return undo(entry, reason="", staff=None, now=now)


@transaction.atomic
def undo(entry: Entry, *, reason: str, staff: User | None, now: datetime) -> Entry:
    """It is taken again, whatever the limit of the role, and with it what else was
    booked at once; undone before: the same entry. What it had paid off is owed again,
    and after a merge it is taken where it went. Raises BalanceTooLow where it was
    spent."""
    home = members.home_of(entry.membership)
    locked = posting.lock([home.pk])[home.pk]
    there = entry.undone_by.first()
    if there is not None:
        return there
    today = selectors.business().day(now)
    found = _at_once(entry.membership, entry)
    is_here = entry.membership_id == locked.pk
    gone = sum((_spent(one) if is_here else one.amount for one in found), Decimal(0))
    if gone:
        # What is left of them goes first; the rest must be there besides.
        rows = Lot.objects.filter(entry__in=found, available_on__lte=today)
        left = rows.aggregate(sum=Sum("left"))["sum"] or Decimal(0)
        posting.must_have(locked, gone + left, today=today)
    made = posting.post(
        [
            Posting(
                membership=locked.pk,
                kind=EntryKind.ADJUSTED
                if one.kind == EntryKind.ADJUSTED.value
                else EntryKind.REVERSED,
                amount=-one.amount,
                source_key=f"{one.source_key}:undone",
                on=today,
                rule_version=one.rule_version_id,
                undoes=one.pk,
                from_lot=one.pk if is_here else None,
            )
            for one in found
        ],
        today=today,
        now=now,
        by=staff,
    )
    if reason:
        EntryNote.objects.bulk_create(EntryNote(entry=one, text=reason) for one in made)
    for one in made:
        audit.record(
            "balance.undone",
            f"entry:{one.undoes_id}",
            customer_id=locked.customer_id,
            now=now,
        )
    return next(one for one in made if one.undoes_id == entry.pk)


def amount_of(entry: Entry) -> Decimal:
    """How much an undo takes."""
    found = _at_once(entry.membership, entry)
    return sum((one.amount for one in found), Decimal(0))


def _at_once(member: Membership, entry: Entry) -> list[Entry]:
    """The entries of one booking at the till; else the entry alone."""
    if not entry.source_key.startswith(AT_TILL):
        return [entry]
    start = entry.source_key.rpartition(":")[0]
    rows = member.entries.filter(source_key__startswith=f"{start}:", undoes=None)
    return list(rows.order_by("pk"))


def _spent(entry: Entry) -> Decimal:
    """How much of it has been spent: what is gone of its lot, less what it paid off."""
    taken = Allocation.objects.filter(
        earned=entry, spent__kind=EntryKind.SPENT.value
    ).aggregate(sum=Sum("amount"))["sum"]
    return taken or Decimal(0)
