"""One of several automations of the tests' kind, on for a month."""

from datetime import timedelta

from messaging.models import Automation, AutomationStep, Sweep
from messaging.services import versions
from tests.factories import NOW


def automation(name, **fields):
    row = Automation.objects.create(
        **{
            "kind": "test_kind",
            "name": name,
            "is_on": True,
            "switched_on_at": NOW - timedelta(days=30),
            "life_days": 3,
            **fields,
        }
    )
    Sweep.objects.create(automation=row)
    AutomationStep.objects.create(automation=row, position=1, origin=1)
    versions.write(row, now=NOW)
    return row
