"""Words of a file that mean one of ours: `Completed` is delivered."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from crm.errors import FileUnusable
from crm.rules.choices import Channel, Direction, OrderState, SubscriptionMove
from crm.services.imports.values.cells import folded
from web.rules import money, places

# Field -> theirs -> ours.
ValueMap = Mapping[str, Mapping[str, str]]
# The fields that hold one of a list, and the words of ours that there are; empty: the
# service that reads the field knows.
OURS: Mapping[str, Collection[str]] = {
    "status": tuple(state.value for state in OrderState),
    "currency": money.CURRENCIES,
    "country": places.COUNTRIES,
    "language": (),
    "consent": ("yes", "no"),
    "kind": ("withdrawal", "bounce", "complaint", "nothing"),
    "channel": tuple(channel.value for channel in Channel),
    "direction": tuple(direction.value for direction in Direction),
    "happened": tuple(move.value for move in SubscriptionMove),
    # A number, or nothing.
    "line_tax": (),
}
T = TypeVar("T")


def mapped(read: Callable[[str], T], words: Mapping[str, str]) -> Callable[[str], T]:
    """`read`, with their words replaced by ours; capitals and blanks do not count."""
    if not words:
        return read
    ours = {folded(theirs): meant for theirs, meant in words.items()}
    return lambda raw: read(ours.get(folded(raw), raw))


def check_words(value_map: ValueMap, languages: Collection[str]) -> None:
    """Refuse a map that nothing would come of; raises FileUnusable."""
    known = {**OURS, "language": languages}
    for field, words in value_map.items():
        if field not in known:
            raise FileUnusable(
                f"There are no values of {field!r} to map. Known: {_listed(known)}."
            )
        for theirs, meant in words.items():
            if meant and known[field] and meant not in known[field]:
                raise FileUnusable(
                    f"{theirs!r} cannot mean {meant!r}: this is no {field} here. "
                    f"Known: {_listed(known[field])}."
                )


def _listed(words: Collection[str], most: int = 12) -> str:
    found = sorted(words)
    return ", ".join(found[:most]) + (" …" if len(found) > most else "")
