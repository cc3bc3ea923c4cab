"""What a row of a list of opt-outs says: who stopped, bounced or complained."""

import re
from enum import StrEnum

from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE


class OptOut(StrEnum):
    """What a row asks for. NOTHING: it is about somebody who did not opt out."""

    WITHDRAWAL = "withdrawal"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    NOTHING = "nothing"


# As other programs write it, without regard to case, spaces and marks.
_WORDS = {
    OptOut.WITHDRAWAL: (
        *("withdrawal", "withdrawn", "unsubscribed", "unsubscribe", "unsubscribes"),
        *("optout", "optedout", "globalunsubscribe", "groupunsubscribe", "no"),
        *("usersuppressed", "manualsuppression", "suppressed", "suppression", "false"),
        *("退订", "退訂", "已退订", "已退訂", "הוסר", "הסרה", "הוסרה"),
    ),
    OptOut.BOUNCE: (
        *("bounce", "bounced", "bounces", "hardbounce", "hardbounced", "cleaned"),
        *("invalid", "invalidemail", "invalidaddress", "undeliverable", "badmailbox"),
        *("退信", "硬退信", "已清理", "חזר", "כתובתשגויה"),
    ),
    OptOut.COMPLAINT: (
        *("complaint", "complained", "complaints", "spam", "spamcomplaint", "abuse"),
        *("spamreport", "markedasspam", "spamcomplaints", "spamreports"),
        *("投诉", "投訴", "垃圾邮件", "垃圾郵件", "תלונה", "ספאם"),
    ),
    # Anyone who never agreed has withdrawn nothing.
    OptOut.NOTHING: (
        *("nothing", "subscribed", "active", "confirmed", "yes", "true", "pending"),
        *("neversubscribed", "nonsubscribed", "notsubscribed", "transactional"),
    ),
}
_BY_WORD = {word: found for found, words in _WORDS.items() for word in words}
# An answer of a mail server: "550 5.1.1 user unknown", "5.1.1", "550".
_SERVER_SAID_NO = re.compile(
    r"5\d\d([ -].*)?|(\d{3}[ -])?5\.\d{1,3}\.\d{1,3}\b.*", re.S
)
_MARKS = re.compile(r"[\W_]+")

_SCOPES = {
    **dict.fromkeys(
        ("marketing", "offers", "newsletter", "promotions"), ("marketing",)
    ),
    **dict.fromkeys(("survey", "surveys", "feedback"), ("survey",)),
    **dict.fromkeys(("loyalty", "reminders", "reminder"), ("loyalty",)),
    **dict.fromkeys(("birthday", "birthdays"), ("birthday",)),
    **dict.fromkeys(("all", "everything", "global", "any"), STOPPABLE),
    "transactional": (),
}


def in_one_word(cell: str) -> OptOut | None:
    """What the cell of a status means; None for an unknown word or an
    empty cell."""
    if _SERVER_SAID_NO.fullmatch(cell.strip()):
        return OptOut.BOUNCE
    return _BY_WORD.get(_MARKS.sub("", cell.casefold()))


def scopes_in(cell: str) -> tuple[Category, ...] | None:
    """The classes of mail that a cell names ("marketing, surveys"); None where it names
    an unknown one, and for an empty cell."""
    words = [_MARKS.sub("", one) for one in re.split(r"[,;|]", cell.casefold())]
    found = [_SCOPES.get(word) for word in words if word]
    if not found or None in found:
        return None
    named = {Category(name) for names in found if names for name in names}
    return tuple(category for category in STOPPABLE if category in named)
