"""What a forecast rests on beside people and their mails: the settings of the shop."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from crm.models import Business
from messaging.models import Automation, AutomationStep, BudgetRule


def of(running: Sequence[Automation], business: Business, *, now: datetime) -> str:
    """A hash of the shop, its contact limits and the automations that are on, with the
    week by the shop's calendar: in another week all is worked out anew, so that what
    another release or another list of holidays decides otherwise shows by then."""
    ids = [each.pk for each in running]
    known = [
        business.day(now).isocalendar()[:2],
        *Business.objects.filter(pk=business.pk).values_list(),
        *BudgetRule.objects.order_by("pk").values_list(),
        *Automation.objects.filter(pk__in=ids).order_by("pk").values_list(),
        *AutomationStep.objects.filter(automation__in=ids).order_by("pk").values_list(),
    ]
    return hashlib.sha256(repr(known).encode()).hexdigest()
