"""One message whose way is told, and one line of what is told (`ledger.py`)."""

from dataclasses import dataclass
from datetime import datetime

from messaging.models import Message
from messaging.rules.outlook import Outlook
from messaging.rules.send_decision import Facts, Reason
from web import formats

_ICONS = {"ok": "check", "wait": "clock", "stop": "cross", "bad": "triangle"}


@dataclass(frozen=True)
class Check:
    """One line. tone: ok, wait, stop, or bad where it failed; `decided`: the last."""

    tone: str
    text: str
    decided: bool = False

    @property
    def icon(self) -> str:
        """The icon for its tone."""
        return _ICONS[self.tone]


@dataclass(frozen=True)
class Case:
    """One message, what we know about it, and what stood or stands in its way."""

    message: Message
    facts: Facts
    reason: Reason | None
    # The moment the answers are about: when it went or ended, else when it would go.
    at: datetime
    now: datetime
    # Of a planned one.
    outlook: Outlook | None = None

    @property
    def lapses(self) -> bool:
        """Whether it will not go in time."""
        return self.outlook is not None and self.outlook.lapses


def there(case: Case) -> str:
    """When it goes, by the clock of the recipient: "Today, 09:00"."""
    local = case.message.not_before.astimezone(case.facts.zone)
    return f"{formats.day(local.date(), case.now)}, {local:%H:%M}"


def moment_of(moment: datetime, case: Case) -> str:
    """Day and hour by our clock: "Today, 09:00"."""
    return f"{formats.day(moment, case.now)}, {formats.clock(moment)}"


def day_of(moment: datetime | None, case: Case) -> str:
    """Its day by our clock: "Today"; "" without one."""
    return formats.day(moment, case.now)
