"""What a file of a well-known program is known by. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.services.imports.column_names import fold

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Preset:
    """`all_of` must stand in the header, and of each group of `one_of` one column.

    `options`: what else the import is to do, by the names of `Options`.
    """

    name: str
    label: str
    kind: str
    all_of: Columns
    columns: Mapping[str, Columns]
    one_of: tuple[Columns, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a file with this header comes from the program of this preset."""
        names = {fold(name) for name in header}
        return all(fold(name) in names for name in self.all_of) and all(
            any(fold(name) in names for name in group) for group in self.one_of
        )

    def mapping(self, header: Sequence[str]) -> dict[str, str]:
        """Field → the column of this header that holds it."""
        written = {fold(name): name for name in reversed(header)}
        found: dict[str, str] = {}
        for target, names in self.columns.items():
            known = [written[fold(name)] for name in names if fold(name) in written]
            if known and not (target in _PRICES and _PRICES & found.keys()):
                found[target] = known[0]
        return found


# One of them says what a line cost: the one that stands first.
_PRICES = {"unit_price", "line_total"}
