"""A text of a mail that staff may reword."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WordingField:
    """A lazy default, and the placeholders it may use; `is_url`: an address of the web
    without any; `is_picture`: the name of a picture of the shop's."""

    name: str
    label: Any
    default: Any
    placeholders: tuple[str, ...] = ()
    long: bool = False
    is_url: bool = False
    is_picture: bool = False
