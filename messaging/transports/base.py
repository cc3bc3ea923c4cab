"""What deliveries need of a transport."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from messaging.rules.smtp_replies import Meaning

# Called right before the final dot; False: the lease is nearly over, do not send it.
BeforeDot = Callable[[], bool]


@dataclass(frozen=True)
class AttachedFile:
    """A file of a mail; `content_id` is set where the HTML shows it in place."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class Mail:
    """One mail for one person, with everything that its headers say.

    `to` is whom it goes to. `to_all` and `cc` are whom its headers name, where that is
    not this person alone.
    """

    to: str
    to_name: str
    sender: str
    sender_name: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    headers: tuple[tuple[str, str], ...] = field(default=())
    to_all: tuple[tuple[str, str], ...] = field(default=())
    cc: tuple[tuple[str, str], ...] = field(default=())
    files: tuple[AttachedFile, ...] = field(default=())
    # By which a provider reports what became of it; its Message-ID may be of many.
    uuid: str = ""

    @property
    def is_letter(self) -> bool:
        """Whether a person wrote it, to anybody and with any content."""
        return bool(self.to_all)


@dataclass(frozen=True)
class Answer:
    """How one try ended; `dropped`: the connection is of no more use."""

    meaning: Meaning
    code: int | None = None
    text: str = ""
    dropped: bool = False


class NotTried(Exception):
    """Nothing of this mail can have left, and it is not its own fault."""


class Unusable(Exception):
    """The transport as a whole does not work now.

    `ours`: it answered, and refused us; else it is away or busy.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int | None = None,
        text: str = "",
        ours: bool = False,
    ):
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.text = text
        self.ours = ours


class Sender(Protocol):
    """A connection, used by one process for many mails, one after the other."""

    def open(self) -> None:
        """Connect and sign in, or raise Unusable. Without effect when open."""

    def pack(self, mail: Mail) -> object:
        """The mail as it will go; ValueError where its headers or address are bad."""

    def send(
        self, packed: object, before_dot: BeforeDot, following: object | None = None
    ) -> Answer:
        """One recipient, one transaction.

        `following` is what `send` is called with next, unless this answer shows that
        it cannot go now: then `open` or `quit` is. A sender may use it to ask ahead;
        nothing of it may count before its own turn.
        """

    def close(self) -> None:
        """Leave at once."""

    def quit(self) -> None:
        """Leave politely where that is quick."""
