"""Parts that must work for the shop to work, with what `doctor` says of them, and cards
beside the settings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.page_parts.registry import Part
from crm.request_context import RequestContext


@dataclass(frozen=True)
class Status:
    """How one thing stands, in words.

    `instead`: a sentence of its own for the line on Today, where it is well and "are
    working" would not be true. `seen_at`: when it last showed that it works.
    """

    label: str
    is_well: bool
    text: str
    instead: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StatusSource(Part):
    """Lines of the card "Status" of the settings, in a fixed number of queries.

    `is_on_today`: they count in the one line of Today, too, and are read for it.
    """

    read: Callable[[RequestContext], Sequence[Status]]
    is_on_today: bool = True


@dataclass(frozen=True)
class Finding:
    """What `manage.py doctor` says of one part: well or not, and in words."""

    part: str
    is_well: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class DoctorCheck(Part):
    """Lines of `manage.py doctor`; `read` is given the present moment."""

    read: Callable[[datetime], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class SettingsPanel(Part):
    """A card beside the settings, or with `in_status` more words on the card "Status".
    `template` draws it and finds what was read as `panel`."""

    template: str
    read: Callable[[RequestContext], object]
    in_status: bool = False
