"""Contracts: start, renew, change, pause, resume and cancel them.

Each adds one row to the history of the contract and brings the contract itself up to
date. Files go through the import (crm/services/imports/subscription_kind.py).
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm import selectors, signals
from crm.errors import (
    CustomerGone,
    SubscriptionExists,
    SubscriptionNotActive,
    SubscriptionRuns,
)
from crm.models import Customer, Subscription, SubscriptionChange
from crm.rules import dates
from crm.rules.choices import SubscriptionMove, SubscriptionState
from crm.services import audit
from crm.services import subscription_values as clean
from web.errors import InvalidValue, StaleVersion
from web.rules import money, text

# How far ahead a contract may have been cancelled: to the end of a long term.
CANCELLED_AHEAD = timedelta(days=5 * 366)


@transaction.atomic
def start(
    *,
    customer: Customer,
    plan: str,
    value: Decimal,
    started_on: date,
    now: datetime,
    currency: str = "",
    source: str = "main",
    external_id: str = "",
) -> tuple[Subscription, bool]:
    """A new contract, and whether it is new: the same `external_id` of a source again
    is the same contract. Without one it gets one of its own ("S-…").

    `value` is a month's. Raises InvalidValue, CustomerGone, and SubscriptionExists
    where that id belongs to a contract that started otherwise.
    """
    business = selectors.business()
    buyer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if not buyer.is_live:
        raise CustomerGone
    currency = money.valid_currency(currency or business.currency)
    values = {
        "plan": clean.plan_of(plan),
        "currency": currency,
        "value": clean.value_of(value, currency),
        "started_on": _day(started_on, "started_on", business.day(now)),
    }
    key = text.one_line(external_id, field="external_id", most=clean.MOST_ID)
    given = {**values, "created_at": now, "updated_at": now}
    where = {"source": clean.source_of(source), "external_id": key, "customer": buyer}
    if not key:
        where["external_id"] = f"S-{secrets.token_hex(6)}"
        row, is_new = Subscription.objects.create(**where, **given), True
    else:
        row, is_new = Subscription.objects.get_or_create(
            source=where["source"],
            external_id=key,
            defaults={"customer": buyer, **given},
        )
    if not is_new:
        _refuse_another(row, buyer, values)
        return row, False
    _append(row, SubscriptionMove.STARTED, started_on, now)
    _tell(row, "started", values, now)
    return row, True


def _refuse_another(
    row: Subscription, customer: Customer, values: Mapping[str, Any]
) -> None:
    """By how it started, whatever has happened to it since."""
    first = row.changes.get(kind=SubscriptionMove.STARTED)
    stored = (row.customer_id, first.plan, row.currency, first.value, row.started_on)
    if stored != (customer.pk, *values.values()):
        raise SubscriptionExists(fields={"external_id": "already_exists"})


@transaction.atomic
def change(
    subscription: Subscription,
    *,
    on: date,
    now: datetime,
    plan: str | None = None,
    value: Decimal | None = None,
    version: int | None = None,
) -> Subscription:
    """Another plan or another value a month from this day on; what is as it was adds
    nothing."""
    row, on = _open(subscription, on, now, version)
    changed = _take(row, plan, value)
    if not changed:
        return row
    return _done(row, SubscriptionMove.CHANGED, on, now, changed)


@transaction.atomic
def renew(
    subscription: Subscription,
    *,
    on: date,
    now: datetime,
    plan: str | None = None,
    value: Decimal | None = None,
    version: int | None = None,
) -> Subscription:
    """They signed for another term, perhaps at another value."""
    row, on = _open(subscription, on, now, version)
    changed = _take(row, plan, value)
    row.renewed_on = on
    return _done(row, SubscriptionMove.RENEWED, on, now, {*changed, "renewed_on"})


@transaction.atomic
def pause(
    subscription: Subscription,
    *,
    on: date,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> Subscription:
    """It brings nothing from this day until it is resumed."""
    row, on = _open(subscription, on, now, version)
    row.state, row.reason = SubscriptionState.PAUSED.value, clean.reason_of(reason)
    return _done(row, SubscriptionMove.PAUSED, on, now, ("state", "reason"))


@transaction.atomic
def resume(
    subscription: Subscription,
    *,
    on: date,
    now: datetime,
    version: int | None = None,
) -> Subscription:
    """Go on with a paused contract, or take a cancellation back."""
    row = _locked(subscription, version)
    if row.state == SubscriptionState.ACTIVE.value:
        raise SubscriptionRuns
    on = _next_day(row, on, now)
    row.state, row.cancelled_on, row.reason = SubscriptionState.ACTIVE.value, None, ""
    fields = ("state", "cancelled_on", "reason")
    return _done(row, SubscriptionMove.RESUMED, on, now, fields)


@transaction.atomic
def cancel(
    subscription: Subscription,
    *,
    on: date,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> Subscription:
    """It is over from this day on, which may lie ahead: the first day without it.

    Asked again for the same day, nothing happens. Raises SubscriptionNotActive where it
    was cancelled for another day.
    """
    row = _locked(subscription, version)
    if row.state == SubscriptionState.CANCELLED.value:
        if row.cancelled_on == on:
            return row
        raise SubscriptionNotActive
    on = _next_day(row, on, now, ahead=CANCELLED_AHEAD)
    row.state, row.cancelled_on = SubscriptionState.CANCELLED.value, on
    row.reason = clean.reason_of(reason)
    fields = ("state", "cancelled_on", "reason")
    return _done(row, SubscriptionMove.CANCELLED, on, now, fields)


# --- What they share -----------------------------------------------------------------


def _locked(subscription: Subscription, version: int | None) -> Subscription:
    row = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    if version is not None and row.version != version:
        raise StaleVersion
    if not row.customer.is_live:
        raise CustomerGone
    return row


def _open(
    subscription: Subscription, on: date, now: datetime, version: int | None
) -> tuple[Subscription, date]:
    row = _locked(subscription, version)
    if row.state != SubscriptionState.ACTIVE.value:
        raise SubscriptionNotActive
    return row, _next_day(row, on, now)


def last_day(subscription: Subscription) -> date:
    """The day of the last thing that happened to it: nothing may come before it."""
    last = subscription.changes.order_by("-happened_on", "-pk").first()
    return last.happened_on if last else subscription.started_on


def _next_day(
    row: Subscription, on: date, now: datetime, ahead: timedelta = timedelta()
) -> date:
    last = last_day(row)
    if on < last:
        raise InvalidValue(fields={"on": "before_last_change"})
    # A cancellation may lie ahead, and be taken back on its day.
    if on > max(selectors.business().day(now) + ahead, last):
        raise InvalidValue(fields={"on": "in_the_future"})
    return on


def _day(day: date, field: str, today: date) -> date:
    if day > today:
        raise InvalidValue(fields={field: "in_the_future"})
    if day < dates.EARLIEST.date():
        raise InvalidValue(fields={field: "not_in_range"})
    return day


def _take(row: Subscription, plan: str | None, value: Decimal | None) -> set[str]:
    """Set what is given; the names of what really changed."""
    before = (row.plan, row.value)
    if plan is not None:
        row.plan = clean.plan_of(plan)
    if value is not None:
        row.value = clean.value_of(value, row.currency)
    after = (row.plan, row.value)
    return {
        name
        for name, old, new in zip(("plan", "value"), before, after, strict=True)
        if old != new
    }


def _done(
    row: Subscription,
    kind: SubscriptionMove,
    on: date,
    now: datetime,
    fields: Collection[str],
) -> Subscription:
    row.version += 1
    row.updated_at = now
    row.save()
    _append(row, kind, on, now)
    _tell(row, kind.value, fields, now)
    return row


def _append(row: Subscription, kind: SubscriptionMove, on: date, now: datetime) -> None:
    brings = row.state == SubscriptionState.ACTIVE.value
    zone = dates.zone_of(selectors.business().time_zone, "UTC")
    SubscriptionChange.objects.create(
        subscription=row,
        customer_id=row.customer_id,
        kind=kind.value,
        happened_on=on,
        happened_at=min(now, dates.moment_at(on, 12, zone)),
        plan=row.plan,
        value=row.value if brings else Decimal(0),
        reason=row.reason,
    )


def _tell(row: Subscription, verb: str, fields: Collection[str], now: datetime) -> None:
    audit.record(
        f"subscription.{verb}",
        f"subscription:{row.pk}",
        customer_id=row.customer_id,
        fields=fields,
        now=now,
    )
    signals.subscriptions_changed.send(
        sender=Subscription, ids=[row.pk], customer_ids=[row.customer_id], now=now
    )
