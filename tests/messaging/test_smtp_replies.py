"""What a mail server's answer means, by the rules of the reliability notes."""

from datetime import timedelta

import pytest

from messaging.rules.backoff import LONGEST, wait_after
from messaging.rules.smtp_replies import Meaning, Phase, enhanced, meaning

MEANINGS = [
    (Phase.DOT, 250, "2.0.0 Ok", Meaning.ACCEPTED),
    (Phase.RCPT, 450, "4.2.0 greylisted", Meaning.LATER),
    (Phase.DATA, 451, "local error", Meaning.LATER),
    (Phase.RCPT, 452, "4.2.2 full", Meaning.LATER),
    (Phase.RCPT, 552, "5.2.2 over quota", Meaning.LATER),
    (Phase.DOT, 552, "5.3.4 message too big", Meaning.LATER),
    (Phase.RCPT, 550, "5.1.1 unknown", Meaning.BOUNCED),
    (Phase.RCPT, 550, "5.1.10 null MX", Meaning.BOUNCED),
    (Phase.DOT, 550, "5.1.1 unknown", Meaning.REFUSED),
    (Phase.RCPT, 550, "no such user", Meaning.REFUSED),
    (Phase.RCPT, 550, "relay not permitted", Meaning.REFUSED),
    (Phase.RCPT, 551, "User not local", Meaning.REFUSED),
    (Phase.RCPT, 553, "mailbox name not allowed", Meaning.REFUSED),
    (Phase.RCPT, 550, "5.2.1 disabled", Meaning.REFUSED),
    (Phase.RCPT, 550, "5.7.1 relaying denied", Meaning.POLICY),
    (Phase.RCPT, 550, "5.5.0 mailbox unavailable", Meaning.POLICY),
    (Phase.RCPT, 530, "login first", Meaning.OURS),
    (Phase.RCPT, 530, "5.7.0 authentication required", Meaning.OURS),
    (Phase.RCPT, 550, "5.7.8 bad credentials", Meaning.OURS),
    (Phase.MAIL, 550, "5.7.1 sender refused", Meaning.OURS),
    (Phase.MAIL, 535, "bad credentials", Meaning.OURS),
    (Phase.MAIL, 553, "sender refused", Meaning.OURS),
    (Phase.MAIL, 550, "5.1.8 bad sender", Meaning.OURS),
    (Phase.RCPT, 501, "syntax", Meaning.POLICY),
    (Phase.DATA, 503, "5.5.1 sequence", Meaning.POLICY),
    (Phase.DOT, 554, "5.7.1 spam", Meaning.POLICY),
    (Phase.DOT, -1, "garbage", Meaning.UNKNOWN),
    (Phase.DOT, 354, "go on", Meaning.UNKNOWN),
    (Phase.RCPT, -1, "garbage", Meaning.LATER),
    (Phase.DATA, 250, "not 354", Meaning.LATER),
]


@pytest.mark.parametrize(("phase", "code", "text", "expected"), MEANINGS)
def test_an_answer_means(phase, code, text, expected):
    assert meaning(phase, code, text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5.1.1 x", "1.1"), (" 4.2.2", "2.2"), ("no", ""), ("15.1.1", ""), ("5.1", "")],
)
def test_the_enhanced_code_is_read_from_the_beginning(text, expected):
    assert enhanced(text) == expected


def test_waits_grow_to_a_limit_and_differ_a_little():
    gaps = [wait_after(count, 0) for count in (1, 2, 3, 4, 5, 6, 60)]

    minutes = [timedelta(minutes=count) for count in (1, 4, 16, 64, 256, 360, 360)]
    assert gaps == minutes
    assert wait_after(60, 0.999) < LONGEST * 1.25
    assert wait_after(1, 0.5) > wait_after(1, 0.1)
