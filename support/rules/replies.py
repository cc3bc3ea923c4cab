"""Whom an answer goes to, what it is called, what it quotes and what it refers to."""

import re
from collections.abc import Iterable, Sequence

from support.rules import subjects

Person = tuple[str, str]

# The first of a thread and the nearest are what mail programs look for.
REFERENCES_MOST = 40
_SUBJECT_MOST = 300
# Between two of them stands a comma, outside of quotation marks.
_PIECE = re.compile(r'(?:"[^"\r\n]*"|[^,;\r\n])+')
_NAMED = re.compile(r"(.*)<([^<>]*)>")


def people_in(line: str) -> list[Person]:
    """Names and addresses of a line as people type them, with commas, semicolons or
    line breaks between. What is no address comes as (text, "").

    The standard library reads headers, and differs between versions of Python in what
    it makes of anything else.
    """
    pieces = (found[0].strip() for found in _PIECE.finditer(line))
    return [_person(piece) for piece in pieces if piece]


def _person(piece: str) -> Person:
    found = _NAMED.fullmatch(piece)
    name, address = (found[1], found[2]) if found else ("", piece)
    address = address.strip()
    if "@" not in address or any(letter.isspace() for letter in address):
        return piece, ""
    return name.strip().strip('"').strip(), address


def line_of(people: Iterable[Person]) -> str:
    """The same as one line to be edited."""
    return ", ".join(
        f"{name} <{address}>" if name else address
        for name, address in ((_readable(name), address) for name, address in people)
    )


def _readable(name: str) -> str:
    return "".join(
        letter for letter in name if letter.isprintable() and letter not in '"\\<>,;'
    ).strip()


def subject(first: str) -> str:
    """The subject of an answer: "Re:" once, whatever the others' programs put there."""
    bare = subjects.bare(first)
    return f"Re: {bare}"[:_SUBJECT_MOST] if bare else "Re:"


def quoted(text: str, introduced: str) -> str:
    """The mail before, marked line by line, below `introduced`."""
    lines = text.rstrip().splitlines()
    marked = [
        f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines
    ]
    return "\n".join((introduced, *marked))


def chain(message_id: str, before: Sequence[str]) -> list[str]:
    """What an answer to `message_id` refers to, the nearest first (RFC 5322, 3.6.4).

    `before`: what that mail refers to, the nearest first. A long chain keeps its first
    mail and the nearest ones.
    """
    whole = [one for one in dict.fromkeys([message_id, *before]) if one]
    if len(whole) > REFERENCES_MOST:
        return [*whole[: REFERENCES_MOST - 1], whole[-1]]
    return whole
