"""Two hundred odd mails: each is an entry that can be read, or says why it is none."""

import re
from datetime import timedelta

import pytest

from support.models import Conversation, Mail, RawMail
from support.selectors.conversations import shown_mails
from support.selectors.frames import page_of
from support.words import UNREADABLE
from tests.factories import NOW
from tests.support.odd_mails import all_of_them

# What acts, or loads something without being asked to.
_ACTS = re.compile(
    r"<(?:script|iframe|object|embed|form|input|meta http|base href|link|svg|math"
    r"|video|style>\*)|\son\w+\s*=|javascript:|url\(|data:(?!image/(?:png|jpeg|gif))",
    re.IGNORECASE,
)
_HEAD_OF_OURS = re.compile(r"^.*?</head>", re.DOTALL)


@pytest.mark.slow
@pytest.mark.django_db
def test_each_is_read_or_says_why_not_and_none_stops_the_next(take):
    mails = dict(all_of_them())
    assert len(mails) >= 200

    for n, (name, raw) in enumerate(mails.items()):
        # Otherwise equal ones would be one mail.
        number = f"Message-ID: <{n}@odd.example>\n".encode()
        is_whole = raw.startswith(b"From:") and "Message-ID" not in name
        take(number + raw if is_whole else raw, now=NOW + timedelta(seconds=n))
        row = RawMail.objects.order_by("-pk").first()
        assert row.state in ("read", "unreadable"), name
        if row.state == "unreadable":
            assert row.reason != "reader_failed", name
            assert row.reason in UNREADABLE, name

    assert (
        Mail.objects.count() + RawMail.objects.filter(state="unreadable").count()
        >= len(mails) - 5
    )
    for conversation in Conversation.objects.all():
        for shown in shown_mails(conversation, now=NOW):
            text = f"{shown.own}{shown.quoted}{shown.mail.subject}"
            assert "\x00" not in text
            frame = _HEAD_OF_OURS.sub("", page_of(shown.mail))
            assert _ACTS.search(frame) is None, frame[:200]
            for file in shown.files:
                assert not re.search(r"[/\\\x00\u202e]", file.name)
