"""Rules of the inbox: in order, tried first, once for each conversation that begins."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from crm.models import AuditEntry
from support.errors import InboxRuleExists
from support.models import BlockedSender, Conversation, InboxRule
from support.rules.matching import Conditions, Seen, fits
from support.services import inbox_rules
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.mails import plain
from web.errors import InvalidValue, StaleVersion

SEEN = Seen(
    sender="Zoë Levi <zoe@big.example>",
    recipients=["", "help@kettle.example"],
    subject="הזמנה 订单 Parcel",
    body="It is\nbroken",
    mailbox_id=1,
    language="he",
)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"sender": "@BIG.example"}, True),
        ({"sender": "zoe levi"}, True),
        ({"sender": "other, zoë"}, True),
        ({"sender": "other"}, False),
        ({"recipient": "help@"}, True),
        ({"subject": "הזמנה"}, True),
        ({"subject": "订单"}, True),
        ({"subject": "parcel", "body": "lost"}, False),
        ({"body": "is broken"}, True),
        ({"mailbox_id": 1, "language": "he"}, True),
        ({"mailbox_id": 2}, False),
        ({"language": "en", "subject": "parcel"}, False),
        ({}, False),
        ({"sender": " , ,"}, False),
    ],
)
def test_all_that_is_asked_must_fit(conditions, expected):
    assert fits(Conditions(**conditions), SEEN) is expected


VALUES = {
    **{"name": "Parcels", "sender": "", "recipient": "", "subject": "", "body": ""},
    **{"mailbox": None, "language": "", "assignee": None, "tag": "", "kind": ""},
    **{"closes": False, "is_spam": False},
}


def make(**values):
    return inbox_rules.save(None, {**VALUES, **values}, version=1, now=NOW)


pytestmark = pytest.mark.django_db


def test_a_rule_sorts_what_begins_and_nothing_else(take, dana):
    noa = UserFactory(role="agent")
    make(subject="order", assignee=noa, tag="Late", kind="order")

    mail = take(plain())
    row = mail.conversation
    row.refresh_from_db()
    assert (row.assignee, row.kind, row.state) == (noa, "order", "open")
    assert [tag.name for tag in row.tags.all()] == ["Late"]
    applied = AuditEntry.objects.get(action="inbox_rule.applied")
    assert applied.customer_id == dana.pk

    # A later mail of the same conversation is nobody's rule.
    Conversation.objects.filter(pk=row.pk).update(assignee=None, kind="")
    answers = ("<one@example.org>",)
    take(plain("And?", message_id="<2@x.example>", answers=answers))
    row.refresh_from_db()
    assert (row.assignee, row.kind) == (None, "")
    assert "Where" not in str(list(AuditEntry.objects.values_list("fields", flat=True)))


def test_of_two_the_first_assigns_and_both_tag(take, mailbox, dana):
    default, first, second = (UserFactory(role="agent") for _ in range(3))
    mailbox.assignee = default
    mailbox.save()
    rules = [
        make(name="one", sender="dana", assignee=first, tag="one"),
        make(name="two", body="parcel", assignee=second, tag="two", kind="praise"),
        make(name="three", body="parcel", kind="order"),
    ]

    row = take(plain()).conversation
    row.refresh_from_db()
    assert (row.assignee, row.kind) == (first, "praise")
    assert {tag.name for tag in row.tags.all()} == {"one", "two"}

    inbox_rules.move(rules[1], up=True, now=NOW)
    inbox_rules.move(rules[1], up=True, now=NOW)
    again = take(plain("My parcel?", message_id="<2@x.example>")).conversation
    again.refresh_from_db()
    assert again.assignee == second


def test_history_blocked_senders_and_rules_that_are_off_are_left_alone(take, dana):
    rule = make(sender="example.org", kind="order")
    old = NOW.replace(year=2025)
    history = take(plain(at=old, message_id="<1@x.example>"), arrived_at=old)
    BlockedSender.objects.create(address="bad@example.org", blocked_at=NOW)
    blocked = take(plain(sender="bad@example.org", message_id="<2@x.example>"))
    inbox_rules.switch(rule, on=False, now=NOW)
    off = take(plain(message_id="<3@x.example>"))

    kinds = Conversation.objects.values_list("kind", flat=True)
    assert list(kinds) == ["", "", ""]
    assert history.conversation.is_history
    assert blocked.conversation.is_spam
    assert off.conversation.state == "open"


@pytest.mark.parametrize(
    ("done", "after"),
    [({"closes": True}, ("closed", False)), ({"is_spam": True}, ("closed", True))],
)
def test_a_rule_closes(take, dana, done, after):
    make(sender="dana", **done)

    row = take(plain()).conversation
    row.refresh_from_db()

    assert (row.state, row.is_spam) == after
    assert row.closed_by is None


def test_what_a_rule_needs_is_said_and_held_by_the_database():
    with pytest.raises(InvalidValue) as refused:
        make(name="", sender=", ,")
    assert set(refused.value.fields) == {"name", "sender", "assignee"}
    rule = make(sender="x", kind="order")
    with pytest.raises(InboxRuleExists):
        make(sender="y", kind="order")
    values = {**VALUES, "sender": "z", "kind": "order"}
    inbox_rules.save(rule, values, version=1, now=NOW)
    with pytest.raises(StaleVersion):
        inbox_rules.save(rule, values, version=1, now=NOW)
    for wrong in ({"sender": ""}, {"kind": ""}, {"name": ""}, {"kind": "dance"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            InboxRule.objects.filter(pk=rule.pk).update(**wrong)


@pytest.fixture
def owner():
    client = Client()
    client.force_login(UserFactory(role="owner"))
    return client


def test_a_rule_is_tried_before_it_is_saved(owner, take, dana):
    take(plain())
    take(plain("Invoice", subject="An invoice", message_id="<2@x.example>"))
    typed = {"name": "Invoices", "subject": "invoice", "kind": "order", "version": "1"}

    tried = owner.post("/settings/rules/new/", typed)

    html = read(tried)
    assert "1 of the last 100 mails would have fitted" in html
    assert "An invoice" in html
    assert "My order" not in html
    assert not InboxRule.objects.exists()
    digest = tried.context["form"]["tried"].value()
    # Other conditions than the tried ones are tried first.
    owner.post("/settings/rules/new/", {**typed, "body": "x", "tried": digest})
    assert not InboxRule.objects.exists()

    seen = owner.post("/settings/rules/new/", {**typed, "tried": digest}, follow=True)
    assert "Saved. It counts from now on." in read(seen)
    rule = InboxRule.objects.get()
    assert (rule.subject, rule.kind) == ("invoice", "order")
    # What is there already stays as it is.
    assert set(Conversation.objects.values_list("kind", flat=True)) == {""}


def test_rules_are_moved_switched_and_deleted_on_their_page(owner):
    rules = [make(name=name, sender="x", kind="order") for name in ("one", "two")]
    edit = f"/settings/rules/{rules[0].pk}/"
    html = read(owner.get("/settings/rules/"))
    assert html.index(f"rule-{rules[0].pk}") < html.index(f"rule-{rules[1].pk}")
    assert 'data-key="u"' in html
    assert "Sender: <bdi>x</bdi>" in html

    owner.post(f"{edit}move/", {"to": "down"})
    owner.post(f"{edit}move/", {"to": "down"})
    assert list(InboxRule.objects.values_list("name", flat=True)) == ["two", "one"]
    assert "It does nothing any more." in read(
        owner.post(f"{edit}switch/", {"to": "off"}, follow=True)
    )
    assert 'value="x"' in read(owner.get(edit))
    empty = read(owner.post(edit, {"name": "one", "version": "1"}))
    assert "0 of the last 100 mails" in empty
    owner.post(f"{edit}delete/")
    assert list(InboxRule.objects.values_list("name", flat=True)) == ["two"]
