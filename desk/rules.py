"""What a search means, which day group a task falls in: no database, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

# --- Search --------------------------------------------------------------------------

MOST_TYPED = 200
MOST_WORDS = 8
_PHONE = re.compile(r"[+\d\s().\-/\u2010-\u2015]+")


@dataclass(frozen=True)
class Pattern:
    """One index to ask: every group of `likes` must match, by any of its members."""

    column: str
    likes: tuple[tuple[str, ...], ...]


def literal(text: str) -> str:
    r"""For LIKE: %, _ and \ stand for themselves."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def patterns(
    typed: str,
    *,
    words: Sequence[str],
    email: str = "",
    phone_parts: Sequence[str] = (),
    country_code: int | None = None,
) -> list[Pattern]:
    """Which indexes a search asks. `words`: the text as names are kept for searching.

    `email`: the text as addresses are kept, where it is a whole one. `phone_parts`:
    digits of which one must be in the telephone number, however it is written.

    An address is asked of the addresses alone: "@example.org" is in every row.
    """
    text = typed.strip()[:MOST_TYPED]
    if not text or "\0" in text:
        return []
    begins = [_begins("external_id", text), _begins("external_id", text.upper())]
    if " " not in text:
        begins.append(_begins("email_norm", text.lower()))
    if email:
        begins.append(_begins("email_norm", email))
    if "@" not in text:
        begins.extend(_phones(text, country_code))
        if phone_parts:
            parts = tuple(f"%{part}%" for part in phone_parts)
            begins.append(Pattern("phone_digits", (parts,)))
        if len(text) >= 3:
            begins.append(_begins("order_number", text.upper()))
        begins.extend(_names(words))
    return list(dict.fromkeys(begins))


def _begins(column: str, text: str) -> Pattern:
    return Pattern(column, ((literal(text) + "%",),))


def _names(words: Sequence[str]) -> list[Pattern]:
    """Every word must be there: three letters anywhere, fewer at a word's start.

    Three letters are what a trigram index needs; the start of a word counts as one.
    """
    likes = [_word(word) for word in words[:MOST_WORDS]]
    return [Pattern("search_text", tuple(likes))] if likes else []


def _word(word: str) -> tuple[str, ...]:
    if len(word) >= 3:
        return (f"%{literal(word)}%",)
    return (f"{literal(word)}%", f"% {literal(word)}%")


def _phones(text: str, country_code: int | None) -> list[Pattern]:
    if not _PHONE.fullmatch(text):
        return []
    digits = "".join(re.findall(r"[0-9]", text))
    if len(digits) < 3:
        return []
    starts = [f"+{digits}"]
    if digits.startswith("00"):
        starts.append(f"+{digits[2:]}")
    elif digits.startswith("0") and country_code:
        starts.append(f"+{country_code}{digits[1:]}")
    elif country_code:
        starts.append(f"+{country_code}{digits}")
    return [_begins("phone_e164", start) for start in starts]


def roughly(count: int) -> int:
    """12,438 as 12,400: an estimate shows no more digits than it has."""
    step = int(10 ** max(len(str(count)) - 3, 0))
    return round(count / step) * step


# --- Today ---------------------------------------------------------------------------


class Group(StrEnum):
    OVERDUE = "overdue"
    NOW = "now"
    LATER = "later"


# Six days on, so that the name of a weekday can mean one day only.
DAYS_AHEAD = 6


def group_of(
    *, due_on: date, due_at: datetime | None, now: datetime, today: date
) -> Group | None:
    """Where a task stands today; None: further away than this week."""
    if due_at is not None and due_at <= now:
        return Group.OVERDUE
    if due_at is None and due_on < today:
        return Group.OVERDUE
    day = due_at.astimezone(now.tzinfo).date() if due_at else due_on
    if day <= today:
        return Group.NOW
    return Group.LATER if day <= today + timedelta(days=DAYS_AHEAD) else None


# --- How long ------------------------------------------------------------------------


@dataclass(frozen=True)
class Late:
    """How late something is, in the one unit that says it."""

    days: int = 0
    hours: int = 0
    minutes: int = 0


def lateness(
    *, due_on: date, due_at: datetime | None, now: datetime, today: date
) -> Late:
    if due_at is None or (now - due_at) >= timedelta(days=1):
        day = due_at.astimezone(now.tzinfo).date() if due_at else due_on
        return Late(days=max((today - day).days, 1))
    seconds = int((now - due_at).total_seconds())
    if seconds >= 3600:
        return Late(hours=seconds // 3600)
    return Late(minutes=max(seconds // 60, 1))


def hours_ahead(theirs: timedelta, ours: timedelta) -> float:
    """How far a customer's clock is ahead of the reader's."""
    return (theirs - ours).total_seconds() / 3600
