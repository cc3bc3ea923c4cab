"""The gallery from which staff begin: what a kind of mail is good for, in words.

A kind declares its own (`Kind.starting_points`), one or several with settings of their
own; a kind that declares none stands there with its label and summary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from messaging.kinds import Kind


class Group(StrEnum):
    """In the order of the gallery."""

    WELCOME = "welcome"
    THANK = "thank"
    ASK = "ask"
    REMIND = "remind"
    OCCASION = "occasion"
    ONCE = "once"


GROUP_LABELS: dict[Group, Any] = {
    Group.WELCOME: _("Welcome"),
    Group.THANK: _("Thank"),
    Group.ASK: _("Ask"),
    Group.REMIND: _("Remind"),
    Group.OCCASION: _("Occasions"),
    Group.ONCE: _("Once"),
}
# What a starting point may set of a new automation.
SETTINGS = frozenset(
    {"send_hour", "offset_days", "life_days", "weekdays", "rests", "params"}
)


@dataclass(frozen=True, kw_only=True)
class StartingPoint:
    """One card. Lazy words: what it does, whom it suits, when it goes.

    `name` is unique among those of its kind; `settings` are columns of an automation
    out of SETTINGS, where they differ from what the kind suggests.
    """

    name: str
    group: Group
    label: Any
    summary: Any
    suits: Any = ""
    goes: Any = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := self.settings.keys() - SETTINGS:
            raise ValueError(f"no settings of an automation: {sorted(unknown)}")


@dataclass(frozen=True)
class Card:
    """A starting point with the kind that it makes one of."""

    kind: "Kind"
    point: StartingPoint


@dataclass(frozen=True)
class Section:
    """One group of the gallery with its cards; never empty."""

    label: Any
    cards: Sequence[Card]


def points_of(kind: "Kind") -> Sequence[StartingPoint]:
    """Those of one kind, at least one."""
    return kind.starting_points or (
        StartingPoint(
            name="plain",
            group=Group.OCCASION,
            label=kind.label,
            summary=kind.summary,
        ),
    )


def gallery(kinds: Sequence["Kind"]) -> list[Section]:
    """All cards of these kinds, by group."""
    cards = [Card(kind, point) for kind in kinds for point in points_of(kind)]
    found = [
        Section(label, [card for card in cards if card.point.group == group])
        for group, label in GROUP_LABELS.items()
    ]
    return [section for section in found if section.cards]


def find(kind: "Kind", name: str) -> StartingPoint:
    """That one of the kind's; its first where none is called so."""
    points = points_of(kind)
    return next((point for point in points if point.name == name), points[0])
