"""Conversations are taken along with their words, by whoever may see them."""

import pytest

from crm import access
from crm.access import Capability, Role
from crm.errors import NotAllowed
from crm.services.exports import asking
from tests.crm.exporting import content, exported, lines_of
from tests.crm.test_job_pages import browser, file_of
from tests.factories import NOW
from tests.pages import read
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


def test_mails_are_exported_as_their_tab_shows_them(take, dana):
    desk = browser()
    known = take(plain("Where is it?"))
    take(plain("Do you sell tea?", sender="Who <who@example.org>", message_id="<2@x>"))
    known.conversation.assignee = desk.user
    known.conversation.save()

    mine = file_of(desk, "/inbox/")
    found = file_of(desk, "/inbox/?q=tea")
    everything = lines_of(content(exported("mails")))

    assert [line["text"] for line in mine] == ["Where is it?"]
    assert [line["from_address"] for line in found] == ["who@example.org"]
    assert [(line["customer_id"], line["direction"]) for line in everything] == [
        (dana.external_id, "in"),
        ("", "in"),
    ]


def test_only_who_may_see_conversations_may_take_them_along(monkeypatch):
    made = exported("mails")
    less = access.GRANTS[Role.MANAGER] - {Capability.SEE_CONVERSATIONS}
    monkeypatch.setitem(access.GRANTS, Role.MANAGER, less)
    manager = browser("manager")

    offered = read(manager.get("/exports/new/"))

    assert "Contact history" in offered
    assert "Mails of conversations" not in offered
    assert manager.get("/exports/new/?of=mails").status_code == 403
    assert manager.get(f"/files/{made.pk}/").status_code == 403
    with pytest.raises(NotAllowed):
        asking.ask(
            names=["customers", "mails"],
            format_name="csv",
            filters={},
            by=manager.user,
            now=NOW,
            reason="Because",
        )
