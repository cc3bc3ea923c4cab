"""Undo puts a conversation back as it stood, at the service and on the page."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from support.models import BlockedSender, Conversation
from support.rules.choices import ChangeAction
from support.services import changes, conversations
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
STOOD = ("state", "assignee_id", "snoozed_until", "closed_at", "closed_by_id")


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def page(noa):
    client = Client()
    client.force_login(noa)
    return client


def stood(row):
    values = Conversation.objects.filter(pk=row.pk).values(
        *STOOD, "is_spam", "outcome", "is_history"
    )
    return values.get()


def snoozed(noa, address="eve@example.net"):
    row = conversation(address=address)
    conversations.assign(row, assignee=noa, now=NOW)
    return conversations.snooze(row, until=LATER, now=NOW)


def press(page, row, action, **data):
    """Press a button; the page after it, and the address that takes it back."""
    url = f"/inbox/{row.pk}/{action}/"
    html = read(page.post(url, data, follow=True))
    found = re.search(r'action="(/inbox/changes/\d+/undo/)"', html)
    return html, found[1] if found else ""


@pytest.mark.parametrize("action", ["spam", "block"])
def test_the_service_takes_spam_and_a_block_back(noa, take, action):
    row = snoozed(noa)
    before = stood(row)
    act = {"spam": changes.spam, "block": changes.block}[action](noa, NOW)

    done = changes.apply_one(ChangeAction(action), act, row, by=noa, now=NOW)

    assert stood(row)["is_spam"]
    assert BlockedSender.objects.exists() is (action == "block")
    assert changes.undo(done, now=NOW).refused == 0
    assert stood(row) == before
    assert not BlockedSender.objects.exists()
    mail = take(plain(sender="eve@example.net"))
    assert (mail.conversation.state, mail.conversation.is_spam) == ("open", False)


def test_an_undo_leaves_a_block_that_was_there_before(noa):
    first, second = snoozed(noa), snoozed(noa)
    conversations.block_sender(first, by=noa, now=NOW)

    done = changes.apply_one(
        ChangeAction.BLOCK, changes.block(noa, NOW), second, by=noa, now=NOW
    )
    changes.undo(done, now=NOW)

    assert stood(second)["state"] == "snoozed"
    assert BlockedSender.objects.filter(address="eve@example.net").exists()


@pytest.mark.parametrize(
    "action", ["spam", "block", "close", "take", "give-back", "snooze", "assign"]
)
def test_a_page_offers_an_undo_that_puts_everything_back(page, noa, action):
    other = UserFactory(role="agent")
    row = snoozed(other)
    before = stood(row)
    data = {"outcome": "Sent again", "colleague": noa.pk, "days": "5"}

    _html, undo_url = press(page, row, action, **data)

    assert stood(row) != before
    assert "Taken back." in read(page.post(undo_url, follow=True))
    assert stood(row) == before
    assert not BlockedSender.objects.exists()


def test_a_block_can_be_lifted_long_after(page, noa):
    row = snoozed(noa)
    html, _undo = press(page, row, "block")

    assert "Do not block this sender" in html
    html, _undo = press(page, row, "unblock")
    assert "Not blocked any more." in html
    assert "Do not block this sender" not in html
    assert not BlockedSender.objects.exists()
