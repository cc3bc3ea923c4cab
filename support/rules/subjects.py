"""What stands before a subject: an answer, or a mail sent on."""

import re

_REPLY = r"re|aw|sv|antw|vs|odp|ref|res|回复|回復|答复|答覆|תשובה|השב"
_FORWARD = r"fwd?|wg|tr|rv|enc|vb|转发|轉發|轉寄|הועבר|העברה"
_REPLY_FIRST = re.compile(rf"\s*(?:{_REPLY})\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_FORWARD_FIRST = re.compile(rf"\s*(?:{_FORWARD})\s*[:：]", re.IGNORECASE)


def is_forward(subject: str) -> bool:
    """Whether it begins as a mail that was sent on, in the languages we know."""
    return _FORWARD_FIRST.match(subject) is not None


def bare(subject: str) -> str:
    """The subject without "Re:", however often it stands there."""
    while found := _REPLY_FIRST.match(subject):
        subject = subject[found.end() :]
    return subject.strip()
