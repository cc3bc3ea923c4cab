"""Make and change programmes, and switch them on and off."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from crm import selectors
from crm.access import Role
from crm.models import Segment, User
from crm.services import audit
from loyalty.choices import Expiry, ProgrammeKind, Unit, WhoTakesPart
from loyalty.errors import ProgrammeHasEntries, ProgrammeNameTaken
from loyalty.models import Lot, Membership, Programme, ProgrammePeriod
from loyalty.models.programmes import LONGEST_DELIVERY, LONGEST_WAIT
from loyalty.rules.programmes import expiry
from loyalty.selectors.programmes import rule_of
from loyalty.services.programmes import offers, versions, wording
from loyalty.services.programmes.wording import Words
from loyalty.sql import ledger, programme_orders
from web.errors import InvalidValue, StaleVersion
from web.rules import money

_EXPIRY = ("expiry", "expires_after")
_SET = (
    *("name", "currency", "worth", "share_percent", "takes_part", "segment"),
    *("left_out", *_EXPIRY, "returns_days", "assumed_delivery_days", "places"),
)
# What the entries that are there are counted in.
_FIXED = ("places", "currency")
LONGEST_EXPIRY = 3_650


@transaction.atomic
def create(
    *,
    kind: ProgrammeKind,
    unit: Unit,
    values: Mapping[str, Any],
    words: Mapping[str, Words] | None = None,
    limits: Mapping[Role, Decimal] | None = None,
    by: User | None = None,
    now: datetime,
) -> Programme:
    """A new programme, switched off. `values`: fields of Programme (`_SET`); what is
    not named has its default, and the currency is the shop's. `limits`: as
    `offers.set_limits`. Raises InvalidValue and ProgrammeNameTaken."""
    programme = Programme(
        kind=kind.value,
        unit=unit.value,
        currency=selectors.business().currency,
        created_at=now,
    )
    _set(programme, values, now)
    _saved(programme)
    wording.write(programme, words or {})
    offers.set_limits(programme, limits)
    versions.add(programme, _SET, fields=(), by=by, now=now)
    audit.record("programme.created", f"programme:{programme.pk}", now=now)
    return programme


@transaction.atomic
def change(
    programme: Programme,
    *,
    version: int,
    values: Mapping[str, Any],
    words: Mapping[str, Words] | None = None,
    limits: Mapping[Role, Decimal] | None = None,
    by: User | None = None,
    now: datetime,
) -> Programme:
    """Change it from now on: what was earned stays, and keeps its last day where a new
    way to expire would end it sooner. Orders are looked at again where other days
    say which have arrived. Raises StaleVersion, ProgrammeHasEntries, InvalidValue and
    ProgrammeNameTaken."""
    locked = _locked(programme.pk)
    if locked.version != version:
        raise StaleVersion
    before = {name: getattr(locked, name) for name in _SET}
    _set(locked, values, now)
    changed = {name for name in _SET if getattr(locked, name) != before[name]}
    if changed & set(_FIXED) and Membership.objects.filter(programme=locked).exists():
        raise ProgrammeHasEntries(fields=dict.fromkeys(changed & set(_FIXED), "fixed"))
    locked.version += 1
    _saved(locked)
    if changed & set(_EXPIRY):
        _expire_anew(locked, _today(now))
    if "assumed_delivery_days" in changed:
        look_again(locked, now=now)
    rest = wording.write(locked, words or {}) | offers.set_limits(locked, limits)
    changed |= rest
    versions.add(locked, _SET, fields=changed, by=by, now=now)
    audit.record("programme.changed", f"programme:{locked.pk}", fields=changed, now=now)
    return locked


@transaction.atomic
def switch_on(
    programme: Programme, *, since: date | None = None, now: datetime
) -> Programme:
    """Orders from today on earn, or from a day ahead (`since`) on; from this moment on
    where it was on earlier today. The first time, orders since an earlier day may be
    credited, once; is on already, or begins on a day: nothing. Raises InvalidValue for
    an earlier `since` where it was on before."""
    locked = _locked(programme.pk)
    if locked.archived_at is not None:
        raise InvalidValue(fields={"programme": "archived"})
    if locked.periods.filter(until_on=None).exists():
        return locked
    today = _today(now)
    from_on = since or today
    if from_on < today and locked.periods.exists():
        raise InvalidValue(fields={"since": "too_late"})
    was_on_today = locked.periods.filter(until_on__gte=from_on).exists()
    ProgrammePeriod.objects.create(
        programme=locked,
        from_on=from_on,
        began_at=now if was_on_today else None,
    )
    locked.looked_through = today
    locked.version += 1
    locked.save()
    programme_orders.mark_buyers_since(from_on, now=now)
    audit.record("programme.switched_on", f"programme:{locked.pk}", now=now)
    return locked


@transaction.atomic
def switch_off(programme: Programme, *, now: datetime) -> Programme:
    """What is ordered from this moment on earns nothing; what was earned stays and can
    be spent, and returns go on taking back. One that has yet to begin was never on. Is
    off already: nothing."""
    locked = _locked(programme.pk)
    today = _today(now)
    ahead, _ = locked.periods.filter(until_on=None, from_on__gt=today).delete()
    open_ones = locked.periods.filter(until_on=None)
    if open_ones.update(until_on=today, ended_at=now) or ahead:
        locked.version += 1
        locked.save()
        audit.record("programme.switched_off", f"programme:{locked.pk}", now=now)
    return locked


@transaction.atomic
def archive(programme: Programme, *, is_archived: bool, now: datetime) -> Programme:
    """Put it away, switched off, or back. Raises ProgrammeNameTaken."""
    locked = _locked(programme.pk)
    if bool(locked.archived_at) == is_archived:
        return locked
    if is_archived:
        switch_off(locked, now=now)
        locked = _locked(programme.pk)
    locked.archived_at = now if is_archived else None
    locked.version += 1
    _saved(locked)
    what = "archived" if is_archived else "restored"
    audit.record(f"programme.{what}", f"programme:{locked.pk}", now=now)
    return locked


def _expire_anew(programme: Programme, today: date) -> None:
    """What is there counts from today, or from when it can be spent."""
    lots = Lot.objects.filter(membership__programme=programme, left__gt=0)
    pending = lots.filter(available_on__gt=today).order_by("available_on")
    days = [today, *pending.values_list("available_on", flat=True).distinct()]
    rule = rule_of(programme)
    last_days = {day: expiry.last_day(rule, day) for day in days}
    ledger.expire_on(programme.pk, last_days, today=today)


def look_again(programme: Programme, *, now: datetime) -> None:
    """Mark everybody whose orders count in it. Within a transaction."""
    first = programme.periods.order_by("from_on").first()
    if first is not None:
        programme_orders.mark_buyers_since(first.from_on, now=now)


def _locked(pk: int) -> Programme:
    return Programme.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def _today(now: datetime) -> date:
    return selectors.business().day(now)


def _set(programme: Programme, values: Mapping[str, Any], now: datetime) -> None:
    if unknown := set(values) - set(_SET):
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    before = programme.expiry, programme.expires_after
    for name, value in values.items():
        setattr(programme, name, value)
    if programme.unit == Unit.MONEY.value:
        programme.places = money.places_of(programme.currency)
        programme.worth = Decimal(1)
    if programme.unit == Unit.STAMPS.value:
        programme.places, programme.worth = 0, None
    if programme.worth is None:
        programme.share_percent = None
    if programme.takes_part != WhoTakesPart.SEGMENT.value:
        programme.segment = None
    if programme.expiry == Expiry.NEVER.value:
        programme.expires_after = programme.expiry_since = None
    elif (programme.expiry, programme.expires_after) != before:
        programme.expiry_since = _today(now)
    if wrong := _wrong(programme):
        raise InvalidValue(fields=wrong)


def _wrong(programme: Programme) -> dict[str, str]:
    """What the database would refuse, by the field that can be mended."""
    if not programme.name:
        return {"name": "required"}
    if programme.currency not in money.CURRENCIES:
        return {"currency": "currency_unknown"}
    if programme.takes_part == WhoTakesPart.SEGMENT.value and not isinstance(
        programme.segment, Segment
    ):
        return {"segment": "required"}
    if programme.worth is not None and programme.worth <= 0:
        return {"worth": "more_than_nothing"}
    if programme.share_percent is not None and not 1 <= programme.share_percent <= 100:
        return {"share_percent": "number_out_of_range"}
    if not 0 <= programme.places <= money.MOST_PLACES:
        return {"places": "number_out_of_range"}
    if not 0 <= programme.returns_days <= LONGEST_WAIT:
        return {"returns_days": "number_out_of_range"}
    if not 0 <= (programme.assumed_delivery_days or 0) <= LONGEST_DELIVERY:
        return {"assumed_delivery_days": "number_out_of_range"}
    after = programme.expires_after
    if programme.expiry != Expiry.NEVER.value and (
        after is None or not 0 <= after <= LONGEST_EXPIRY
    ):
        return {"expires_after": "required" if after is None else "number_out_of_range"}
    return {}


def _saved(programme: Programme) -> None:
    try:
        with transaction.atomic():
            programme.save()
    except IntegrityError as error:
        if "programme_name_once" not in str(error):
            raise
        raise ProgrammeNameTaken(fields={"name": "already_exists"}) from error


def available_from(programme: Programme, earned_on: date) -> date:
    """From which day on something earned on a day can be spent."""
    return earned_on + timedelta(days=programme.returns_days)
