"""Pictures in plain text: each where "[picture: its name | what it shows]" stands."""

import re
from collections.abc import Collection
from dataclasses import dataclass

_MARKER = re.compile(r"\[picture: ([^\[\]|\n]{1,200}?)(?: \| ([^\[\]\n]{0,300}))?\]")
_NAME_MOST = 100


@dataclass(frozen=True)
class Piece:
    """Text, or a picture: its name and what it shows."""

    text: str = ""
    name: str = ""
    alt: str = ""


def marker(name: str, alt: str = "") -> str:
    """What stands in the text for this picture."""
    shows = " ".join(re.sub(r"[\[\]|]", " ", alt).split())[:300]
    return f"[picture: {name} | {shows}]" if shows else f"[picture: {name}]"


def pieces(text: str, names: Collection[str]) -> list[Piece]:
    """The text with the pictures of these names apart. A marker of another name is
    text."""
    found: list[Piece] = []
    end = 0
    for match in _MARKER.finditer(text):
        if match[1] not in names:
            continue
        found.append(Piece(text=text[end : match.start()]))
        found.append(Piece(name=match[1], alt=match[2] or ""))
        end = match.end()
    found.append(Piece(text=text[end:]))
    return [piece for piece in found if piece.text or piece.name]


def named(text: str) -> set[str]:
    """The names of all pictures that the text has a place for."""
    return {match[1] for match in _MARKER.finditer(text)}


def in_words(text: str, names: Collection[str]) -> str:
    """The text for programs that show no pictures: what each of them shows."""
    return "".join(
        piece.text or f"[{piece.alt or piece.name}]" for piece in pieces(text, names)
    )


def without(text: str, name: str) -> str:
    """The text without the places of this picture."""
    return _MARKER.sub(lambda found: "" if found[1] == name else found[0], text)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name as a marker can hold it, and as no other file of the mail has it."""
    clean = " ".join(re.sub(r"[\[\]|]", " ", name).split()) or "picture"
    stem, dot, ending = clean.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot and stem else (clean, "")
    stem, number = stem[: _NAME_MOST - len(ending)].strip(), 2
    free = f"{stem}{ending}"
    while free in taken:
        free, number = f"{stem}-{number}{ending}", number + 1
    return free
