"""The menu leads each role where it may go, and nowhere else."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.page_parts import MenuLine, SettingsPage, parts_of
from tests.desk.conftest import sign_up
from tests.pages import read
from tests.permissions import MAY_OPEN


def links(html):
    """The addresses of the menu and of the settings' tabs."""
    return {part.split('"')[0] for part in html.split('href="')[1:]}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("part_type", [MenuLine, SettingsPage])
def test_each_role_sees_the_lines_that_it_may_open(client, db, role, part_type):
    client.force_login(sign_up("kim", role))

    shown = links(read(client.get("/settings/")))

    pages = {part.url_name: reverse(part.url_name) for part in parts_of(part_type)}
    ours = {name: url for name, url in pages.items() if name in MAY_OPEN}
    assert len(ours) >= 3
    for name, url in ours.items():
        assert (url in shown) == (role in MAY_OPEN[name]), name
        assert (client.get(url).status_code == 200) == (role in MAY_OPEN[name]), name


def test_the_groups_stand_in_their_order(desk):
    menu = desk.get("/settings/").context["shell"].menu

    lines = [(group.label, [line.name for line in group.lines]) for group in menu]
    assert lines == [
        ("", ["today", "customers", "follow_ups", "outbox"]),
        ("Listen", ["surveys", "reviews"]),
        ("Bring back", ["automations"]),
        ("", ["settings"]),
    ]
    assert [group.is_apart for group in menu] == [False, False, False, True]
