"""What loyalty does when an app below speaks."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from crm.signals import customers_changed
from loyalty.services import anniversaries

_MOVES_THE_DAY = frozenset({"since_on", "*"})


@receiver(customers_changed, dispatch_uid="loyalty.replan_anniversaries")
def replan_anniversaries(
    ids: Collection[int], fields: frozenset[str], now: datetime, **kwargs: Any
) -> None:
    if fields & _MOVES_THE_DAY:
        anniversaries.replan(ids, now=now)
