"""Conversations that are joined and split, and brought back to what they were."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from support.errors import (
    ConversationJoined,
    DifferentPeople,
    NothingToJoin,
    NothingToSplit,
)
from support.models import Conversation, ConversationChange, Draft, Mail
from support.rules.choices import ChangeAction
from support.services import (
    addresses,
    changes,
    conversations,
    joining,
    notes,
    tags,
)
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def two(take, dana):
    """Two mails of one customer, each in a conversation of its own."""
    return [
        take(plain("Where is it?", subject="Parcel", message_id="<1@x.example>")),
        take(
            plain("Still nothing", subject="Parcel", message_id="<2@x.example>",
                  at=NOW + timedelta(minutes=5)),
        ),
    ]  # fmt: skip


def stand():
    """How everything stands, as far as joining may change it."""
    rows = Conversation.objects.order_by("pk")
    return (
        list(rows.values_list("pk", "state", "customer_id", "last_mail_at", "is_spam")),
        list(Mail.objects.order_by("pk").values_list("conversation", "customer")),
        [sorted(row.notes.values_list("text", flat=True)) for row in rows],
        [sorted(row.tags.values_list("name", flat=True)) for row in rows],
        [sorted(row.drafts.values_list("text", flat=True)) for row in rows],
    )


def test_equal_subjects_join_nothing_by_themselves(two):
    assert two[0].conversation_id != two[1].conversation_id


def test_what_is_joined_stands_in_the_first_and_is_parted_again(noa, two):
    first, second = (mail.conversation for mail in two)
    conversations.close(first, by=noa, now=NOW)
    notes.add(second, words="Ask the carrier", author=noa, now=NOW)
    for row, name in ((first, "Late"), (second, "Late"), (second, "Carrier")):
        tags.put(row, tag=tags.tag_named(name), now=NOW)
    Draft.objects.create(
        author=noa, conversation=second, text="We ask", begun_at=NOW, changed_at=NOW
    )
    before = stand()

    done = joining.join([second.pk, first.pk], by=noa, now=NOW)

    assert set(Mail.objects.values_list("conversation", flat=True)) == {first.pk}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (second.state, second.joined_into) == ("joined", first)
    # Somebody waits for an answer, whatever the state of the first was.
    assert (first.state, first.last_mail_at) == ("open", two[1].at)
    assert sorted(first.tags.values_list("name", flat=True)) == ["Carrier", "Late"]
    assert first.notes.count() == first.drafts.count() == 1

    joining.undo(done.change, now=NOW)
    assert stand() == before


def test_what_came_since_stays_where_it_came(noa, two, take):
    first = two[0].conversation
    done = joining.join([mail.conversation_id for mail in two], by=noa, now=NOW)
    new = take(
        plain("Thanks", message_id="<3@x.example>", answers=("<2@x.example>",)),
        now=LATER,
    )
    assert new.conversation == first

    joining.undo(done.change, now=LATER)

    assert list(first.mails.order_by("pk")) == [two[0], new]
    assert Mail.objects.get(pk=two[1].pk).conversation != first


def test_an_undo_closes_nothing_that_was_written_to_since(noa, two, take):
    first, second = (mail.conversation for mail in two)
    conversations.close(first, by=noa, now=NOW)
    done = joining.join([first.pk, second.pk], by=noa, now=NOW)
    new = take(
        plain("And now?", message_id="<3@x.example>", answers=("<1@x.example>",)),
        now=LATER,
    )
    assert new.conversation == first

    joining.undo(done.change, now=LATER)

    first.refresh_from_db()
    assert first.state == "open"


def test_numbers_links_and_answers_lead_on(noa, two, take):
    first, second = (mail.conversation for mail in two)
    joining.join([first.pk, second.pk], by=noa, now=NOW)
    client = Client()
    client.force_login(noa)

    answer = client.get(f"/inbox/{second.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/inbox/{first.pk}/")
    stale = client.post(f"/inbox/{second.pk}/close/", follow=True)
    assert "joined this conversation to another one" in read(stale)
    with pytest.raises(ConversationJoined):
        conversations.assign(second, assignee=noa, now=NOW)
    html = read(client.get("/inbox/?tab=unassigned"))
    assert f'"/inbox/{first.pk}/"' in html
    assert f'"/inbox/{second.pk}/"' not in html


def test_a_signed_address_of_a_joined_one_leads_on(noa, mailbox, two, take):
    first, second = (mail.conversation for mail in two)
    signed = addresses.reply_address(mailbox, second)
    joining.join([first.pk, second.pk], by=noa, now=NOW)

    mail = take(plain("Hello", to=signed, message_id="<4@x.example>"))

    assert mail.conversation == first


def test_different_people_and_side_threads_stay_apart(noa):
    one = conversation(customer=CustomerFactory())
    other = conversation(customer=CustomerFactory())
    side = conversation(customer=one.customer, side_of=one)

    for ids in ([one.pk, other.pk], [one.pk, side.pk]):
        with pytest.raises(DifferentPeople):
            joining.join(ids, by=noa, now=NOW)
    for ids in ([one.pk], [one.pk, one.pk], [one.pk, 2**40]):
        with pytest.raises(NothingToJoin):
            joining.join(ids, by=noa, now=NOW)
    assert not ConversationChange.objects.exists()


def test_somebody_unknown_becomes_who_the_other_one_is(noa, take, dana):
    unknown = take(plain("Hi", sender="new@x.example", message_id="<1@x.example>"))
    known = take(plain("Hi", message_id="<2@x.example>"))
    before = stand()

    done = joining.join(
        [unknown.conversation_id, known.conversation_id], by=noa, now=NOW
    )
    assert set(Mail.objects.values_list("customer", flat=True)) == {dana.pk}

    joining.undo(done.change, now=NOW)
    assert stand() == before


def test_a_split_takes_the_chosen_mails_and_leads_back_when_undone(noa, two, take):
    first = two[0].conversation
    joining.join([mail.conversation_id for mail in two], by=noa, now=NOW)
    with pytest.raises(NothingToSplit):
        joining.split(first, [], by=noa, now=NOW)
    with pytest.raises(NothingToSplit):
        joining.split(first, [mail.pk for mail in two], by=noa, now=NOW)

    made, done = joining.split(first, [two[1].pk, 2**40], by=noa, now=NOW)

    assert list(made.mails.all()) == [two[1]]
    assert (made.customer, made.state) == (first.customer, "open")
    first.refresh_from_db()
    assert first.last_mail_at == two[0].at
    joining.undo(done.change, now=NOW)
    assert first.mails.count() == 2
    made.refresh_from_db()
    assert made.joined_into == first


def test_the_pages_join_split_and_undo(noa, two):
    client = Client()
    client.force_login(noa)
    first, second = (mail.conversation for mail in two)

    parts = f"/inbox/{first.pk}/parts/"
    data = {"action": "join", "ids": [first.pk, second.pk]}
    html = read(client.post("/inbox/change/", data, follow=True))
    assert "2 conversations changed." in html
    page = read(client.get(parts))
    assert "Still nothing" in page
    data = {"action": "split", "mails": two[1].pk}
    seen = client.post(parts, data, follow=True)
    assert "Still nothing" in read(seen)
    change = ConversationChange.objects.latest("pk")
    client.post(f"/inbox/changes/{change.pk}/undo/")
    assert first.mails.count() == 2

    last = conversation(customer=first.customer, subject="Another")
    assert "Another" in read(client.get(parts))
    client.post(parts, {"action": "join", "ids": ["", f"#{last.pk}"]})
    last.refresh_from_db()
    assert last.joined_into == first
    refused = client.post(parts, {"action": "join"}, follow=True)
    assert "Choose at least two conversations" in read(refused)


def test_the_database_holds_that_a_joined_one_leads_on(noa):
    one, other = conversation(), conversation()
    rows = Conversation.objects.filter(pk=one.pk)
    for values in (
        {"state": "joined"},
        {"joined_into": other},
        {"state": "joined", "joined_into": one},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
    act = changes.close(noa, NOW)
    joining.join([one.pk, other.pk], by=noa, now=NOW)
    done = changes.apply(ChangeAction.CLOSE, act, [other.pk], by=noa, now=NOW)
    assert (done.changed, done.refused) == (0, 1)
