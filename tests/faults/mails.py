"""Mails for real workers to send, and patience with them."""

import os
import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from crm.models import Business
from messaging.models import Message
from tests.factories import CustomerFactory, MessageFactory
from tests.messaging.delivering import states

# Generous: on a busy machine a worker takes long to start.
PATIENCE = 90.0
# FAULTS=long: as often and as long as docs/reliability.md states, which takes minutes.
LONG = os.environ.get("FAULTS") == "long"


def plan(count: int, name: str = "c") -> None:
    """Mails that may go now, by the real clock that workers read."""
    now = timezone.now()
    Business.objects.update(quiet_from=0, quiet_until=0)
    customers = [
        CustomerFactory(email=f"{name}{number}@example.org") for number in range(count)
    ]
    Message.objects.bulk_create(
        MessageFactory.build(
            kind="plain",
            customer=customer,
            occurrence=f"{name}{number}",
            not_before=now - timedelta(minutes=1),
        )
        for number, customer in enumerate(customers)
    )


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"waited {seconds} s: {states()}"
        time.sleep(0.05)


def all_are_final() -> bool:
    return not Message.objects.filter(
        state__in=["planned", "claimed", "handed"]
    ).exists()
