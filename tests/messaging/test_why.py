"""The ledger of one message: the check that decided stands last."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import Message
from messaging.rules.choices import Category
from messaging.selectors import why
from messaging.services import consent, holds
from tests.factories import CustomerFactory, MessageFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def dana(db, small_kind):
    return CustomerFactory(time_zone="Asia/Jerusalem")


def texts(message):
    checks = why(message, now=NOW)
    assert [check.decided for check in checks] == [False] * (len(checks) - 1) + [True]
    return [(check.tone, check.text) for check in checks]


def test_a_planned_message_passes_every_check_and_shows_when(dana):
    MessageFactory(
        customer=dana,
        state="sent",
        final_at=NOW - DAY,
        counted_at=NOW - DAY,
        category="loyalty",
    )
    message = MessageFactory(customer=dana, not_before=NOW + DAY)

    assert texts(message) == [
        ("ok", "Due: joined on that day"),
        ("ok", "May we write: yes, since 12 May 2019"),
        ("ok", "Contact limit: 1 of 2 in 7 days"),
        ("ok", "Nothing holds it"),
        ("ok", "Not in the quiet hours there"),
        ("wait", "Goes 22 Nov, 14:00 in Jerusalem, 12:00 here"),
    ]


def test_a_message_on_hold_stops_at_the_hold(dana):
    holds.place(
        dana,
        categories=[Category.SURVEY],
        reason="open_complaint",
        source_key="complaint:31",
        now=NOW,
    )
    message = MessageFactory(
        customer=dana,
        deferred_reason="on_hold",
        reason_data={"hold": 1, "why": "open_complaint", "source": "complaint:31"},
    )

    last = texts(message)[-1]

    assert len(texts(message)) == 4
    assert last == (
        "wait",
        "An open complaint holds it. Looked at hourly until 28 Nov, then it lapses.",
    )


def test_an_opt_out_decides_at_the_second_check(dana):
    message = MessageFactory(customer=dana)
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)
    message.refresh_from_db()

    assert texts(message) == [
        ("ok", "Due: joined on that day"),
        ("stop", "May we write: no, they opted out"),
    ]


def test_a_planned_message_shows_what_will_be_said_when_it_is_asked(dana):
    message = MessageFactory(customer=dana, category="marketing")

    assert texts(message)[-1] == (
        "stop",
        "May we write: no, there is no recorded consent",
    )


def test_a_sent_message_shows_the_consent_that_stood_then(dana):
    message = MessageFactory(
        customer=dana,
        state="sent",
        counted_at=NOW - DAY,
        final_at=NOW - DAY,
        transport="smtp",
    )
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)

    shown = texts(Message.objects.get(pk=message.pk))

    assert ("ok", "May we write: yes, since 12 May 2019") in shown
    assert shown[-1] == ("ok", "Sent 20 Nov, 12:00")


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        (
            {"state": "planned", "deferred_reason": "contact_limit"},
            ("wait", "Later: already 2 mails in 7 days. Next try 21 Nov, 12:00."),
        ),
        (
            {"state": "expired", "reason_code": "contact_limit", "final_at": NOW},
            (
                "stop",
                "Too late: already 2 mails in 7 days, and its time ended on 28 Nov",
            ),
        ),
        (
            {"state": "expired", "reason_code": "too_late", "final_at": NOW},
            ("stop", "Too late: it could not go before 28 Nov"),
        ),
        (
            {"state": "cancelled", "reason_code": "already_answered", "final_at": NOW},
            ("stop", "Answered already, 21 Nov"),
        ),
        (
            {"state": "failed", "reason_code": "no_such_mailbox", "final_at": NOW},
            ("bad", "Failed 21 Nov, 12:00: The mailbox does not exist"),
        ),
        (
            {"state": "sent", "transport": "outbox", "final_at": NOW},
            ("ok", "Kept here, no mail server, 21 Nov, 12:00"),
        ),
    ],
)
def test_the_last_line_shows_what_decided(dana, fields, last):
    data = {"count": 2, "days": 7}
    message = MessageFactory(customer=dana, reason_data=data, **fields)

    assert texts(message)[-1] == last
