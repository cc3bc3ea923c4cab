"""Colleagues are told what they chose: once, not of their own doing, not while away."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import StaffSession
from crm.services import audit
from messaging.models import Body, Message
from messaging.services.delivery import deliver
from support.models import Mailbox, Notice
from support.rules.choices import NoticeEvent, NoticeWay
from support.services import away, conversations, notes, notices
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
EVERYTHING = [(event, way) for event in NoticeEvent for way in NoticeWay]


def colleague(name, *events, way=NoticeWay.BROWSER, role="agent"):
    user = UserFactory(role=role, name=name, email=f"{name.lower()}@kettle.example")
    notices.choose(user, [(event, way) for event in events], now=NOW)
    return user


def told():
    rows = Notice.objects.order_by("pk")
    return [(row.user.name, row.event) for row in rows.select_related("user")]


@pytest.fixture
def noa():
    return colleague("Noa", *NoticeEvent)


def page_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_each_event_tells_whom_it_concerns(take, mailbox, dana):
    mine = colleague("Mine", NoticeEvent.IN_MINE)
    given = colleague("Given", NoticeEvent.ASSIGNED)
    colleague("Free", NoticeEvent.UNASSIGNED)
    colleague("Asked", NoticeEvent.MENTION)
    colleague("Nothing")

    first = take(plain()).conversation
    assert told() == [("Free", "unassigned")]
    conversations.assign(first, assignee=given, now=NOW)
    assert told()[1:] == [("Given", "assigned")]
    conversations.assign(first, assignee=mine, now=NOW)
    take(plain("And?", message_id="<2@x.example>", answers=("<one@example.org>",)))
    assert told()[2:] == [("Mine", "in_mine")]
    notes.add(first, words="@Asked look", author=mine, now=NOW)
    assert told()[3:] == [("Asked", "mention")]

    mailbox.assignee = given
    mailbox.save()
    take(plain("New", message_id="<3@x.example>"))
    assert told()[4:] == [("Given", "assigned")]


def test_what_waits_for_nobody_tells_nobody(noa, take, dana):
    take(b"Auto-Submitted: auto-replied\n" + plain())
    blocked = take(plain(sender="spam@x.example", message_id="<2@x.example>"))
    Notice.objects.all().delete()
    conversations.block_sender(blocked.conversation, by=noa, now=NOW)
    take(plain(sender="spam@x.example", message_id="<3@x.example>"))
    old = NOW.replace(year=2025)
    take(plain(message_id="<4@x.example>"), arrived_at=old)

    assert told() == []


def test_nobody_is_told_of_their_own_actions_nor_while_away_nor_without_the_right(noa):
    row = conversation()
    other = colleague("Other", *NoticeEvent)
    with audit.acting(audit.user(noa.pk)):
        conversations.assign(row, assignee=noa, now=NOW)
    assert told() == []
    away.leave(other, since=NOW, until=None, now=NOW)
    conversations.assign(row, assignee=other, now=NOW)
    assert told() == []
    for change in ({"role": "analyst"}, {"role": "agent", "is_active": False}):
        lost = colleague(f"Lost{change['role']}", *NoticeEvent)
        for name, value in change.items():
            setattr(lost, name, value)
        lost.save()
        notices.tell(NoticeEvent.ASSIGNED, row, to=[lost.pk], now=NOW)
    assert told() == []


def test_once_until_it_is_opened(noa, take, dana):
    row = take(plain()).conversation
    for number in range(2, 4):
        reply = {"message_id": f"<{number}@x.example>"}
        take(plain(f"{number}", answers=("<one@example.org>",), **reply))
    assert told() == [("Noa", "unassigned")]

    page_of(UserFactory(role="agent")).get(f"/inbox/{row.pk}/")
    assert len(told()) == 1
    page_of(noa).get(f"/inbox/{row.pk}/")
    assert told() == []
    take(plain("Again", message_id="<9@x.example>", answers=("<one@example.org>",)))
    assert told() == [("Noa", "unassigned")]


def test_one_mail_says_what_came_within_a_minute(sink, dana):
    noa = colleague("Noa", NoticeEvent.ASSIGNED, way=NoticeWay.MAIL)
    rows = [conversation(customer=dana, subject=f"About {n}") for n in range(12)]
    for row in rows[:11]:
        conversations.assign(row, assignee=noa, now=NOW)
    notices.opened(rows[0], noa)

    deliver(now=NOW)
    assert sink.mails == []
    message = Message.objects.get()
    assert (message.user, message.customer) == (noa, None)
    deliver(now=NOW + MINUTE)

    (mail,) = sink.mails
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "10 conversations"
    assert "About 1\r\n" in text
    assert "About 0\r\n" not in text
    assert f"/inbox/{rows[1].pk}/" in text
    assert "And 1 more" not in text
    assert not Body.objects.exists()
    conversations.assign(rows[11], assignee=noa, now=NOW + MINUTE)
    assert Message.objects.count() == 2


def test_a_mail_does_not_leave_where_everything_was_opened(sink, take, dana):
    noa = colleague("Noa", NoticeEvent.UNASSIGNED, way=NoticeWay.MAIL)
    row = take(plain("Her very words")).conversation
    page_of(noa).get(f"/inbox/{row.pk}/")

    deliver(now=NOW + MINUTE)

    message = Message.objects.get()
    assert (message.state, message.reason_code) == ("cancelled", "opened_already")
    assert sink.mails == []


def test_a_page_takes_the_choice(noa):
    page = page_of(noa)
    assert "New mail that is nobody’s yet" in read(page.get("/settings/notices/"))

    saved = page.post(
        "/settings/notices/", {"mention-mail": "on", "assigned-browser": "on"}
    )

    assert saved.status_code == 303
    assert notices.chosen(noa) == {
        (NoticeEvent.MENTION, NoticeWay.MAIL),
        (NoticeEvent.ASSIGNED, NoticeWay.BROWSER),
    }
    assert read(page.get("/settings/notices/")).count("checked") == 3
    assert "Notices" in read(page.get("/settings/away/"))


def test_one_mailbox_may_tell_otherwise_or_not_at_all(noa, mailbox, dana):
    quiet = Mailbox.objects.create(
        name="Noise", address="noise@kettle.example", host="imap.kettle.example",
        user="noise", password="kept", new_from=NOW,
    )  # fmt: skip
    page = page_of(noa)
    assert "Every mailbox" in read(page.get("/settings/notices/"))
    own = f"/settings/notices/?mailbox={quiet.pk}"
    boxes = read(page.get("/settings/notices/")).count("checked")
    assert read(page.get(own)).count("checked") == boxes > len(NoticeEvent)

    saved = page.post(own, {"mention-mail": "on"})

    assert (saved.status_code, saved["Location"]) == (303, own)
    assert notices.chosen(noa, quiet) == {(NoticeEvent.MENTION, NoticeWay.MAIL)}
    assert len(notices.chosen(noa)) == len(NoticeEvent)
    for box in (quiet, mailbox, None):
        row = conversation(customer=dana, mailbox=box)
        notices.tell(NoticeEvent.UNASSIGNED, row, now=NOW)
        notices.tell(NoticeEvent.MENTION, row, to=[noa.pk], now=NOW)
    rows = Notice.objects.order_by("pk")
    assert [(row.conversation.mailbox, row.event, row.way) for row in rows] == [
        (quiet, "mention", "mail"),
        (mailbox, "unassigned", "browser"),
        (None, "unassigned", "browser"),
    ]

    page.post(own, {"as_everywhere": "1"})
    assert not notices.has_own(noa, quiet)
    assert page.get("/settings/notices/?mailbox=99999").status_code == 404


def test_an_open_page_asks_for_what_is_new_and_keeps_nobody_signed_in(
    noa, dana, django_assert_max_num_queries
):
    rows = [conversation(customer=dana, subject=f"About {n}") for n in range(7)]
    for row in rows:
        conversations.assign(row, assignee=noa, now=NOW)
    page = page_of(noa)

    with django_assert_max_num_queries(4):
        answer = page.get("/notices/")

    found = answer.json()["notices"]
    assert [one["body"] for one in found] == [f"About {n}" for n in range(2, 7)]
    assert found[-1]["url"] == f"/inbox/{rows[-1].pk}/"
    assert "no-store" in answer["Cache-Control"]
    after = {"after": found[-1]["id"]}
    assert page.get("/notices/", after).json() == {"notices": []}
    assert not StaffSession.objects.exists()
    page.get("/settings/notices/")
    assert StaffSession.objects.filter(last_seen_at__lte=timezone.now()).exists()
