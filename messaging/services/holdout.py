"""Hold a share of people out of an automation, to see what its mail does."""

from datetime import datetime

from django.db import transaction

from messaging import kinds
from messaging.errors import HoldoutNotHere
from messaging.models import Automation, Message
from messaging.rules.choices import Category, State
from messaging.rules.holdout import MOST_PERCENT
from messaging.services import messages
from messaging.services.automation_rows import lock_in_use, saved
from web.errors import InvalidValue, StaleVersion

# Somebody waits for a transactional mail; and a survey is no attempt to sell, so that
# orders would say nothing about it, while those left out would be missing in the score.
_MEASURED = frozenset({Category.LOYALTY, Category.MARKETING, Category.BIRTHDAY})


def may_hold_out(automation: Automation) -> bool:
    """Whether mail of this class may be kept from anybody for the sake of a figure."""
    return kinds.get(automation.kind).category_of(automation) in _MEASURED


@transaction.atomic
def set_percent(
    automation: Automation, *, version: int, percent: int, now: datetime
) -> Automation:
    """Hold out so many in a hundred from now on, 0 for nobody; each of them the same
    person for as long as the automation stands.

    What is planned is planned again with the new share. Another share begins a new
    comparison; 0 leaves the last one to be read. Raises HoldoutNotHere.
    """
    locked = lock_in_use(automation)
    if locked.version != version:
        raise StaleVersion
    if not 0 <= percent <= MOST_PERCENT:
        raise InvalidValue(fields={"percent": "not_in_range"})
    if percent and not may_hold_out(locked):
        raise HoldoutNotHere
    if percent == locked.holdout_percent:
        return locked
    locked.holdout_percent = percent
    if percent:
        locked.holdout_since = now
    changed = saved(locked, "automation.changed", {"holdout_percent"}, now)
    planned = Message.objects.filter(
        automation=locked, state=State.PLANNED.value, step=1
    )
    code = "superseded_settings_changed"
    messages.supersede(planned, reason_code=code, now=now)
    return changed
