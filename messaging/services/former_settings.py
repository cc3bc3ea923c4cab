"""Settings of an earlier version put back. They become the newest version; nothing is
lost, and what was before it can be put back in the same way."""

from datetime import datetime
from typing import Any

from django.db import transaction

from messaging.models import Automation, AutomationVersion
from messaging.services import automations, steps

# Not the switch, which begins and ends things, nor the lot, which begins a comparison.
SETTINGS = (
    *("name", "audience", "send_hour", "offset_days", "life_days", "weekdays"),
    *("rests", "reentry", "reentry_days", "params"),
)
STEP_SETTINGS = ("wait_days", "stop_on", "has_offer", "without_offer_allowed", "gift")


@transaction.atomic
def put_back(
    automation: Automation, was: AutomationVersion, *, version: int, now: datetime
) -> Automation:
    """The settings of the automation, and of each step that there still is. Raises what
    changing them raises: StaleVersion, InvalidValue, and refusals of campaigns."""
    then = _named(SETTINGS, was.content)
    row = automations.edit(automation, version=version, now=now, **then)
    for step, old in zip(row.steps.order_by("position"), _steps(was), strict=False):
        kept = {name: getattr(step, name) for name in STEP_SETTINGS}
        steps.change(
            row,
            version=row.version,
            position=step.position,
            now=now,
            **{**kept, **_named(STEP_SETTINGS, old)},
        )
        row.refresh_from_db()
    return row


def _steps(was: AutomationVersion) -> list[dict[str, Any]]:
    return list(was.content.get("steps", []))


def _named(names: tuple[str, ...], content: dict[str, Any]) -> dict[str, Any]:
    """Those that there were then."""
    return {name: content[name] for name in names if name in content}
