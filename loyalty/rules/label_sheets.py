"""Sheets of labels as they are sold, and how labels fall on them.

The measures of each stand in `static/css/gifts.css`, under its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Sheet:
    """`title`: its measures, as on the packet. `paper`: its stylesheet."""

    name: str
    title: str
    size: int
    paper: str

    def pages(self, labels: Sequence[T], *, skip: int = 0) -> list[list[T | None]]:
        """The labels of each page; None: a place that is used already, of which the
        first page has `skip`."""
        places: list[T | None] = [None] * skip + list(labels) if labels else []
        return [places[at : at + self.size] for at in range(0, len(places), self.size)]


SHEETS = (
    Sheet("a4-21", "A4, 3 × 7: 63.5 × 38.1 mm", 21, "css/paper-a4.css"),
    Sheet("a4-14", "A4, 2 × 7: 99.1 × 38.1 mm", 14, "css/paper-a4.css"),
    Sheet("letter-30", "Letter, 3 × 10: 2⅝ × 1 in", 30, "css/paper-letter.css"),
    Sheet("envelope", "DL: 220 × 110 mm", 1, "css/paper-dl.css"),
)


def sheet(name: str) -> Sheet:
    """The one of this name, else the first."""
    return next((one for one in SHEETS if one.name == name), SHEETS[0])
