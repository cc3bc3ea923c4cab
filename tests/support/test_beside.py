"""Calls, chats, visits and posts in a conversation, and what was promised in it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm import contact_sources
from crm.models import FollowUp, Interaction
from support.models import Draft
from support.rules.choices import ChangeAction
from support.services import beside, changes, conversations, joining
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def page(noa):
    client = Client()
    client.force_login(noa)
    return client


def promise(row, noa, why="Send a new lid", *, closes=True):
    return beside.promise(
        row, why=why, due_on=NOW.date(), assignee=noa, closes_with_it=closes, now=NOW
    )


def owed(row):
    return FollowUp.objects.get(pk=row.pk).state in ("open", "taken")


def test_a_call_stands_in_the_thread_and_once_in_the_timeline(page, noa, take, dana):
    row = take(plain("First words")).conversation
    data = {"channel": "social", "body": "Said thanks in public", "once": "a"}

    for _ in range(2):
        html = read(page.post(f"/inbox/{row.pk}/contacts/", data, follow=True))

    assert "Logged. It is in the timeline, too." in html
    assert html.index("First words") < html.index("Said thanks in public")
    assert "Social post" in html
    (logged,) = Interaction.objects.all()
    assert (logged.channel, logged.staff, logged.subject) == (
        "social",
        noa,
        row.subject,
    )
    assert contact_sources.last_of([dana.pk]).at == logged.happened_at
    html = read(page.get(f"/customers/{dana.pk}/"))
    assert html.count("Said thanks in public") == 1
    entry = html[html.index(f'id="interaction-{logged.pk}"') :]
    assert f'href="/inbox/{row.pk}/"' in entry[: entry.index("</li>")]
    again = read(page.get(f"/inbox/{row.pk}/contacts/"))
    assert "They came to us" in again


def test_a_contact_is_refused_where_nobody_is_known_and_nothing_is_said(page, dana):
    unknown = conversation()
    known = conversation(customer=dana)

    assert page.get(f"/inbox/{unknown.pk}/contacts/").status_code == 404
    refused = page.post(f"/inbox/{known.pk}/contacts/", {"channel": "fax", "body": " "})
    assert "p-wrong" in read(refused, status=422)
    assert not Interaction.objects.exists()


def test_what_is_somebody_elses_by_now_takes_no_call_along(page, noa, dana):
    row, other = conversation(customer=dana), CustomerFactory()
    beside.log_contact(row, channel="call", body="Her words", staff=noa, now=NOW)
    promised = promise(row, noa)
    conversations.belongs_to_nobody(row, now=NOW)
    conversations.belongs_to(row, customer=other, now=NOW)

    html = read(page.get(f"/inbox/{row.pk}/"))
    conversations.close(row, by=noa, now=NOW)

    assert "Her words" not in html
    assert "Send a new lid" not in html
    assert owed(promised)
    assert f"/inbox/{row.pk}/" not in read(page.get(f"/customers/{dana.pk}/"))


def test_a_promise_names_its_conversation_and_closes_with_it(page, noa, dana):
    row = conversation(customer=dana, subject="The lid")
    due = (timezone.now() + timedelta(days=2)).date()
    data = {"why": "Send a new lid", "due_on": due, "closes_with_it": "on"}

    html = read(page.post(f"/inbox/{row.pk}/follow-ups/", data, follow=True))
    (promised,) = FollowUp.objects.all()
    kept = promise(row, noa, "Ask in spring", closes=False)

    assert "Follow-up saved." in html
    assert "from this conversation" in html
    assert "done when it is closed" in html
    for place in ("/?tab=team", f"/customers/{dana.pk}/"):
        assert f'href="/inbox/{row.pk}/"' in read(page.get(place))
    page.post(f"/mails/about/follow_up/{kept.pk}/")
    draft = Draft.objects.get()
    assert (draft.conversation, draft.follow_up) == (row, kept)

    done = changes.apply_one(
        ChangeAction.CLOSE, changes.close(noa, NOW + HOUR), row, by=noa, now=NOW + HOUR
    )
    assert (owed(promised), owed(kept)) == (False, True)
    changes.undo(done, now=NOW + 2 * HOUR)
    assert owed(promised)


def test_reopening_owes_again_only_what_closed_with_it(noa, dana):
    row = conversation(customer=dana)
    early, late = promise(row, noa, "One"), promise(row, noa, "Two")
    beside.follow_ups.finish(early, staff=noa, now=NOW)

    conversations.close(row, by=noa, now=NOW + HOUR)
    assert not owed(late)
    conversations.reopen(row, now=NOW + 2 * HOUR)

    assert (owed(early), owed(late)) == (False, True)


def test_a_rule_that_closes_leaves_the_promise(noa, dana):
    row = conversation(customer=dana)
    promised = promise(row, noa)

    conversations.close(row, by=None, now=NOW)

    assert owed(promised)


def test_calls_and_promises_go_with_a_join_and_come_back(noa, dana):
    first = conversation(customer=dana, opened_at=NOW - HOUR)
    second = conversation(customer=dana)
    beside.log_contact(second, channel="visit", body="Came by", staff=noa, now=NOW)
    promise(second, noa)

    joined = joining.join([first.pk, second.pk], by=noa, now=NOW)
    assert (first.contacts.count(), first.follow_ups.count()) == (1, 1)
    joining.undo(joined.change, now=NOW)

    assert (second.contacts.count(), second.follow_ups.count()) == (1, 1)
    assert not first.contacts.exists()


def test_beside_the_thread_stand_facts_and_what_is_owed(page, noa, dana):
    dana.phone_text = "+44 20 7946 0000"
    dana.save()
    row = conversation(customer=dana)
    beside.log_contact(row, channel="call", body="x", staff=noa, now=timezone.now())
    beside.follow_ups.open_follow_up(
        customer_id=dana.pk, why="Older promise", due_on=NOW.date(), now=NOW
    )

    html = read(page.get(f"/inbox/{row.pk}/"))

    for words in ("+44 20 7946 0000", "Last real contact", "Older promise"):
        assert words in html
    assert html.count("from this conversation") == 0
