"""What earns in a programme. A change is a new version: the past stays as it was."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain, count
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from crm.models import User
from crm.services import audit
from loyalty.choices import EarnEvent, Measure, Rounding
from loyalty.models import Programme, Rule, RuleVersion
from loyalty.rules.programmes.earning import Terms
from loyalty.services.programmes import wording
from web.errors import InvalidValue, StaleVersion
from web.rules import money

_SET = (
    *("units", "measure", "per", "currency", "rounding", "factor", "tax_percent"),
    *("minimum", "cap_order", "cap_day", "cap_month", "products", "categories"),
    *("not_products", "not_categories", "not_discounted", "only_for", "not_for"),
)
MOST_FACTOR = Decimal(100)
_ABOVE_ZERO = ("minimum", "cap_order", "cap_day", "cap_month", "factor", "tax_percent")


@transaction.atomic
def add(
    programme: Programme,
    *,
    event: EarnEvent,
    values: Mapping[str, Any],
    key: str = "",
    name: str = "",
    names: Mapping[str, str] | None = None,
    by: User | None = None,
    now: datetime,
) -> Rule:
    """A rule and its first version. `values`: fields of RuleVersion; without `currency`
    it is the programme's. `key`: of a step or an occasion; a step without one gets one
    of its name. `names`: of a step by language, for members. Raises InvalidValue."""
    rule = Rule(programme=programme, event=event.value, key=key, name=name)
    if programme.periods.exists():
        rule.counts_from = now
    if event is EarnEvent.STEP and not key:
        rule.key = _new_key(programme, name)
    if event in {EarnEvent.STEP, EarnEvent.OCCASION} and not rule.key:
        raise InvalidValue(fields={"key": "required"})
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        if "rule_key_once" not in str(error):
            raise
        raise InvalidValue(fields={"key": "already_exists"}) from error
    first = {"currency": programme.currency, **values}
    _draft(rule, 1, first, by, now).save(force_insert=True)
    wording.write_step(rule, names or {})
    audit.record("rule.added", f"rule:{rule.pk}", now=now)
    return rule


@transaction.atomic
def change(
    rule: Rule,
    *,
    values: Mapping[str, Any],
    version: int | None = None,
    name: str | None = None,
    names: Mapping[str, str] | None = None,
    by: User | None = None,
    now: datetime,
) -> RuleVersion:
    """From now on it earns so: a new version, with what is not named as it was; none
    where nothing differs. `version`: the number that was looked at. Raises InvalidValue
    and StaleVersion."""
    locked = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    latest = latest_of(locked)
    if version is not None and latest.number != version:
        raise StaleVersion
    before = {field: getattr(latest, field) for field in _SET}
    draft = _draft(locked, latest.number + 1, {**before, **values}, by, now)
    changed = {field for field in _SET if getattr(draft, field) != before[field]}
    if changed:
        draft.save(force_insert=True)
    if name is not None and name != locked.name:
        locked.name = name
        locked.save(update_fields=["name"])
        changed.add("name")
    if wording.write_step(locked, names or {}):
        changed.add("words")
    if changed:
        audit.record("rule.changed", f"rule:{rule.pk}", fields=changed, now=now)
    return draft if draft.pk else latest


def draft(rule: Rule, values: Mapping[str, Any], *, now: datetime) -> RuleVersion:
    """How it would be, not stored: for a forecast. `rule` may be new. Raises
    InvalidValue."""
    values = {"currency": rule.programme.currency, **values}
    return _draft(rule, 0, values, None, now)


def latest_of(rule: Rule) -> RuleVersion:
    """The version in force."""
    return rule.versions.order_by("-number")[0]


@transaction.atomic
def end(rule: Rule, *, now: datetime) -> None:
    """It earns nothing for what happens from now on; ended before: nothing."""
    if Rule.objects.filter(pk=rule.pk, ended_at=None).update(ended_at=now):
        audit.record("rule.ended", f"rule:{rule.pk}", now=now)


@transaction.atomic
def resume(rule: Rule, *, now: datetime) -> None:
    """It earns again, as if it had never ended; is in force: nothing. Raises
    InvalidValue where another of its key was added meanwhile."""
    try:
        with transaction.atomic():
            found = Rule.objects.filter(pk=rule.pk, ended_at__isnull=False)
            done = found.update(ended_at=None)
    except IntegrityError as error:
        if "rule_key_once" not in str(error):
            raise
        raise InvalidValue(fields={"key": "already_exists"}) from error
    if done:
        audit.record("rule.resumed", f"rule:{rule.pk}", now=now)


def terms_of(version: RuleVersion, places: int) -> Terms:
    """A version as the rules know it."""
    return Terms(
        units=version.units,
        measure=Measure(version.measure),
        currency=version.currency,
        per=version.per,
        rounding=Rounding(version.rounding),
        factor=version.factor,
        tax_percent=version.tax_percent,
        minimum=version.minimum,
        cap_order=version.cap_order,
        cap_day=version.cap_day,
        cap_month=version.cap_month,
        not_discounted=version.not_discounted,
        places=places,
    )


def _new_key(programme: Programme, name: str) -> str:
    """A name for machines that no other step of the programme has."""
    taken = set(programme.rules.values_list("key", flat=True))
    base = slugify(name)[:30] or "step"
    numbered = (f"{base}-{n}" for n in count(2))
    return next(key for key in chain([base], numbered) if key not in taken)


def _draft(
    rule: Rule, number: int, values: Mapping[str, Any], by: User | None, now: datetime
) -> RuleVersion:
    if unknown := set(values) - set(_SET):
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    made = RuleVersion(rule=rule, number=number, made_at=now, made_by=by, **values)
    if wrong := _wrong(rule, made):
        raise InvalidValue(fields=wrong)
    return made


def _wrong(rule: Rule, version: RuleVersion) -> dict[str, str]:
    """What the database would refuse, by the field that can be mended."""
    if version.units is None or version.units <= 0:
        return {"units": "more_than_nothing"}
    is_money = version.measure == Measure.MONEY.value
    if is_money and (version.per is None or version.per <= 0):
        return {"per": "required"}
    if not is_money and version.per is not None:
        return {"per": "only_of_money"}
    if is_money and rule.event != EarnEvent.ORDER.value:
        return {"measure": "unknown"}
    if rule.event != EarnEvent.ORDER.value and version.units != round(
        Decimal(version.units), rule.programme.places
    ):
        return {"units": "not_of_this_unit"}
    if version.currency not in money.CURRENCIES:
        return {"currency": "currency_unknown"}
    for name in _ABOVE_ZERO:
        value = getattr(version, name)
        if value is not None and value <= 0:
            return {name: "more_than_nothing"}
    if version.factor is None or version.factor > MOST_FACTOR:
        return {"factor": "number_out_of_range"}
    if version.tax_percent is not None and version.tax_percent >= 100:
        return {"tax_percent": "number_out_of_range"}
    return {}
