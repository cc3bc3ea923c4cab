"""The words of one mail beside its templates, which are the same for everybody.

Templates see a place where a recipient has words: they may write it, and ask whether
there are any. What they make of places is equal for all whose places are filled alike,
so it is made once, and no word of one recipient can get into the mail of another.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import conditional_escape

_MARKER = re.compile(r"pz(\d+)zp")


@dataclass(frozen=True)
class Place:
    """Where words of the recipient go; false where there are none."""

    number: int
    is_filled: bool

    def __bool__(self) -> bool:
        return self.is_filled

    def __str__(self) -> str:
        """A marker that MJML and HTML leave as it is."""
        return f"pz{self.number}zp"


@dataclass(frozen=True)
class Names:
    """A mapping that can be a key of a cache."""

    items: tuple[tuple[str, Hashable], ...]

    def as_dict(self) -> dict[str, Any]:
        return {name: _thawed(value) for name, value in self.items}


def _thawed(value: Any) -> Any:
    if isinstance(value, Names):
        return value.as_dict()
    if isinstance(value, tuple):
        return [_thawed(one) for one in value]
    return value


class Places:
    """The words of one mail, by the number of their place."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._html: list[str] = []

    def add(self, words: str, html: str | None = None) -> Place:
        """A place for these words; `html` where that is not the words escaped."""
        self._plain.append(words)
        self._html.append(conditional_escape(words) if html is None else html)
        return Place(len(self._plain) - 1, bool(words))

    def put(self, place: Place, words: str) -> None:
        self._plain[place.number] = words
        self._html[place.number] = conditional_escape(words)

    def replaced(self, values: Mapping[str, Any]) -> Names:
        """The values with places for their strings, also those in lists and mappings.
        Anything else (a number, a date) stays, and is part of what is made once."""
        return Names(tuple((name, self._place(one)) for name, one in values.items()))

    def _place(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.add(value)
        if isinstance(value, Mapping):
            return self.replaced(value)
        if isinstance(value, list):
            return tuple(self._place(one) for one in value)
        return value

    def in_text(self, text: str) -> str:
        return _MARKER.sub(lambda found: self._of(self._plain, found), text)

    def in_html(self, html: str) -> str:
        return _MARKER.sub(lambda found: self._of(self._html, found), html)

    def _of(self, words: list[str], marker: re.Match[str]) -> str:
        number = int(marker[1])
        return words[number] if number < len(words) else marker[0]
