"""An automation that is changed by the forms of its page, and what it then does."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from messaging.forms.automations import AutomationForm
from messaging.forms.steps import StepChangeForm
from messaging.models import Automation, Message
from messaging.services import automations, planning, steps
from messaging.services.delivery import deliver

# A Saturday.
START = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY = timedelta(days=1)
NOBODY: list[Any] = []


@dataclass
class Shop:
    """A welcome series that is on for everybody, and Dana, who is due today at nine."""

    row: Automation
    dana: Any

    def edit(self, **values: Any) -> None:
        """By the form of its page, with these values in the place of its own."""
        self.row.refresh_from_db()
        blank = AutomationForm.of(self.row)
        data = {name: blank[name].value() for name in blank.fields} | values
        form = AutomationForm.of(self.row, data)
        assert form.is_valid(), form.errors
        automations.edit(self.row, now=START, **form.changes())

    def change_step(self, position: int, **values: Any) -> None:
        self.row.refresh_from_db()
        step = self.row.steps.get(position=position)
        blank = StepChangeForm.of(step)
        data = {name: blank[name].value() for name in blank.fields} | values
        form = StepChangeForm.of(step, data)
        assert form.is_valid(), form.errors
        kept = {"wait_days": step.wait_days, "stop_on": step.stop_on, "gift": step.gift}
        steps.change(
            self.row, position=position, now=START, **{**kept, **form.cleaned_data}
        )

    def live(self, *days: int) -> None:
        """What happens at ten of these days."""
        for day in days:
            now = START + day * DAY + timedelta(hours=4)
            planning.sweep(now=now, kinds=[self.row.kind])
            deliver(now=now)


def moments(shop: Shop) -> list[tuple[int, int, int]]:
    """(step, days after the start, hour) of what is planned or went."""
    planning.sweep(now=START, kinds=[shop.row.kind])
    rows = Message.objects.filter(automation=shop.row, not_before__gte=START)
    rows = rows.exclude(state="superseded")
    return [
        (row.step, (row.not_before.date() - START.date()).days, row.not_before.hour)
        for row in rows.order_by("id")
    ]
