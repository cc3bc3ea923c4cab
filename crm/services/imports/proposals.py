"""Codes of a file that may be no goods, with the reasons. People decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.rules.choices import ProductNature
from crm.rules.product_codes import Suggestion

# The option of the command that says yes to a proposal of each nature.
OPTIONS = {
    ProductNature.POSTAGE: "--postage",
    ProductNature.FEE: "--fees",
    ProductNature.GIFT_CARD: "--gift-cards",
    ProductNature.ADJUSTMENT: "--adjustments",
}
# Without a name that says so, so many of the lines must be below zero.
PROOF = 0.25
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Suspect:
    """A product of the file that may be no goods."""

    suggestion: Suggestion
    sku: str
    name: str


@dataclass(slots=True)
class Proposal:
    """Counts of the lines under one pattern, and one product as the example."""

    suggestion: Suggestion
    example: str
    lines: int = 0
    negative: int = 0

    @property
    def is_founded(self) -> bool:
        """Whether the lines of the file bear it out."""
        is_proven = self.negative >= PROOF * self.lines
        return self.lines > 0 and (is_proven or not self.suggestion.needs_proof)

    def as_json(self) -> dict[str, object]:
        """The proposal for the report of a run."""
        return {
            "pattern": self.suggestion.pattern,
            "nature": self.suggestion.nature.value,
            "lines": self.lines,
            "negative": self.negative,
            "example": self.example,
        }

    def in_words(self) -> str:
        """The proposal in English, for the output of a command."""
        pattern, nature = self.suggestion.pattern, self.suggestion.nature
        shown = f'"{pattern}"' if " " in pattern else pattern
        below = f", {self.negative:,} below zero" if self.negative else ""
        example = f", such as {self.example!r}" if self.example else ""
        return (
            f"{pattern}: {self.lines:,} lines{below}{example}; "
            f"{nature.value}? {OPTIONS[nature]} {shown}"
        )


class Proposals:
    """Gathers the lines of suspects over the slices of a run."""

    def __init__(self) -> None:
        self._found: dict[Suggestion, Proposal] = {}

    def add(
        self, suspects: Mapping[int, Suspect], met: Iterable[tuple[int, int, int]]
    ) -> None:
        """`met`: number of a suspect, its lines in a slice, those below zero."""
        for number, lines, negative in met:
            suspect = suspects[number]
            known = self._found.setdefault(
                suspect.suggestion,
                Proposal(suspect.suggestion, suspect.name or suspect.sku),
            )
            known.lines += lines
            known.negative += negative

    def carried(self) -> list[list[Any]]:
        """All of them, as JSON."""
        return [
            [
                *(found.pattern, found.nature.value, found.needs_proof),
                *(one.example, one.lines, one.negative),
            ]
            for found, one in self._found.items()
        ]

    @classmethod
    def resumed(cls, carried: Iterable[Sequence[Any]]) -> "Proposals":
        """Those that `carried` wrote."""
        proposals = cls()
        for pattern, nature, needs_proof, example, lines, negative in carried:
            found = Suggestion(pattern, ProductNature(nature), needs_proof)
            proposals._found[found] = Proposal(found, example, lines, negative)
        return proposals

    def founded(self) -> list[Proposal]:
        """The most lines first."""
        found = [one for one in self._found.values() if one.is_founded]
        return sorted(found, key=lambda one: (-one.lines, one.suggestion.pattern))
