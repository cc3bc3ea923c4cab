"""Anniversaries of real customers, against a plain count of the file itself."""

import csv
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from messaging.models import Automation, Message
from messaging.services import automations
from tests.factories import CustomerFactory

DATA = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"))
FILE = DATA / "online_retail_uci_small.csv"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="online_retail_uci_small.csv is not here (PERENNIAL_DATA)"
)


def first_days():
    """Customer to the day of their first invoice that is no cancellation."""
    first = {}
    with FILE.open(newline="") as file:
        for line in csv.DictReader(file):
            if line["customer_id"] and not line["invoice_no"].startswith("C"):
                day = date.fromisoformat(line["invoice_date"][:10])
                key = line["customer_id"]
                first[key] = min(day, first.get(key, day))
    return first


@pytest.fixture
def customers(db):
    automations.ensure_automations()
    automations.switch_on(
        Automation.objects.get(kind="anniversary"),
        now=datetime(2011, 11, 30, tzinfo=UTC),
    )
    days = first_days()
    for external_id, day in days.items():
        CustomerFactory(
            external_id=external_id, since_on=day, time_zone="Europe/London"
        )
    return days


def test_december_2011_plans_those_who_came_in_december_2010(customers):
    expected = {
        external_id: day.replace(year=2011)
        for external_id, day in customers.items()
        if (day.year, day.month) == (2010, 12)
    }
    assert len(expected) > 20

    for step in range(31):
        at = datetime(2011, 11, 30, 8, tzinfo=UTC) + timedelta(days=step)
        call_command("run_due", "anniversary", at=at.isoformat())

    rows = Message.objects.values_list("customer__external_id", "due_on", "not_before")
    assert {external_id: due_on for external_id, due_on, _ in rows} == expected
    assert len(rows) == len(expected)
    # 09:00 in London is 09:00 UTC in December.
    assert all((moment.hour, moment.date()) == (9, on) for _, on, moment in rows)
