"""What earns in a programme. A change is a new version: the past stays as it was."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from crm.models import User
from crm.services import audit
from loyalty.choices import EarnEvent, Measure, Rounding
from loyalty.models import Programme, Rule, RuleVersion
from loyalty.rules.programmes.earning import Terms
from web.errors import InvalidValue

_SET = (
    *("units", "measure", "per", "currency", "rounding", "factor", "tax_percent"),
    *("minimum", "cap_order", "cap_day", "cap_month", "products", "categories"),
    *("not_products", "not_categories", "not_discounted"),
)


@transaction.atomic
def add(
    programme: Programme,
    *,
    event: EarnEvent,
    values: Mapping[str, Any],
    key: str = "",
    name: str = "",
    by: User | None = None,
    now: datetime,
) -> Rule:
    """A rule and its first version. `values`: fields of RuleVersion; without `currency`
    it is the programme's. `key`: of a step or an occasion. Raises InvalidValue."""
    rule = Rule(programme=programme, event=event.value, key=key, name=name)
    if event in {EarnEvent.STEP, EarnEvent.OCCASION} and not key:
        raise InvalidValue(fields={"key": "required"})
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        if "rule_key_once" not in str(error):
            raise
        raise InvalidValue(fields={"key": "already_exists"}) from error
    _write(rule, 1, {"currency": programme.currency, **values}, by, now)
    audit.record("rule.added", f"rule:{rule.pk}", now=now)
    return rule


@transaction.atomic
def change(
    rule: Rule, *, values: Mapping[str, Any], by: User | None = None, now: datetime
) -> RuleVersion:
    """From now on it earns so: a new version, with what is not named as it was. Raises
    InvalidValue."""
    locked = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    latest = locked.versions.order_by("-number")[0]
    before = {name: getattr(latest, name) for name in _SET}
    made = _write(locked, latest.number + 1, {**before, **values}, by, now)
    changed = {name for name in _SET if getattr(made, name) != before[name]}
    audit.record("rule.changed", f"rule:{rule.pk}", fields=changed, now=now)
    return made


@transaction.atomic
def end(rule: Rule, *, now: datetime) -> None:
    """It earns nothing for what happens from now on; ended before: nothing."""
    if Rule.objects.filter(pk=rule.pk, ended_at=None).update(ended_at=now):
        audit.record("rule.ended", f"rule:{rule.pk}", now=now)


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


def _write(
    rule: Rule, number: int, values: Mapping[str, Any], by: User | None, now: datetime
) -> RuleVersion:
    if unknown := set(values) - set(_SET):
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    version = RuleVersion(rule=rule, number=number, made_at=now, made_by=by, **values)
    if wrong := _wrong(rule, version):
        raise InvalidValue(fields=wrong)
    version.save(force_insert=True)
    return version


def _wrong(rule: Rule, version: RuleVersion) -> dict[str, str]:
    """What the database would refuse, by the field that can be mended."""
    if version.units is None or version.units <= 0:
        return {"units": "number_out_of_range"}
    is_money = version.measure == Measure.MONEY.value
    if is_money and (version.per is None or version.per <= 0):
        return {"per": "required"}
    if not is_money and version.per is not None:
        return {"per": "number_out_of_range"}
    if is_money and rule.event != EarnEvent.ORDER.value:
        return {"measure": "unknown"}
    if rule.event != EarnEvent.ORDER.value and version.units != round(
        Decimal(version.units), rule.programme.places
    ):
        return {"units": "number_out_of_range"}
    if version.factor is None or version.factor <= 0:
        return {"factor": "number_out_of_range"}
    return {}
