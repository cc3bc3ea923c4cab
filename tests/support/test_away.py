"""Who is away gets nothing new by itself, and it is said where they are given it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from crm.models import AuditEntry
from support.models import Absence, Conversation, Notice
from support.rules.choices import NoticeEvent, NoticeWay
from support.services import away, conversations, inbox_rules, notices
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain
from tests.support.test_inbox_rules import VALUES
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


def test_an_absence_begins_and_ends_by_the_clock(noa):
    away.leave(noa, since=NOW, until=NOW + HOUR, now=NOW - HOUR)

    moments = (NOW - HOUR, NOW, NOW + HOUR / 2, NOW + HOUR)
    assert [noa.pk in away.away(at) for at in moments] == [False, True, True, False]
    away.leave(noa, since=NOW, until=None, now=NOW)
    assert noa.pk in away.away(NOW + 900 * HOUR)
    away.come_back(noa, now=NOW)
    assert away.away(NOW) == set()
    with pytest.raises(InvalidValue):
        away.leave(noa, since=NOW, until=NOW, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(user=noa, since=NOW, until=NOW)


def test_neither_mailbox_nor_rule_gives_to_somebody_away(noa, take, mailbox, dana):
    other = UserFactory(role="agent")
    mailbox.assignee = noa
    mailbox.save()
    away.leave(noa, since=NOW, until=None, now=NOW)

    alone = take(plain()).conversation
    assert alone.assignee is None
    values = {**VALUES, "sender": "dana"}
    for name, assignee in (("one", noa), ("two", other)):
        inbox_rules.save(
            None, {**values, "name": name, "assignee": assignee}, version=1, now=NOW
        )
    ruled = take(plain("Again", message_id="<2@x.example>")).conversation
    ruled.refresh_from_db()
    assert ruled.assignee == other

    away.come_back(noa, now=NOW)
    back = take(plain("More", message_id="<3@x.example>")).conversation
    back.refresh_from_db()
    assert back.assignee == noa


def test_one_says_it_oneself_and_colleagues_see_it(noa):
    client = Client()
    client.force_login(noa)
    row = conversation()
    today = timezone.now().date()

    refused = client.post("/settings/away/", {"since": today, "until": "2020-01-01"})
    assert "Choose a day to come" in read(refused, status=422)
    seen = client.post("/settings/away/", {"since": "2020-01-01"}, follow=True)
    assert "You are away since" in read(seen)
    given = client.post(f"/inbox/{row.pk}/assign/", {"colleague": noa.pk}, follow=True)
    assert "Given to Noa, who is away." in read(given)
    conversation()
    assert "(away)" in read(client.get("/inbox/?tab=unassigned"))

    back = client.post("/settings/away/end/", follow=True)
    assert "Welcome back." in read(back)
    assert not Absence.objects.exists()


def test_what_opens_again_while_its_colleague_is_away_is_nobodys(noa, take, dana):
    here = UserFactory(role="agent")
    wants = {(NoticeEvent.UNASSIGNED, NoticeWay.BROWSER)}
    notices.choose(here, wants, now=NOW)
    put = {"assignee": noa, "customer": dana}
    closed = take(plain()).conversation
    Conversation.objects.filter(pk=closed.pk).update(
        **put, state="closed", closed_at=NOW
    )
    asleep = conversation(**put, state="snoozed", snoozed_until=NOW)
    by_hand = conversation(**put, state="closed")
    open_still = conversation(**put)
    away.leave(noa, since=NOW, until=None, now=NOW)

    take(plain("Hm", message_id="<2@x.example>", answers=("<one@example.org>",)))
    assert conversations.wake(now=NOW) == 1
    conversations.reopen(by_hand, now=NOW)

    rows = Conversation.objects.filter(assignee=None, state="open")
    again = {closed.pk, asleep.pk, by_hand.pk}
    assert set(rows.values_list("pk", flat=True)) == again
    told = Notice.objects.filter(user=here)
    assert set(told.values_list("conversation_id", flat=True)) == again
    said = AuditEntry.objects.filter(action="conversation.unassigned")
    assert set(said.values_list("subject", flat=True)) == {
        f"conversation:{pk}" for pk in again
    }
    open_still.refresh_from_db()
    assert open_still.assignee == noa


def test_what_a_deactivated_colleague_had_is_nobodys_and_it_is_said(noa, client):
    unfinished = [
        conversation(assignee=noa),
        conversation(assignee=noa, state="waiting"),
        conversation(assignee=noa, state="snoozed", snoozed_until=NOW),
    ]
    closed = conversation(assignee=noa, state="closed")
    client.force_login(UserFactory(role="owner"))

    page = client.post(f"/settings/team/{noa.pk}/deactivate/", follow=True)

    assert "3 conversations went to Unassigned" in read(page)
    rows = Conversation.objects.filter(assignee=None)
    assert list(rows.order_by("pk")) == unfinished
    closed.refresh_from_db()
    assert closed.assignee == noa
    said = AuditEntry.objects.filter(action="conversation.unassigned")
    assert said.count() == len(unfinished)
