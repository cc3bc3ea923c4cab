"""Flatten a mail template: inheritance, includes and comments worked out once.

MJML can only be compiled as a whole, so `extends`, `block` and `include` are resolved
in the source, before anything is rendered; all other tags stay as they stand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.utils.text import smart_split

TAG = re.compile(r"({%.*?%}|{{.*?}}|{#.*?#})")
_EXTENDS = re.compile(r'{%\s*extends\s+"([^"]+)"\s*%}')
_INCLUDE = re.compile(r'{%\s*include\s+"([^"]+)"(?:\s+with\s+(.+?))?\s*%}')
_REFUSED = re.compile(r"{%\s*(verbatim|include|extends)\b|{{\s*block\.super")


@dataclass
class Block:
    name: str
    nodes: list["str | Block"] = field(default_factory=list)


@dataclass(frozen=True)
class Flat:
    """One source without inheritance, and the libraries it loads."""

    text: str
    loads: str


def flatten(name: str) -> Flat:
    loads: list[str] = []
    blocks: dict[str, Block] = {}
    nodes = _parsed(name, loads)
    while parent := _parent(nodes):
        blocks = {block.name: block for block in _blocks(nodes)} | blocks
        nodes = _parsed(parent, loads)
    return Flat("".join(_written(nodes, blocks)), "".join(dict.fromkeys(loads)))


def _parent(nodes: list["str | Block"]) -> str:
    for node in nodes:
        if isinstance(node, str) and (found := _EXTENDS.fullmatch(node)):
            return found[1]
    return ""


def _blocks(nodes: list["str | Block"]) -> Iterator[Block]:
    for node in nodes:
        if isinstance(node, Block):
            yield node
            yield from _blocks(node.nodes)


def _written(nodes: list["str | Block"], blocks: dict[str, Block]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from _written(blocks.get(node.name, node).nodes, blocks)


def _parsed(name: str, loads: list[str]) -> list["str | Block"]:
    """Literal pieces, tags and blocks, with the includes put in."""
    root = Block("")
    open_blocks = [root]
    for piece in _pieces(name, loads):
        word = _tag_word(piece)
        if word == "block":
            block = Block(piece.split()[2])
            open_blocks[-1].nodes.append(block)
            open_blocks.append(block)
        elif word == "endblock":
            open_blocks.pop()
        else:
            open_blocks[-1].nodes.append(piece)
    return root.nodes


def _pieces(name: str, loads: list[str]) -> Iterator[str]:
    for piece in TAG.split(read(name)):
        word = _tag_word(piece)
        if not piece or piece.startswith("{#"):
            continue
        if word == "load":
            loads.append(piece)
        elif found := _INCLUDE.fullmatch(piece):
            yield from _included(found[1], found[2] or "", loads)
        elif _REFUSED.match(piece) and not _EXTENDS.fullmatch(piece):
            raise TemplateSyntaxError(f"{name}: mails cannot use {piece}")
        else:
            yield piece


def _included(name: str, arguments: str, loads: list[str]) -> Iterator[str]:
    """The partial with its arguments put in by name: no tag is left to do it later."""
    values = dict(pair.split("=", 1) for pair in smart_split(arguments))
    if not values:
        yield from _pieces(name, loads)
        return
    names = re.compile(rf"(?<![\w.\"'])({'|'.join(values)})(?![\w=\"'])")
    for piece in _pieces(name, loads):
        is_tag = piece.startswith(("{{", "{%"))
        yield names.sub(lambda found: values[found[0]], piece) if is_tag else piece


def _tag_word(piece: str) -> str:
    return piece[2:-2].split()[0] if piece.startswith("{%") else ""


@lru_cache(maxsize=512)
def read(name: str) -> str:
    for folder in settings.TEMPLATES[0]["DIRS"]:
        path = Path(folder) / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            return re.sub(r"{%\s*comment\b.*?endcomment\s*%}", "", text, flags=re.S)
    raise TemplateDoesNotExist(name)
