"""Messages as the pages show them: some can be taken back by a POST."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.messages import INFO
from django.contrib.messages.storage.base import Message

# A message of this level is no text: it is where the message before it is taken back.
UNDO = INFO + 1


@dataclass(frozen=True)
class Notice:
    """One message; `undo_url` is empty where nothing takes it back."""

    text: Any
    level_tag: str
    undo_url: str = ""

    @property
    def is_news(self) -> bool:
        """Success and info are toasts; warnings and errors stay on the page."""
        return self.level_tag not in ("warning", "error")


def notices_of(messages: Iterable[Message]) -> list[Notice]:
    """The notices of a request, in order."""
    found: list[Notice] = []
    for message in messages:
        if message.level != UNDO:
            found.append(Notice(message.message, message.level_tag))
        elif found:
            found[-1] = replace(found[-1], undo_url=str(message.message))
    return found
