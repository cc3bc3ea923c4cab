"""What a step may give beside its words: a reward, which an app above knows.

That app declares itself in `<app>/kinds/`: `register(Giver())`. A step names a gift by
its id alone; a mail may bring one of its own by what it is about. Gifts are taken at
the claim, in its transaction, once for each message
however often it is tried; a mail whose gift is not to be had waits with the reason.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from messaging.rules.send_decision import Reason

if TYPE_CHECKING:
    from messaging.kinds import Due
    from messaging.models import Automation, Message


@dataclass(frozen=True)
class GiftWords:
    """What a mail says of its gift, in the language of its reader; `code` as it is
    typed, `until` and `terms` as whole sentences. Empty: nothing to say."""

    name: str
    code: str = ""
    until: str = ""
    terms: str = ""


class Gifts(ABC):
    """The app that gives."""

    # Kinds whose mails may bring something of their own; see `own`.
    kinds: ClassVar[Collection[str]] = ()

    @abstractmethod
    def choices(self, chosen: int | None = None) -> list[tuple[int, Any]]:
        """What a step may give now, id and name; `chosen` among them in any case."""

    @abstractmethod
    def offers(self, ids: Collection[int]) -> set[int]:
        """Those of them that make a mail marketing."""

    @abstractmethod
    def own(self, messages: Sequence["Message"]) -> Mapping[int, int]:
        """Of mails of `kinds`, message id to what goes with what they are about: in
        place of what their step gives, or where no step gives anything. Never an
        offer."""

    @abstractmethod
    def take(
        self, wanted: Mapping[int, Sequence["Message"]], now: datetime
    ) -> dict[int, Reason]:
        """Gift id to the messages that are about to bring it; each has its own from
        now on. Returns message id to the reason of those that get none."""

    @abstractmethod
    def refused_ahead(
        self, automation: "Automation", gifts: Mapping[int, int], now: datetime
    ) -> "Due | None":
        """The same of a forecast, as far as it can be known ahead; `gifts`: number of a
        step to what it gives. See `Kind.refused_ahead`; `mail` has its kind,
        occurrence, step, category and expires_at besides."""

    @abstractmethod
    def words(self, messages: Sequence["Message"]) -> dict[int, GiftWords]:
        """Message id to the words of what was taken for it, or of what a mail without
        an automation tells of, in its language."""

    @abstractmethod
    def sample(self, gift: int, language: str, now: datetime) -> GiftWords | None:
        """For a preview: the words with a code that is none."""


_givers: list[Gifts] = []


def register(giver: Gifts) -> None:
    """Declare who gives. Raises ValueError where somebody has."""
    if _givers:
        raise ValueError("Gifts are declared twice.")
    _givers.append(giver)


def giver() -> Gifts | None:
    """Who gives; None where no app does."""
    return _givers[0] if _givers else None
