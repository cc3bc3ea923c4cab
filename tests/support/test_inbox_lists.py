"""The lists of the inbox: what is drawn once for many pages, and a list by tag."""

from datetime import timedelta
from itertools import product

import pytest
from django.test import Client

from support.models import ConversationTag, Mailbox
from support.selectors import lists
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def list_of(noa):
    client = Client()
    client.force_login(noa)

    def list_of(**asked):
        return read(client.get("/inbox/", {"tab": "unassigned", **asked}))

    return list_of


def test_what_is_drawn_once_follows_what_it_shows(list_of, mailbox, take, dana):
    """Names of mailboxes, tags and colleagues, each by itself; and what is chosen."""
    take(plain())
    assert "Wholesale" not in list_of()
    second = Mailbox.objects.create(
        name="Wholesale", address="w@x.example", host="h", user="u",
        password=mailbox.password, new_from=NOW,
    )  # fmt: skip
    assert f'<option value="{second.pk}">Wholesale' in list_of()
    tag = ConversationTag.objects.create(name="lost parcel")
    assert f'<option value="{tag.pk}">lost parcel' in list_of()
    UserFactory(role="agent", name="Zelda")
    assert ">Zelda" in list_of()
    mailbox.name = "Customers"
    mailbox.save()
    assert "Customers</option>" in list_of()

    chosen = list_of(tag=tag.pk, mailbox=second.pk)

    for one in (tag, second):
        assert f'<option value="{one.pk}" selected>{one.name}' in chosen


@pytest.mark.parametrize(("some", "most"), [(0, 0), (1, 1), (0, 1_000)])
def test_a_list_by_tag_is_the_same_however_it_is_found(noa, monkeypatch, some, most):
    monkeypatch.setattr(lists, "_SOME", some)
    monkeypatch.setattr(lists, "_MOST_HASHED", most)
    monkeypatch.setattr(lists, "PER_PAGE", 4)
    other, tag = (ConversationTag.objects.create(name=name) for name in "ba")
    wanted = []
    for number, (state, kind) in enumerate(product(("closed", "open"), ("", "order"))):
        for turn in range(6):
            at = NOW - timedelta(minutes=10 * turn + number)
            row = conversation(state=state, kind=kind, last_mail_at=at)
            row.tags.add(*[tag] * (turn % 2), other)
            if (state, kind, turn % 2) == ("closed", "order", 1):
                wanted.append(row.pk)

    def page(**values):
        asked = lists.Filters(tag=tag.pk, **values)
        sides = {"older": "", "newer": ""}
        return lists.tab_page(lists.Tab.CLOSED, user=noa, filters=asked, **sides)

    assert [row.pk for row in page(kind="order").rows] == wanted
    both = page()
    assert len(both.rows) == 4
    assert both.older
    assert {row.state for row in both.rows} == {"closed"}
    assert all(row.tag_names == ["a", "b"] for row in both.rows)
