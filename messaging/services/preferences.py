"""What a customer chooses on their own page: classes of mail, language, a pause."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from crm.models import Customer
from crm.services import customers
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.services import consent, pauses


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
    if paused:
        pauses.pause(customer, now=now)
    else:
        pauses.resume(customer, now=now)
    return customers.update_customer(customer, changes={"language": language}, now=now)
