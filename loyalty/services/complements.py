"""Count baskets every night, in slices, and keep what staff choose."""

from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction

from crm import selectors as crm
from crm.models import Product
from crm.services import audit
from loyalty.choices import Pick
from loyalty.errors import NoComplement
from loyalty.models import Complement, ComplementRound, Reward
from loyalty.selectors import complements as selectors
from loyalty.sql import complements as sql
from web.errors import InvalidValue

HOLDS_FOR = timedelta(days=1)
# Products of one slice: its transaction stays within seconds.
SLICE = 400


def work(*, now: datetime, seconds: float = 30) -> int:
    """Go on with the count of the day; how many products were done. Nothing where it
    is done already: the next one begins a day after this one began."""
    ends_at, done = monotonic() + seconds, 0
    while fresh := _slice(now):
        done += fresh
        if monotonic() >= ends_at:
            break
    return done


@transaction.atomic
def _slice(now: datetime) -> int:
    row = _locked_round(now)
    if row.ended_at is not None:
        return 0
    counted = selectors.count(row.counted_on)
    left = sorted(pk for pk in counted.buyers if pk > row.done_to)[:SLICE]
    if left:
        sql.keep(list(counted.best(left)))
        row.done_to = left[-1]
    else:
        sql.forget(row.counted_on)
        row.ended_at = now
    row.save()
    return len(left)


def _locked_round(now: datetime) -> ComplementRound:
    """Tonight's; a new one where the last is over and a day old."""
    today = crm.business().day(now)
    ComplementRound.objects.get_or_create(
        pk=1, defaults={"begun_at": now, "counted_on": today}
    )
    row = ComplementRound.objects.select_for_update().get(pk=1)
    if row.ended_at is not None and row.begun_at <= now - HOLDS_FOR:
        row.begun_at, row.counted_on = now, today
        row.done_to, row.ended_at = 0, None
    return row


@transaction.atomic
def choose(product: Product, goes_with: Product, *, now: datetime) -> Complement:
    """Staff say that one goes with the other: it comes before what is found. Chosen
    again it stays so. Raises NoComplement for a product and itself."""
    if product.pk == goes_with.pk:
        raise NoComplement
    row, _made = Complement.objects.get_or_create(
        product=product, goes_with=goes_with, defaults={"pick": Pick.CHOSEN.value}
    )
    _set(row, Pick.CHOSEN)
    _record("chosen", row, now)
    return row


@transaction.atomic
def give_sample(row: Complement, sample: Reward | None, *, now: datetime) -> None:
    """Anyone who is suggested the second product gets this with the first mail, or in
    place of what a step gives; the product is chosen by that. None: no sample of its
    own. Raises InvalidValue for a reward that is an offer, or put away."""
    if sample is not None and (sample.is_offer or sample.archived_at is not None):
        raise InvalidValue(fields={"sample": "unknown"})
    pick = Pick.CHOSEN if sample is not None else Pick(row.pick)
    Complement.objects.filter(pk=row.pk).update(sample=sample, pick=pick.value)
    row.sample, row.pick = sample, pick.value
    _record("sample_set", row, now)


@transaction.atomic
def hide(row: Complement, *, now: datetime) -> None:
    """Suggest it no more, whatever is counted."""
    _set(row, Pick.HIDDEN)
    _record("hidden", row, now)


@transaction.atomic
def leave_to_count(row: Complement, *, now: datetime) -> None:
    """Take a choice back: what is counted decides, and where nothing is, it is gone."""
    locked = Complement.objects.select_for_update().get(pk=row.pk)
    if locked.customers is None:
        locked.delete()
    else:
        _set(locked, Pick.FOUND)
    _record("left_to_count", row, now)


def _set(row: Complement, pick: Pick) -> None:
    sample = row.sample if pick is Pick.CHOSEN else None
    Complement.objects.filter(pk=row.pk).update(pick=pick.value, sample=sample)
    row.pick, row.sample = pick.value, sample


def _record(what: str, row: Complement, now: datetime) -> None:
    audit.record(
        f"complement.{what}",
        f"product:{row.product_id}",
        fields=(f"product:{row.goes_with_id}",),
        now=now,
    )
