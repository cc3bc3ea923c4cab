"""The menu leads each role where it may go, and nowhere else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.access import Role
from crm.models import Business
from crm.page_parts import MenuLine, SettingsPage, Tab, parts_of
from crm.request_context import RequestContext
from desk.selectors import waiting
from tests.desk.conftest import NOW, sign_up
from tests.desk.test_today import owe
from tests.pages import read
from tests.permissions import MAY_OPEN


def links(html):
    """The addresses of the menu and of the settings' tabs."""
    return {part.split('"')[0] for part in html.split('href="')[1:]}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("part_type", [MenuLine, SettingsPage])
def test_each_role_sees_the_lines_that_it_may_open(client, db, role, part_type):
    user = sign_up("kim", role)
    client.force_login(user)

    shown = links(read(client.get("/settings/")))

    parts = [part for part in parts_of(part_type) if part.url_name in MAY_OPEN]
    assert len(parts) >= 3
    for part in parts:
        url, may_open = reverse(part.url_name), role in MAY_OPEN[part.url_name]
        is_told = part.capability is None or user.can(part.capability)
        assert (url in shown) == is_told, part.name
        assert may_open or not is_told, part.name
        assert (client.get(url).status_code == 200) == may_open, part.name


def test_the_groups_stand_in_their_order(desk):
    menu = desk.get("/settings/").context["shell"].menu

    lines = [(group.label, [line.name for line in group.lines]) for group in menu]
    assert lines == [
        (
            "",
            [
                "today",
                "customers",
                "companies",
                "segments",
                "conversations",
                "returns",
                "follow_ups",
                "outbox",
            ],
        ),
        ("Listen", ["surveys", "reviews"]),
        (
            "Bring back",
            [
                "automations",
                "calendar",
                "programmes",
                "rewards",
                "gifts",
                "till",
                "members",
            ],
        ),
        ("", ["settings"]),
    ]
    assert [group.is_apart for group in menu] == [False, False, False, True]


def test_the_shop_is_read_once_a_page(client, db):
    client.force_login(sign_up("kim", "agent"))
    client.get("/drafts/")

    with CaptureQueriesContext(connection) as seen:
        client.get("/drafts/")

    asked = [query["sql"] for query in seen]
    assert len(asked) == 5
    assert sum('FROM "crm_business"' in query for query in asked) == 1


def test_the_list_of_keys_is_that_of_the_role(client, db):
    def keys(role):
        client.force_login(sign_up(role, role))
        return read(client.get("/settings/")).split('class="p-keys"')[1]

    assert "Go to Conversations" in keys("agent")
    assert "Go to Conversations" not in keys("analyst")


def test_a_page_beside_today_counts_nothing_of_its_other_tabs(desk):
    with CaptureQueriesContext(connection) as beside:
        desk.get("/settings/")
    with CaptureQueriesContext(connection) as today:
        desk.get("/")

    [few], [all_] = (
        [one["sql"] for one in seen if "AS few" in one["sql"]]
        for seen in (beside, today)
    )
    assert "done_at" in all_
    assert "done_at" not in few
    assert few.count("AS few") < all_.count("AS few")


def test_what_the_menu_counts_first_leaves_the_tabs_their_own_numbers(noa, dana):
    owe(dana, assignee=noa)
    shop = Business.objects.get()
    fresh, used = (RequestContext(noa, shop, NOW.tzinfo, NOW) for _ in range(2))

    waiting.on_tabs(used, [Tab.MINE])

    found = waiting.on_tabs(fresh, list(Tab))
    assert found[Tab.TEAM] > 0
    assert waiting.on_tabs(used, list(Tab)) == found
