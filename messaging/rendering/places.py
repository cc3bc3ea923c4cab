"""The words of one mail beside its templates, which are the same for everybody.

Templates see a place where a recipient has words: they may write it, and ask whether
there are any. What they make of places is equal for all whose places are filled alike,
so it is made once, and no word of one recipient can get into the mail of another.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from django.utils.html import conditional_escape

_MARKER = re.compile(r"pz(\d+)zp")


class WordsUsed(BaseException):
    """A template compares or filters words of a recipient, which it does not see.

    No `Exception`: `{% if %}` takes those for false, and says nothing.
    """


class Place:
    """Where words of the recipient go; false where there are none. To compare it with
    anything raises WordsUsed."""

    def __init__(self, number: int, is_filled: bool) -> None:
        self.number = number
        self.is_filled = is_filled

    def __bool__(self) -> bool:
        return self.is_filled

    def __str__(self) -> str:
        """A marker that MJML and HTML leave as it is."""
        return f"pz{self.number}zp"

    # By what it is: a key of a cache finds it 25 times a mail without comparing.
    __hash__ = object.__hash__

    def _compared(self, other: object) -> NoReturn:
        raise WordsUsed(
            "A template compares words of the recipient. It may only ask whether there"
            " are any: let the kind compare them, and give the template a number."
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _compared


# Kept, so that the place of a number is one object: it is equal to itself alone.
_place = lru_cache(maxsize=512)(Place)
# Most words of a mail are those of all mails. Marked as safe is another type.
escaped = lru_cache(maxsize=512, typed=True)(conditional_escape)


def refuse_words(name: str, value: object) -> None:
    """Raise WordsUsed where `value`, which the filter `name` is given, is a place, or a
    text that has one."""
    if isinstance(value, Place) or isinstance(value, str) and _MARKER.search(value):
        raise WordsUsed(
            f"A template filters words of the recipient with “{name}”, which would"
            " change the mark of their place: let the kind do it."
        )


class Parted:
    """A text with places, taken apart once to be filled many times."""

    def __init__(self, text: str) -> None:
        self._pieces = _MARKER.split(text)
        self._numbers = [int(number) for number in self._pieces[1::2]]

    def filled(self, words: Sequence[str]) -> str:
        """The text with these words; what only looks like a marker stays."""
        pieces = [*self._pieces]
        most = len(words)
        pieces[1::2] = [
            words[number] if number < most else f"pz{number}zp"
            for number in self._numbers
        ]
        return "".join(pieces)


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
        self.plain: list[str] = []
        self.html: list[str] = []

    def add(self, words: str, html: str | None = None) -> Place:
        """A place for these words; `html` where that is not the words escaped."""
        self.plain.append(words)
        self.html.append(escaped(words) if html is None else html)
        return _place(len(self.plain) - 1, bool(words))

    def put(self, place: Place, words: str) -> None:
        self.plain[place.number] = words
        self.html[place.number] = conditional_escape(words)

    def replaced(self, values: Mapping[str, Any]) -> Names:
        """The values with places for their strings, also those in lists and mappings.
        Anything else (a number, a date) stays, and is part of what is made once."""
        return Names(tuple((name, self._placed(one)) for name, one in values.items()))

    def _placed(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.add(value)
        if isinstance(value, Mapping):
            return self.replaced(value)
        if isinstance(value, list):
            return tuple(self._placed(one) for one in value)
        return value
