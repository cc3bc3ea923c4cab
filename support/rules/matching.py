"""Whether a mail that arrived fits a rule: no Django, no clock."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Between words of which one is enough.
_OR = ","


@dataclass(frozen=True)
class Seen:
    """What a rule looks at of a mail. `recipients` are those of To and Cc."""

    sender: str
    recipients: Sequence[str]
    subject: str
    body: str
    mailbox_id: int | None
    language: str


@dataclass(frozen=True)
class Conditions:
    """All that is filled in must fit; of words with commas between, one is enough."""

    sender: str = ""
    recipient: str = ""
    subject: str = ""
    body: str = ""
    mailbox_id: int | None = None
    language: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether they ask for nothing."""
        words = (self.sender, self.recipient, self.subject, self.body)
        asks = any(_alternatives(typed) for typed in words)
        return not asks and self.mailbox_id is None and not self.language


def fits(conditions: Conditions, seen: Seen) -> bool:
    """Whether all that is asked for is there. Capitals and marks do not count."""
    return not conditions.is_empty and (
        _has(conditions.sender, seen.sender)
        and _has(conditions.recipient, " ".join(seen.recipients))
        and _has(conditions.subject, seen.subject)
        and _has(conditions.body, seen.body)
        and conditions.mailbox_id in (None, seen.mailbox_id)
        and conditions.language in ("", seen.language)
    )


def _has(typed: str, text: str) -> bool:
    words = _alternatives(typed)
    if not words:
        return True
    plain = _plain(text)
    return any(word in plain for word in words)


def _alternatives(typed: str) -> list[str]:
    return [word for part in typed.split(_OR) if (word := _plain(part))]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(bare.split())
