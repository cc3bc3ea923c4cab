"""Tags, kinds, and what is done to several conversations at once, with its undo."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEntry
from crm.services import personal_data
from support.errors import ChangeUndone
from support.models import Conversation, ConversationChange, ConversationTag, Tagging
from support.rules.choices import ChangeAction, ConversationKind
from support.services import changes, conversations, tags
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def page(noa):
    client = Client()
    client.force_login(noa)
    return client


@pytest.fixture
def three():
    return [conversation(subject=f"about {number}") for number in range(3)]


def ids(rows):
    return [row.pk for row in rows]


def states(rows):
    found = Conversation.objects.filter(pk__in=ids(rows)).order_by("pk")
    return list(found.values_list("state", "assignee_id", "kind", "is_spam"))


def change(page, rows, action, **more):
    data = {"ids": ids(rows), "action": action, **more}
    return page.post("/inbox/change/", data, follow=True)


def undo(page):
    last = ConversationChange.objects.latest("pk")
    return page.post(f"/inbox/changes/{last.pk}/undo/", follow=True)


@pytest.mark.parametrize(
    ("action", "more", "after"),
    [
        ("assign", {"colleague": "noa"}, ("open", "noa", "", False)),
        ("kind", {"kind": "praise"}, ("open", None, "praise", False)),
        ("close", {}, ("closed", None, "", False)),
        ("snooze", {}, ("snoozed", None, "", False)),
        ("spam", {}, ("closed", None, "", True)),
    ],
)
def test_several_are_changed_and_taken_back(page, noa, three, action, more, after):
    more = {name: noa.pk if value == "noa" else value for name, value in more.items()}
    after = tuple(noa.pk if value == "noa" else value for value in after)
    before = states(three)

    html = read(change(page, three[:2], action, **more))

    assert states(three) == [after, after, before[2]]
    assert "2 conversations changed." in html
    entries = AuditEntry.objects.filter(actor_id=noa.pk, action__startswith="conv")
    assert entries.count() == 2

    assert "Taken back." in read(undo(page))
    assert states(three) == before
    assert "taken back already" in read(undo(page))


def test_several_are_closed_with_words_or_put_aside_for_a_week(page, three):
    html = read(page.get("/inbox/?tab=unassigned"))
    form = html[html.index('id="bulk"') :]
    form = form[: form.index("</form>")]
    fields = re.findall(r'name="(outcome|days|until)"', form)
    assert fields == ["outcome", "days", "until"]

    change(page, three[:2], "close", outcome="Sent once more")
    change(page, three[2:], "snooze", days="7")

    closed = Conversation.objects.filter(outcome="Sent once more", state="closed")
    assert set(closed) == set(three[:2])
    left = Conversation.objects.get(state="snoozed").snoozed_until - timezone.now()
    assert timedelta(days=6) < left <= timedelta(days=7)


def test_an_undo_leaves_what_was_changed_since(page, noa, three):
    change(page, three, "close")
    conversations.reopen(three[0], now=timezone.now())
    conversations.assign(three[1], assignee=noa, now=timezone.now())

    html = read(undo(page))

    assert "Taken back, but for 1 that was changed since." in html
    assert [state for state, *_ in states(three)] == ["open", "open", "open"]
    # What the change did not touch is not put back to what it was then.
    assert states(three)[1][1] == noa.pk


def test_those_that_refuse_are_counted_and_the_others_change(page, noa, three):
    conversations.close(three[0], by=noa, now=NOW)

    html = read(change(page, three, "snooze"))

    assert "2 conversations changed. 1 was closed already." in html
    assert [state for state, *_ in states(three)] == ["closed", "snoozed", "snoozed"]


def test_nothing_ticked_and_nonsense_change_nothing(page, three):
    assert "Tick at least one" in read(change(page, [], "close"))
    assert change(page, three, "dance").status_code == 404
    assert change(page, three, "kind", kind="dance").status_code == 404
    assert change(page, three, "assign", colleague="x").status_code == 404
    assert change(page, three, "untag", tag="never made").status_code == 404
    analyst = UserFactory(role="analyst")
    assert change(page, three, "assign", colleague=analyst.pk).status_code == 404
    assert "Enter" in read(change(page, three, "tag", tag=" "))
    assert not ConversationChange.objects.exists()
    assert {state for state, *_ in states(three)} == {"open"}


def test_a_tag_is_put_on_taken_off_and_taken_back(page, three):
    change(page, three[:2], "tag", tag="Late parcel")
    change(page, three[1:], "tag", tag="late PARCEL")

    (tag,) = ConversationTag.objects.all()
    assert tag.name == "Late parcel"
    assert Tagging.objects.count() == 3
    # The second already had it: the change was of the third alone.
    undo(page)
    assert set(Tagging.objects.values_list("conversation_id", flat=True)) == set(
        ids(three[:2])
    )

    change(page, three[:1], "untag", tag="late parcel")
    assert Tagging.objects.count() == 1
    undo(page)
    assert Tagging.objects.count() == 2
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "conversation.tagged", "conversation.untagged", "conversation.change_undone",
    }  # fmt: skip


def test_a_list_shows_kind_and_tags_and_is_narrowed_by_them(page, mailbox, three):
    tag = tags.tag_named("Late")
    tags.put(three[0], tag=tag, now=NOW)
    conversations.classify(three[1], kind=ConversationKind.ORDER, now=NOW)
    Conversation.objects.filter(pk=three[2].pk).update(language="he", mailbox=mailbox)

    def shown(query):
        html = read(page.get(f"/inbox/?tab=unassigned&{query}"))
        return [number for number in range(3) if f"about {number}" in html]

    assert shown("") == shown("tag=x&kind=dance&mailbox=-1") == [0, 1, 2]
    assert shown(f"tag={tag.pk}") == [0]
    assert shown("kind=order") == [1]
    assert shown("language=he") == shown(f"mailbox={mailbox.pk}") == [2]
    assert shown("kind=order&language=he") == []
    html = read(page.get("/inbox/?tab=unassigned&kind=order"))
    assert 'href="?tab=closed&amp;kind=order"' in html
    html = read(page.get(f"/inbox/{three[0].pk}/"))
    assert "Take the tag “Late” off" in html


def test_pages_follow_one_another_with_their_filter(page, three, monkeypatch):
    monkeypatch.setattr("support.selectors.lists.PER_PAGE", 1)
    tag = tags.tag_named("Late")
    for row in (three[0], three[2]):
        tags.put(row, tag=tag, now=NOW)

    first = page.get(f"/inbox/?tab=unassigned&tag={tag.pk}")
    older = first.context["page"].older
    second = page.get(f"/inbox/?tab=unassigned&tag={tag.pk}&older={older}")

    rows = [*first.context["page"].rows, *second.context["page"].rows]
    assert [row.pk for row in rows] == [three[2].pk, three[0].pk]
    assert second.context["page"].older == ""


def test_more_rows_with_tags_need_no_more_queries(page, three):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            read(page.get("/inbox/?tab=unassigned"), "Late")
        return len(seen)

    tag = tags.tag_named("Late")
    tags.put(three[0], tag=tag, now=NOW)
    page.get("/inbox/")
    few = queries()
    for row in [*three, *(conversation() for _ in range(8))]:
        tags.put(row, tag=tag, now=NOW)
        tags.put(row, tag=tags.tag_named(f"tag {row.pk}"), now=NOW)

    assert queries() == few


def test_the_database_holds_what_a_tag_and_a_change_are(three):
    tag = tags.tag_named("Late")
    tags.put(three[0], tag=tag, now=NOW)
    wrong = (
        lambda: ConversationTag.objects.create(name="LATE"),
        lambda: ConversationTag.objects.create(name=""),
        lambda: Tagging.objects.create(conversation=three[0], tag=tag),
        lambda: ConversationChange.objects.create(action="dance", at=NOW, rows={}),
        lambda: ConversationChange.objects.create(
            action="tag", at=NOW, rows={}, undone_at=NOW - timedelta(days=1)
        ),
    )
    for make in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def test_a_change_is_undone_once(noa, three):
    act = changes.close(noa, NOW)
    done = changes.apply(ChangeAction.CLOSE, act, ids(three), by=noa, now=NOW)
    changes.undo(done.change, now=NOW)

    with pytest.raises(ChangeUndone):
        changes.undo(done.change, now=NOW)
    with pytest.raises(InvalidValue):
        changes.tag("x" * 61, NOW)


def test_a_tag_of_one_person_alone_goes_with_them():
    dana = CustomerFactory()
    alone, shared = tags.tag_named("Dana’s wedding"), tags.tag_named("Late")
    theirs, other = conversation(customer=dana), conversation()
    for row, tag in ((theirs, alone), (theirs, shared), (other, shared)):
        tags.put(row, tag=tag, now=NOW)

    personal_data.erase(dana, now=NOW)

    assert list(ConversationTag.objects.values_list("name", flat=True)) == ["Late"]
    assert Tagging.objects.get().conversation == other
