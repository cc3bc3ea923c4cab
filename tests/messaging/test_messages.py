"""What a person, or another app, decides about single messages."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.errors import MessageNotPlanned, MessageNotUncertain
from messaging.models import Message
from messaging.services import messages
from messaging.signals import messages_finished
from tests.factories import CustomerFactory, MessageFactory, UserFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def heard():
    found = []

    def hear(messages, **_):
        found.extend((message.pk, message.state) for message in messages)

    messages_finished.connect(hear)
    yield found
    messages_finished.disconnect(hear)


@pytest.fixture
def noa(db):
    return UserFactory()


def test_a_person_cancels_what_is_planned(noa, heard):
    message = MessageFactory()

    messages.cancel(message, now=NOW, staff=noa)

    message.refresh_from_db()
    assert (message.state, message.reason_code) == ("cancelled", "cancelled_by_staff")
    assert message.reason_data == {"user": noa.pk}
    assert (message.final_at, heard) == (NOW, [(message.pk, "cancelled")])


def test_what_left_cannot_be_cancelled(noa, heard):
    message = MessageFactory(state="sent", final_at=NOW)

    with pytest.raises(MessageNotPlanned):
        messages.cancel(message, now=NOW, staff=noa)

    assert heard == []


def test_superseding_frees_the_key_of_planned_ones_only(db, heard):
    customer = CustomerFactory()
    planned = MessageFactory(customer=customer, occurrence="2026")
    MessageFactory(customer=customer, occurrence="2025", state="sent", final_at=NOW)

    count = messages.supersede(
        Message.objects.filter(customer=customer),
        reason_code="superseded_date_changed",
        now=NOW,
    )

    assert (count, heard) == (1, [(planned.pk, "superseded")])
    MessageFactory(customer=customer, occurrence="2026")


def test_an_uncertain_one_is_sent_again_with_time_to_leave(noa):
    message = MessageFactory(
        state="uncertain",
        final_at=NOW - DAY,
        counted_at=NOW - DAY,
        not_before=NOW - 9 * DAY,
        attempts=5,
    )

    messages.send_again(message, now=NOW)

    message.refresh_from_db()
    assert (message.state, message.attempts, message.counted_at) == ("planned", 0, None)
    assert (message.not_before, message.expires_at) == (NOW, NOW + DAY)


def test_an_uncertain_one_is_decided_once(noa):
    message = MessageFactory(state="uncertain", final_at=NOW)

    messages.leave_it(message, now=NOW)

    message.refresh_from_db()
    assert (message.state, message.reason_code) == ("uncertain", "left_as_is")
    for act in (messages.leave_it, messages.send_again):
        with pytest.raises(MessageNotUncertain):
            act(message, now=NOW)
