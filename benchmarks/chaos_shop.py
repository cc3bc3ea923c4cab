"""The shop of the kill test: everybody's anniversary is today."""

from datetime import datetime, timedelta

from crm.models import Business, Customer
from messaging.models import Automation
from messaging.services import automations
from tests.factories import CustomerFactory

SLICE = 1_000


def open_shop(people: int, now: datetime) -> None:
    """Switched on two days ago; the beats find out who is due."""
    Business.objects.update(
        quiet_from=0,
        quiet_until=0,
        time_zone="UTC",
        from_loyalty="hello@kettle.example",
        from_name="Kettle & Leaf",
        postal_address="1 Mill Lane, Leeds",
        public_url="http://127.0.0.1",
    )
    today = now.date()
    since = today.replace(year=today.year - 4)  # 29 February has one, too
    for first in range(0, people, SLICE):
        Customer.objects.bulk_create(
            CustomerFactory.build(email=f"c{number}@example.org", since_on=since)
            for number in range(first, min(first + SLICE, people))
        )
    Automation.objects.filter(kind="anniversary").update(send_hour=0)
    anniversary = Automation.objects.get(kind="anniversary")
    automations.switch_on(anniversary, now=now - timedelta(days=2))
