"""The last contact with a customer counts mails between people, once and everywhere."""

from datetime import timedelta

import pytest

from crm import contact_sources, segment_people
from crm.models import Customer
from crm.rules import segment_tree
from crm.services import interactions, merging
from support.services import conversations
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


def listed(customer):
    rows = Customer.objects.annotate(last=contact_sources.last_at())
    return rows.get(pk=customer.pk).last


def in_segment(is_):
    condition = {"field": "contact.last", "is": is_}
    group = segment_tree.read({"match": "all", "parts": [condition]})
    rows = Customer.objects.filter(
        pk__in=segment_people.some(group, today=NOW.date(), most=50)
    )
    return set(rows)


def test_mails_count_as_logged_contacts_do(take, dana, client):
    lee = CustomerFactory(email="lee@example.org")
    note = CustomerFactory()
    interactions.log_interaction(customer=note, channel="note", body="Ours", now=NOW)
    interactions.log_interaction(
        customer=dana, channel="call", body="Hello", now=NOW,
        happened_at=NOW - timedelta(days=2),
    )  # fmt: skip

    mail = take(plain(at=NOW - timedelta(days=1)))

    assert listed(dana) == mail.at
    assert listed(lee) is None
    last = contact_sources.last_of([dana.pk, lee.pk])
    assert (last.at, last.channel) == (mail.at, "email")
    assert in_segment("known") == {dana}
    assert in_segment("unknown") == {lee, note}
    client.force_login(UserFactory(role="agent"))
    page = client.get(f"/customers/{dana.pk}/").content.decode()
    assert f"Email, {mail.at:%-d %b}" in page


def test_machines_spam_blocked_senders_and_side_threads_do_not_count(take, dana):
    by_hand = take(plain(at=NOW - timedelta(days=3)))
    machine = take(
        plain(
            message_id="<auto@example.org>", answers=("<one@example.org>",),
            Auto_Submitted="auto-replied",
        )
    )  # fmt: skip
    spam = take(plain("Buy", message_id="<spam@example.org>", subject="Buy"))
    conversations.mark_as_spam(spam.conversation, by=UserFactory(), now=NOW)
    side = take(plain("We can", message_id="<side@example.org>", subject="Supplier"))
    side.conversation.side_of = by_hand.conversation
    side.conversation.save()
    eve = take(plain("Me", sender="Eve@Bad.example", message_id="<e@example.org>"))
    conversations.block_sender(eve.conversation, by=UserFactory(), now=NOW)
    third = take(
        plain(
            "Me, too", sender="Eve@Bad.example", message_id="<f@example.org>",
            answers=("<one@example.org>",),
        )
    )  # fmt: skip

    assert third.conversation == by_hand.conversation
    assert {machine.customer, spam.customer, side.customer, third.customer} == {dana}
    assert listed(dana) == by_hand.at


def test_it_moves_with_a_merge_and_back(take, dana):
    twin = CustomerFactory(email="twin@example.org")
    mail = take(plain())

    merge = merging.merge(twin, dana, now=NOW)
    assert listed(twin) == mail.at
    merging.undo(merge, now=NOW)

    assert (listed(twin), listed(dana)) == (None, mail.at)
