"""How one import of customers finds its records, and what it may do to them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from crm.errors import FileUnusable
from crm.rules.import_modes import Identity, Match, Write

if TYPE_CHECKING:
    from crm.services.imports.options import Options

E = TypeVar("E", Identity, Match, Write)
# The options that are for customers alone.
MODES = frozenset({"match", "write", "identity", "erase_empty"})
_OVERWRITES = (Write.CREATE_UPDATE, Write.UPDATE)


@dataclass(frozen=True)
class Modes:
    """What was chosen, or follows from the file."""

    identity: Identity = Identity.COLUMN
    match: Match = Match.ID
    write: Write = Write.CREATE_UPDATE
    erase_empty: bool = False

    @property
    def by_address(self) -> bool:
        """Whether an address finds a record that the id does not."""
        return self.match is Match.ID_OR_ADDRESS

    @property
    def has_ids(self) -> bool:
        """The file has ids of its own."""
        return self.identity is Identity.COLUMN

    @property
    def joins_rows(self) -> bool:
        """Several rows may be one person, though none is refused for it."""
        return self.by_address and not self.has_ids

    @property
    def overwrites(self) -> bool:
        """Whether a cell replaces what a record has."""
        return self.write in _OVERWRITES

    @property
    def refuses_late(self) -> bool:
        """Some rows can be refused only where the records are known."""
        return self.write is Write.UPDATE or self.joins_rows


def modes_of(options: "Options", columns: Collection[str]) -> Modes:
    """`columns`: the fields that the file has. Without a choice its ids count, and
    where it has none the addresses. Raises FileUnusable where something is lacking."""
    has_ids = "external_id" in columns
    identity = _chosen(
        Identity, options.identity, Identity.COLUMN if has_ids else Identity.NUMBER
    )
    if identity is Identity.COLUMN and not has_ids:
        raise FileUnusable(
            "The file has no column external_id. Name it with --map external_id=COLUMN,"
            " or let the address or a number be the id: --identity address or number."
        )
    if identity is Identity.ADDRESS and "email" not in columns:
        raise FileUnusable(
            "The file has no column email, so the address cannot be the id. Name it"
            " with --map email=COLUMN, or take --identity number."
        )
    return Modes(
        identity=identity,
        match=_chosen(
            Match,
            options.match,
            Match.ID if identity is Identity.COLUMN else Match.ID_OR_ADDRESS,
        ),
        write=_chosen(Write, options.write, Write.CREATE_UPDATE),
        erase_empty=options.erase_empty,
    )


def refuse_modes(options: "Options") -> None:
    """Raises FileUnusable for choices that there are not, or that contradict."""
    write = _chosen(Write, options.write, Write.CREATE_UPDATE)
    _chosen(Match, options.match, Match.ID)
    _chosen(Identity, options.identity, Identity.COLUMN)
    if options.erase_empty and write not in _OVERWRITES:
        raise FileUnusable(
            "An import that leaves alone what is known already cannot erase:"
            " empty cells erase only with --write create_update or update."
        )


def refuse_modes_of_customers(options: "Options") -> None:
    """Raises FileUnusable where orders are told what only customers can be."""
    if any(getattr(options, name) for name in MODES):
        raise FileUnusable(
            "match, write, identity and erase_empty are for imports of customers."
        )


def _chosen(choices: type[E], given: str, default: E) -> E:
    if not given:
        return default
    try:
        return choices(given)
    except ValueError:
        known = ", ".join(choices)
        raise FileUnusable(f"{given!r} is none of {known}.") from None
