"""What kinds are asked with, and what they answer (`messaging/kinds.py`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from messaging.rules.choices import Purpose, StopRule
from messaging.rules.send_decision import Reason
from messaging.transports.base import AttachedFile
from messaging.wording_fields import WordingField

# Kiritimati; westwards it is less, which leaves room for an hour summer time skips.
_FURTHEST_ZONE = timedelta(hours=14)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Moments (after, until] in which mail of local days is due at their `hour`.

    `first_on` to `last_on` are the local days whose hour falls inside in some zone, no
    more: on a day too many everybody is looked up for nothing. Planning cuts exactly,
    by the moment of sending that it works out per (zone, day).
    """

    after: datetime
    until: datetime
    hour: int

    @property
    def first_on(self) -> date:
        """The first day whose hour comes after `after` somewhere on earth."""
        return (self.after - _FURTHEST_ZONE - self._hour).date() + _ONE_DAY

    @property
    def last_on(self) -> date:
        """The last day whose hour comes by `until` somewhere on earth."""
        return (self.until + _FURTHEST_ZONE - self._hour).date()

    @property
    def _hour(self) -> timedelta:
        return timedelta(hours=self.hour)


@dataclass(frozen=True)
class Due:
    """Who is due, in SQL of its own where the ORM cannot say it; `%s` for params."""

    sql: str
    params: Sequence[Any] = ()


@dataclass(frozen=True)
class Wait:
    """It stays planned, and is asked again then."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class LinkTo:
    """A link the mail needs: a fresh token is made for it at each attempt.

    `path` holds `{token}`: "/s/{token}/". A query for one press ("?score=9") is put
    behind it by the template.
    """

    purpose: Purpose
    subject_id: int
    path: str
    expires_at: datetime


@dataclass(frozen=True)
class MailContext:
    """What the templates of one message need, beside what every mail gets.

    `values` are plain values for the templates; `links` become absolute URLs under
    the same names (`links.answer`); `words` fill the placeholders staff may use in
    their wording ({product}); `wording` has the product's own texts where they depend
    on what the mail is about (`Kind.words_of`); `footer_reason` states in the
    customer's language why they got this mail.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, LinkTo] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    wording: Mapping[str, str] = field(default_factory=dict)
    footer_reason: str = ""


@dataclass(frozen=True)
class FollowingStep:
    """A step that a kind suggests behind its first: how many days after the one before
    it goes, what ends the run before it, and its words (`messaging.words.plain_mail`).
    """

    wait_days: int
    stop_on: tuple[StopRule, ...]
    wording: tuple[WordingField, ...]


@dataclass(frozen=True)
class Letter:
    """A mail that a person wrote, whole, with what its headers say.

    The same to each of its recipients: it goes out once for each, with one Message-ID.
    `to` and `cc` are (name, address); whoever gets it and stands in neither is a hidden
    one. `html` may be empty. `is_automatic`: a machine answers (RFC 3834).
    """

    subject: str
    text: str
    html: str
    sender: str
    sender_name: str
    # With its angle brackets.
    message_id: str
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...] = ()
    reply_to: str = ""
    # The mail it answers, and the whole chain up to that one, oldest first.
    references: tuple[str, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    is_automatic: bool = False
