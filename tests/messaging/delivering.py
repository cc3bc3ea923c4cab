"""What the tests of deliveries share: planned messages, and a look at their rows."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from messaging.models import Message
from messaging.services.delivery import DeliveryCount, deliver
from tests.factories import CustomerFactory, MessageFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def plan(to: str = "", **fields: Any) -> Message:
    """A message of the plain kind that may go now."""
    if to:
        fields["customer"] = CustomerFactory(email=to)
    return MessageFactory(**{"kind": "plain", "not_before": NOW, **fields})


def plan_many(count: int) -> list[Message]:
    return [plan(f"c{number}@example.org") for number in range(count)]


def run(at: datetime = NOW, **more: Any) -> DeliveryCount:
    return deliver(now=at, **more)


def row(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("state", flat=True))
