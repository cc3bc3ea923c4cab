"""What a customer chooses on their own page: classes of mail, language, a pause."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from crm.models import Customer
from crm.services import customers
from messaging.models import Hold
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.rules.pause import pause_end
from messaging.services import consent, holds

PAUSED = "paused_by_customer"


@transaction.atomic
def save_preferences(
    customer: Customer,
    *,
    wanted: Mapping[Category, bool],
    language: str,
    paused: bool,
    ip: str,
    now: datetime,
) -> Customer:
    """Only what differs from today becomes a row: a box left alone says nothing."""
    states = consent.states([customer.pk])[customer.pk]
    newly = {
        category: yes
        for category, yes in wanted.items()
        if category in STOPPABLE and states[category].allowed != yes
    }
    how = "preference_page"
    yes = [category for category, wants in newly.items() if wants]
    no = [category for category, wants in newly.items() if not wants]
    if yes:
        consent.grant(customer, categories=yes, how=how, now=now, ip=ip)
    if no:
        consent.withdraw(customer, categories=no, how=how, now=now, ip=ip)
    _pause(customer, paused=paused, now=now)
    return customers.update_customer(customer, changes={"language": language}, now=now)


def standing_pause(customer: Customer, *, now: datetime) -> Hold | None:
    standing = holds.open_holds([customer.pk], now=now).get(customer.pk, [])
    return next((hold for hold in standing if hold.reason == PAUSED), None)


def _pause(customer: Customer, *, paused: bool, now: datetime) -> None:
    standing = standing_pause(customer, now=now)
    if standing and not paused:
        holds.release(standing.source_key, now=now)
    if paused and not standing:
        holds.place(
            customer,
            categories=STOPPABLE,
            reason=PAUSED,
            source_key=f"pause:{uuid4().hex}",
            now=now,
            until=pause_end(now),
        )
