"""Which column of a header holds which field, and what is wrong with a header."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crm.errors import FileUnusable


@dataclass(frozen=True)
class Fields:
    """The columns a kind of import knows. `custom.` columns are open-ended.

    `synonyms`: what else a column may be called, as `folded` writes it -> its field.
    `addresses`: the field of a list without a header, whose first line is an address.
    `looks`: of fields that apps bring, whether a cell looks like one of it, also where
    no name tells; `dates`, `numbers`: those of them that hold days and numbers;
    `ahead`: those of the days that may lie ahead.
    """

    required: frozenset[str]
    known: frozenset[str]
    one_of: tuple[frozenset[str], ...] = ()
    takes_custom: bool = False
    synonyms: Mapping[str, str] = field(default_factory=dict)
    addresses: str = ""
    looks: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Whether this is one of our fields, a custom one included."""
        is_custom = self.takes_custom and name.startswith("custom.") and name[7:]
        return name in self.known or bool(is_custom)


def names_of(header: Sequence[str]) -> list[str]:
    """Return the names of the columns, without blanks around them or a byte order
    mark."""
    return [cell.strip().strip("\ufeff") for cell in header]


def check_mapping(fields: Fields, mapping: Mapping[str, str]) -> None:
    """Raise FileUnusable where the mapping names a field that no import knows."""
    strange = sorted(name for name in mapping if not fields.knows(name))
    if strange:
        raise FileUnusable(
            f"Unknown fields in --map: {_listed(strange)}. "
            f"Known: {_listed(sorted(fields.known), most=40)}."
        )


def positions_of(
    names: Sequence[str], fields: Fields, mapping: Mapping[str, str]
) -> dict[str, int]:
    """Where each field stands: mapped columns first, then those of its own name, then
    those of another name for it. A field that is mapped to "" stays out."""
    written = [folded(name) for name in names]
    positions = {}
    for name, column in mapping.items():
        if not column:
            continue
        if column in names:
            positions[name] = names.index(column)
        elif folded(column) in written:
            positions[name] = written.index(folded(column))
    for index, name in enumerate(written):
        # The name of a custom field keeps its case.
        name = f"custom.{names[index][7:]}" if name.startswith("custom.") else name
        if fields.knows(name) and name not in mapping:
            positions.setdefault(name, index)
    used = set(positions.values())
    for index, name in enumerate(written):
        meant = fields.synonyms.get(name, "")
        if meant and meant not in mapping and index not in used:
            positions.setdefault(meant, index)
    if fields.addresses and not positions:
        found = [index for index, name in enumerate(names) if "@" in name]
        return {fields.addresses: found[0]} if len(found) == 1 else {}
    return positions


def check(
    names: Sequence[str],
    positions: Mapping[str, int],
    fields: Fields,
    mapping: Mapping[str, str],
    *,
    where: str = "",
) -> None:
    """Raise FileUnusable where a column is missing, or two have its name.

    `where` says where the header stands, if not on the first line.
    """
    lost = sorted(
        column for name, column in mapping.items() if column and name not in positions
    )
    if lost:
        raise FileUnusable(f"Mapped columns that the file lacks: {_listed(lost)}.")
    _refuse_doubled(names, positions)
    missing = sorted(fields.required - set(positions))
    missing += [
        " or ".join(sorted(group))
        for group in fields.one_of
        if not group & set(positions)
    ]
    if missing:
        raise FileUnusable(
            f"Required columns are missing: {_listed(missing)}. "
            f"The file has{where}: {_listed(names)}. Use --map field=column."
        )


def _refuse_doubled(names: Sequence[str], positions: Mapping[str, int]) -> None:
    """Raise FileUnusable where a field is read from a column whose name another column
    has too."""
    written = [folded(name) for name in names]
    used = {written[at]: name for name, at in positions.items()}
    twice = sorted(name for name in used if written.count(name) > 1)
    if twice:
        shown = [names[written.index(name)] for name in twice]
        raise FileUnusable(
            f"Columns that stand twice: {_listed(shown)}. Only one can be "
            f"{_listed([used[name] for name in twice])}: rename or remove the other."
        )


def folded(name: str) -> str:
    """A column's name without regard to case and spaces."""
    return name.strip().casefold().replace(" ", "_")


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(repr(name[:60]).strip("'") for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
