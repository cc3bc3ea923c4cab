"""A page that is rendered once, and afterwards only filled in.

Nearly all of a customer's page is the same for everybody who reads it in the same
language. The template is rendered with marks where the rest belongs; the pieces between
the marks are kept, and each request puts its own words between them: text, never
markup, and escaped as templates do it.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from html import escape

# No visitor can guess it, and what is filled in is never searched for marks.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"hole-{_SECRET}-([a-z_]+)-")


def mark(name: str) -> str:
    """What the template is given in the place of the words for this hole."""
    return f"hole-{_SECRET}-{name}-"


class Stencil:
    """Text, hole, text, hole, ..., text."""

    def __init__(self, page: str) -> None:
        self._pieces = _MARK.split(page)

    def filled(self, words: Mapping[str, str]) -> str:
        pieces = self._pieces.copy()
        pieces[1::2] = [escape(words[name]) for name in pieces[1::2]]
        return "".join(pieces)


class Stencils:
    """The latest so many of them, by all that their words depend on."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[tuple[object, ...], Stencil] = {}

    def get(self, key: tuple[object, ...], render: Callable[[], str]) -> Stencil:
        stencil = self._kept.get(key)
        if stencil is None:
            stencil = Stencil(render())
            if len(self._kept) >= self._most:
                # Threads may do this at once: at worst a page is rendered once more.
                self._kept.clear()
            self._kept[key] = stencil
        return stencil
