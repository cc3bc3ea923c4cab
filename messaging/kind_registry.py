"""The kinds of mail that apps registered, by their name."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from messaging.kinds import Kind

_kinds: dict[str, "Kind"] = {}


def register(kind: "Kind") -> None:
    """Add a kind. Raises ValueError for a name that is taken."""
    if kind.name in _kinds:
        raise ValueError(f"The kind {kind.name!r} is declared twice.")
    _kinds[kind.name] = kind


def get(name: str) -> "Kind":
    """The kind of this name. Raises KeyError."""
    return _kinds[name]


def find(name: str) -> "Kind | None":
    """The kind of this name; None where a later version dropped it."""
    return _kinds.get(name)


def today_called(name: str) -> str:
    """The name of today of the kind that once had this one; the same where none had."""
    return next(
        (kind.name for kind in _kinds.values() if name in kind.former_names), name
    )


def all_kinds() -> "list[Kind]":
    """The registered kinds by priority, then name."""
    return sorted(_kinds.values(), key=lambda kind: (kind.priority, kind.name))
