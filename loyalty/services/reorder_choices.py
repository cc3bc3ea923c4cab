"""What customers decide of their reminders: enough for now, later, not this, none.

Every path locks the customer first, so that two tabs or a double click are one action,
and ends at once what is planned and no longer wanted.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from crm import selectors as crm
from crm.errors import CustomerGone
from crm.models import Customer
from crm.rules.dates import local_day, zone_of
from crm.services import audit
from loyalty.errors import NotListed
from loyalty.models import ReminderItem, ReorderRefusal
from loyalty.rules.reorder import enough_days
from loyalty.selectors import reorders as selectors
from loyalty.selectors.reorders import OPEN, Item
from loyalty.services import reorders
from messaging.models import Message
from web.errors import InvalidValue

# One, two or four weeks from the day on which they ask.
WAITS = (7, 14, 28)


@transaction.atomic
def put_off(message: Message, *, product_id: int, days: int, now: datetime) -> None:
    """Remind of it again, so many of the customer's days from now.

    What was bought again or refused in another tab stays as it is.
    """
    if days not in WAITS:
        raise InvalidValue(fields={"days": "out_of_range"})
    customer = _locked(message)
    today = today_of(customer, now=now)
    item = _listed(message, product_id, today)
    again_on = today + timedelta(days=days)
    if item.standing in OPEN and item.again_on != again_on:
        _set_again(customer, item, again_on)
        _record("put_off", customer, product_id, now, fields=["again_on"])
        reorders.cancel_over([customer.pk], now=now)


@transaction.atomic
def have_enough(message: Message, *, now: datetime) -> None:
    """Remind of what the mail lists again, each product some time later
    (`rules.reorder.enough_days`). What they put off before, bought again or refused
    stays as it is, so that twice is once.
    """
    customer = _locked(message)
    today = today_of(customer, now=now)
    for item in selectors.listed(message, today=today):
        if item.standing in OPEN and item.again_on is None:
            _set_again(customer, item, today + timedelta(days=enough_days(item.days)))
            _record("put_off", customer, item.product_id, now, fields=["again_on"])
    reorders.cancel_over([customer.pk], now=now)


@transaction.atomic
def keep_all_days(message: Message, *, now: datetime) -> None:
    """Take every "later" about the products of this mail back."""
    customer = _locked(message)
    for item in selectors.listed(message, today=today_of(customer, now=now)):
        _keep(customer, item, now)


@transaction.atomic
def keep_day(message: Message, *, product_id: int, now: datetime) -> None:
    """Take "later" back: of this purchase there is no second reminder."""
    customer = _locked(message)
    item = _listed(message, product_id, today_of(customer, now=now))
    _keep(customer, item, now)


@transaction.atomic
def refuse_product(message: Message, *, product_id: int, now: datetime) -> None:
    """No reminder of this product any more."""
    customer = _locked(message)
    _listed(message, product_id, today_of(customer, now=now))
    _refuse(customer, product_id, now)


@transaction.atomic
def refuse_all(message: Message, *, now: datetime) -> None:
    """No reminder of anything they buy; other mail is not touched."""
    _refuse(_locked(message), None, now)


@transaction.atomic
def allow_again(message: Message, *, product_id: int | None, now: datetime) -> None:
    """Take a refusal back: of one product, or (None) of all."""
    customer = _locked(message)
    if product_id is not None:
        _listed(message, product_id, today_of(customer, now=now))
    if _refused(customer, product_id).delete()[0]:
        _record("allowed_again", customer, product_id, now)


def today_of(customer: Customer, *, now: datetime) -> date:
    """The day it is where they are."""
    return local_day(now, zone_of(customer.time_zone, crm.business().time_zone))


def _locked(message: Message) -> Customer:
    locked = Customer.objects.select_for_update(no_key=True).get(pk=message.person_id)
    if not locked.is_live:
        raise CustomerGone
    return locked


def _listed(message: Message, product_id: int, today: date) -> Item:
    for item in selectors.listed(message, today=today):
        if item.product_id == product_id:
            return item
    raise NotListed


def _set_again(customer: Customer, item: Item, again_on: date | None) -> None:
    ReminderItem.objects.filter(
        customer=customer, product=item.product_id, last_on=item.last_on
    ).update(again_on=again_on)


def _keep(customer: Customer, item: Item, now: datetime) -> None:
    if item.again_on is not None:
        _set_again(customer, item, None)
        _record("put_off_undone", customer, item.product_id, now, fields=["again_on"])


def _refused(customer: Customer, product_id: int | None) -> QuerySet[ReorderRefusal]:
    refusals = ReorderRefusal.objects.filter(customer=customer)
    if product_id is None:
        return refusals.filter(product=None)
    return refusals.filter(product=product_id)


def _refuse(customer: Customer, product_id: int | None, now: datetime) -> None:
    if not _refused(customer, product_id).exists():
        ReorderRefusal.objects.create(
            customer=customer, product_id=product_id, made_at=now
        )
        _record("refused", customer, product_id, now)
        reorders.cancel_over([customer.pk], now=now)


def _record(
    what: str,
    customer: Customer,
    product_id: int | None,
    now: datetime,
    *,
    fields: list[str] | None = None,
) -> None:
    subject = f"product:{product_id}" if product_id else f"customer:{customer.pk}"
    audit.record(
        f"reorder.{what}",
        subject,
        customer_id=customer.pk,
        fields=fields or (),
        now=now,
    )
