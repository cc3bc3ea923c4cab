"""Staff's own words: a fixed list of placeholders, and never a template engine."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

# "{first_name}", with the comma and space before it: "Hello {first_name}," without a
# name becomes "Hello,".
_PLACEHOLDER = re.compile(
    r"(?P<lead>(?:[,\N{ARABIC COMMA}\N{FULLWIDTH COMMA}]?[ \N{NO-BREAK SPACE}])?)"
    r"\{(?P<name>[a-z][a-z0-9_]*)\}"
)
# What only a template engine would understand: "{{ first_name|upper }}", "{% if x %}",
# "{first_name|upper}".
_TEMPLATE = re.compile(r"\{\{|\{%|\{\s*[A-Za-z_]\w*\s*[|.][^{}]*\}")
# Behind a placeholder that begins a line: "{first_name}, how was it?" without a name
# becomes "How was it?".
_TAIL = re.compile(
    r"[,:\N{ARABIC COMMA}\N{FULLWIDTH COMMA}\u3001\uff1a] ?(?P<letter>\w?)"
)
# Controls that turn the reading direction; in a subject they can disguise a sender.
_BIDI = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
SUBJECT_MOST = 200


@dataclass(frozen=True)
class Placeholder:
    """`lead` and `tail` stand only where there is a word; else `instead` does."""

    name: str
    lead: str
    tail: str = ""
    instead: str = ""


# Kept, because whole groups of mails are filled from the same few texts.
@lru_cache(maxsize=256)
def pieces(text: str) -> tuple[str | Placeholder, ...]:
    """The text in order: plain stretches and placeholders."""
    return tuple(_read(text))


def _read(text: str) -> Iterator[str | Placeholder]:
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        end = found.end()
        tail = _TAIL.match(text, end) if _begins_line(text, found.start()) else None
        if tail is None:
            yield Placeholder(found["name"], found["lead"])
        else:
            end = tail.end()
            instead = tail["letter"].upper()
            yield Placeholder(found["name"], found["lead"], tail[0], instead)
    if end < len(text):
        yield text[end:]


def _begins_line(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def check(text: str, allowed: Collection[str]) -> list[str]:
    """The names between braces that this wording may not use, in order, each once."""
    names = [piece.name for piece in pieces(text) if isinstance(piece, Placeholder)]
    return list(dict.fromkeys(name for name in names if name not in allowed))


def has_template_code(text: str) -> bool:
    """Whether it asks for what templates do, such as a filter behind a placeholder:
    the customer would read it as it was typed."""
    return _TEMPLATE.search(text) is not None


def fill(text: str, words: Mapping[str, str]) -> str:
    """Plain text with every known placeholder replaced; unknown ones stay as typed."""
    return "".join(
        [
            piece if isinstance(piece, str) else _filled(piece, words)
            for piece in pieces(text)
        ]
    )


def _filled(placeholder: Placeholder, words: Mapping[str, str]) -> str:
    word = words.get(placeholder.name, f"{{{placeholder.name}}}")
    if not word:
        return placeholder.instead
    return placeholder.lead + word + placeholder.tail


def one_line_subject(text: str) -> str:
    """A subject fit for a header: one line, no direction controls, not endless."""
    line = " ".join(text.translate(_BIDI).split())
    line = "".join(
        letter for letter in line if letter.isprintable() or letter == "\u200d"
    )
    return (
        line if len(line) <= SUBJECT_MOST else f"{line[: SUBJECT_MOST - 1].rstrip()}…"
    )
