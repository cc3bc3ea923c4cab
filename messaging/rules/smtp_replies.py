"""What a mail server's answer means for one message, and for all others."""

import re
from enum import StrEnum


class Phase(StrEnum):
    """The step of a conversation that was answered."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class Meaning(StrEnum):
    """What a reply of a mail server means for the mail."""

    ACCEPTED = "accepted"
    LATER = "later"  # not now: try again within the message's life
    BOUNCED = "bounced"  # there is no such mailbox: never write there again
    REFUSED = "refused"  # this message will not be taken
    # A rule forbids it: one about this mail, or one about us. Only what other
    # recipients meet decides which (messaging/services/circuit.py).
    POLICY = "policy"
    OURS = "ours"  # our set-up is refused: stop everything, charge no mail a try
    UNKNOWN = "unknown"  # the server may have taken it


# RFC 3463: enhanced codes of an address that does not exist or moved away. Only these
# bar an address for ever. A bare 550, 551 or 553 does not: RFC 5321 (4.2.3) gives it
# for "mailbox not found, no access, or command rejected for policy reasons", and its
# words are for people. The message fails, and the next one asks again.
_NO_MAILBOX = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10"})
# Mailbox full, message larger than it takes just now: these pass.
_PASSING = frozenset({"2.2", "3.4"})
# Authentication wanted or failed (RFC 4954, and the enhanced codes of RFC 5248).
_LOGIN = frozenset({530, 534, 535, 538})
_LOGIN_DETAILS = frozenset({"7.8", "7.9", "7.10", "7.11", "7.12", "7.13"})
# Bad command, sequence or parameter.
_PROTOCOL = frozenset({500, 501, 502, 503, 504})
# RFC 3463: protocol, and security or policy. Servers give them for one recipient
# (5.5.0 "mailbox unavailable", 5.7.1 "members only") as well as for a sender.
_OF_A_RULE = frozenset({"5", "7"})
# RFC 3463: the mailbox, the mail system, and the way to it.
_OF_THE_RECIPIENT = frozenset({"2", "3", "4"})
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})\b")


def meaning(phase: Phase, code: int, text: str) -> Meaning:
    """What a reply of the server means at this step (RFC 5321, RFC 3463)."""
    if phase is Phase.DOT and 200 <= code < 300:
        return Meaning.ACCEPTED
    if 400 <= code < 500:
        return Meaning.LATER
    if 500 <= code < 600:
        return _permanent(phase, code, text)
    # Neither yes nor no. Before the final dot nothing can have been taken.
    return Meaning.UNKNOWN if phase is Phase.DOT else Meaning.LATER


def _permanent(phase: Phase, code: int, text: str) -> Meaning:
    detail = enhanced(text)
    subject = detail.partition(".")[0]
    if code in _LOGIN or detail in _LOGIN_DETAILS:
        return Meaning.OURS
    if detail in _PASSING:
        return Meaning.LATER
    if phase is Phase.MAIL:
        # No recipient was named yet, only we as the sender.
        return Meaning.OURS
    if subject in _OF_A_RULE or (code in _PROTOCOL and not detail):
        return Meaning.POLICY
    if detail in _NO_MAILBOX:
        return Meaning.BOUNCED if phase is Phase.RCPT else Meaning.REFUSED
    return Meaning.REFUSED


def is_soft(status: str) -> bool:
    """Whether a report says that a mailbox or its server takes no mail for the time
    being: full, closed, away. Never for a fault of the mail, of ours or of a rule."""
    detail = enhanced(status)
    if detail == "3.4":
        # Larger than they take: the next mail may be smaller.
        return False
    return detail.partition(".")[0] in _OF_THE_RECIPIENT


def any_enhanced(text: str) -> str:
    """The first enhanced code anywhere in it ("5.1.1"); empty where there is none."""
    found = _ENHANCED.search(text)
    return found[0] if found else ""


def enhanced(text: str) -> str:
    """ "1.1" of "5.1.1 No such user"; empty where the server sends none."""
    found = _ENHANCED.match(text.strip())
    return f"{found[1]}.{found[2]}" if found else ""
