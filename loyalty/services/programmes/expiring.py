"""What has run out leaves the balances, and what was reserved and not used comes
back."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from crm import selectors
from loyalty.choices import EntryKind, Expiry, SpendState
from loyalty.models import Lot, Programme, Spending
from loyalty.services.programmes import members, posting, spending
from loyalty.services.programmes.posting import Posting

SLICE = 2_000
_KEPT = 200


def expire(*, now: datetime) -> int:
    """Post what ran out before today, in slices; how many lots."""
    today, count = selectors.business().day(now), 0
    silent = Programme.objects.filter(expiry=Expiry.INACTIVITY.value)
    asked = [Q(expires_on__lt=today), *(_untouched(one, today) for one in silent)]
    for condition in asked:
        while done := _some(condition, today, now):
            count += done
    return count


def _untouched(programme: Programme, today: date) -> Q:
    """Of members who earned and spent nothing for as long as the programme says."""
    assert programme.expires_after is not None
    assert programme.expiry_since is not None
    before = today - timedelta(days=programme.expires_after)
    if programme.expiry_since >= before:
        return Q(pk=None)
    return Q(
        membership__programme=programme,
        membership__active_on__lt=before,
        available_on__lte=today,
    )


@transaction.atomic
def _some(condition: Q, today: date, now: datetime) -> int:
    open_lots = Lot.objects.filter(condition, left__gt=0)
    # Asked once: these memberships are locked, and no lot of another is looked at.
    found = list(open_lots.order_by("pk").values_list("pk", "membership")[:SLICE])
    posting.lock({membership for _, membership in found})
    # As they are now that nobody else can change them.
    rows = open_lots.filter(pk__in=[pk for pk, _ in found])
    lots = list(rows.order_by("pk"))
    posting.book(
        [
            Posting(
                membership=lot.membership_id,
                kind=EntryKind.EXPIRED,
                amount=-lot.left,
                source_key=f"expired:{lot.pk}",
                on=today,
                from_lot=lot.pk,
            )
            for lot in lots
        ],
        today=today,
        now=now,
    )
    return len(lots)


def release(*, now: datetime) -> int:
    """What was kept for an order that never came is theirs again; how many."""
    count = 0
    while done := _release_some(now):
        count += done
    return count


@transaction.atomic
def _release_some(now: datetime) -> int:
    over = Spending.objects.filter(
        state=SpendState.RESERVED.value, kept_until__lte=now
    ).order_by("kept_until")
    found = list(over.select_related("membership__customer")[:_KEPT])
    homes = {row.pk: members.home_of(row.membership).pk for row in found}
    locked = posting.lock(homes.values())
    # As they are now that nobody else can change them.
    for row in over.filter(pk__in=homes).select_related("entry", "membership"):
        spending.release_locked(locked[homes[row.pk]], row, now)
    return len(found)
