"""An app brings its own rows to the desk, and no file of the desk knows of it."""

import re
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext, modify_settings
from django.urls import reverse
from kombu.exceptions import OperationalError

from crm.page_parts import (
    CalendarItems,
    CustomerPanel,
    FollowUpOrigin,
    GlanceCell,
    MenuGroup,
    MenuLine,
    OpenSection,
    SettingsPage,
    SettingsPanel,
    TimelineFilter,
    TimelineSource,
    TodayPanel,
    parts_of,
    register,
    registry,
)
from desk.selectors import doctor
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.desk.test_timeline import keys, say, walk
from tests.desk.test_today import owe
from tests.pages import read, tight


@pytest.fixture
def parcels(db, monkeypatch, settings):
    """The app is installed as any other, and found by its desk.py alone."""
    monkeypatch.setattr(registry, "_parts", dict(registry._parts))
    monkeypatch.delitem(sys.modules, "tests.desk.parcels.desk", raising=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE parcels (id bigint GENERATED ALWAYS AS IDENTITY,"
            " customer_id bigint NOT NULL, left_at timestamptz NOT NULL)"
        )
    settings.ROOT_URLCONF = "tests.desk.parcels.urls"
    with modify_settings(INSTALLED_APPS={"append": "tests.desk.parcels"}):
        yield


@pytest.fixture
def marketer(client, db):
    """May open the pages, and may not see parcels."""
    client.force_login(sign_up("max", "marketer"))
    return client


def leave_parcel(customer, at):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parcels (customer_id, left_at) VALUES (%s, %s) RETURNING id",
            [customer.pk, at],
        )
        return cursor.fetchone()[0]


def words(html):
    """What stands on the page, without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# --- Timeline ------------------------------------------------------------------------


def test_its_rows_stand_in_the_timeline_in_order(desk, dana, parcels):
    contact = say(dana, at=NOW - timedelta(hours=1))
    newer = leave_parcel(dana, NOW)
    older = leave_parcel(dana, NOW - timedelta(hours=2))

    answer = desk.get(f"/customers/{dana.pk}/")

    assert keys(answer) == [
        f"parcel-{newer}",
        f"interaction-{contact.pk}",
        f"parcel-{older}",
    ]
    assert f"Parcel {newer}" in answer.content.decode()


def test_its_filter_shows_its_rows_only(desk, dana, parcels):
    say(dana)
    parcel = leave_parcel(dana, NOW)

    answer = desk.get(f"/customers/{dana.pk}/?show=parcels")

    assert keys(answer) == [f"parcel-{parcel}"]
    assert "?show=parcels" in answer.content.decode()


def test_its_pages_go_on_inside_one_moment(desk, dana, parcels):
    for _ in range(40):
        say(dana)
        leave_parcel(dana, NOW)

    pages = walk(desk, dana)

    seen = [key for page in pages for key in page]
    assert [len(page) for page in pages] == [50, 30]
    assert len(set(seen)) == 80


# --- Today and the menu --------------------------------------------------------------


def test_its_items_stand_on_today_and_are_counted(desk, dana, parcels):
    parcel = leave_parcel(dana, NOW)
    leave_parcel(dana, NOW)

    answer = desk.get("/")

    page = read(answer, f'id="parcel-{parcel}"', f'href="/parcels/?fetch={parcel}"')
    assert "2 things need you" in page
    assert answer.context["page"].counts == {"mine": 2, "team": 2, "done": 0}
    assert "2 parcels are here" in page


def test_it_has_a_line_in_the_menu_with_its_number_and_its_key(desk, dana, parcels):
    for _ in range(3):
        leave_parcel(dana, NOW)

    page = read(desk.get("/customers/"))

    assert "<h2>Send</h2>" in page
    line = re.search(r'<a class="p-nav" href="/parcels/".*?</a>', page).group()
    assert words(line) == "Parcels 3"
    assert 'data-go="p"' in line
    assert "g p Go to Parcels" in words(page)


def test_all_numbers_of_a_page_are_counted_in_one_statement(desk, dana, parcels):
    with CaptureQueriesContext(connection) as queries:
        desk.get("/")

    counting = [one["sql"] for one in queries if "AS few)" in one["sql"]]
    assert len(counting) == 1
    for table in ("parcels", "crm_followup", "messaging_circuit"):
        assert table in counting[0]


def test_it_shows_why_it_opened_a_follow_up(desk, dana, parcels):
    parcel = leave_parcel(dana, NOW)
    owe(dana, why="In our words", source_key=f"parcel:{parcel}")
    owe(dana, why="Gone since", source_key="parcel:99999")

    page = words(read(desk.get("/")))

    assert f"Parcel no {parcel} came back" in page
    assert "In our words" not in page
    assert "Gone since" in page


# --- Customers and settings ----------------------------------------------------------


def test_its_cell_stands_in_the_place_of_another(desk, dana, parcels):
    def labels():
        page = desk.get(f"/customers/{dana.pk}/").context["page"]
        return [str(each.label) for each in page.glance]

    without = labels()
    leave_parcel(dana, NOW)

    assert "Last score" in without
    assert "Parcels" not in without
    assert labels() == [*(one for one in without if one != "Last score"), "Parcels"]


def test_its_panel_and_what_is_open_stand_on_the_customer_page(desk, dana, parcels):
    parcel = leave_parcel(dana, NOW)

    page = read(desk.get(f"/customers/{dana.pk}/"))

    assert "<h2>Parcels</h2>" in page
    assert "1 parcels are here" in page
    assert "Parcels to fetch 1" in words(page)
    assert f'href="/parcels/?fetch={parcel}"' in page


def test_its_actions_stand_in_the_head_and_behind_the_dots(desk, dana, parcels):
    page = read(desk.get(f"/customers/{dana.pk}/"))

    head, _dots, menu = page.partition('<details class="p-menu">')
    assert f'href="/parcels/?to={dana.pk}"' in head
    assert f'href="/parcels/?of={dana.pk}"' in menu
    assert f'href="/parcels/?of={dana.pk}"' not in head


def test_its_badge_stands_behind_the_names_it_is_about(desk, dana, parcels):
    make_customer("Ben", "Ode")
    leave_parcel(dana, NOW)

    page = words(read(desk.get("/customers/")))

    assert page.count("Parcel waits") == 1
    assert "Dana Levi Parcel waits" in page


def test_its_column_stands_in_the_list(desk, dana, parcels):
    leave_parcel(dana, NOW)

    page = tight(read(desk.get("/customers/")))

    assert '<th scope="col" class="p-n">Parcels</th>' in page
    assert '<td class="p-n" data-label="Parcels">1</td>' in page


def test_its_page_is_among_the_settings(desk, parcels):
    for url in ("/settings/", "/settings/security/"):
        assert '<a href="/parcels/">Parcels</a>' in read(desk.get(url)), url


def test_how_it_stands_is_told_in_the_settings_and_on_today(desk, dana, parcels):
    leave_parcel(dana, NOW)

    settings = words(read(desk.get("/settings/")))

    assert "Parcels 1 lie about" in settings
    assert "1 parcels are here" in settings
    assert "Parcels: 1 lie about." in words(read(desk.get("/")))


def test_the_doctor_asks_it(parcels):
    def broken(**_):
        raise OperationalError

    found = doctor.examine(now=NOW, ask_worker=broken)

    assert ("parcels", "0 lie about") in {(one.part, one.text) for one in found}


def test_what_it_has_on_a_day_stands_in_the_calendar(desk, dana, parcels):
    parcel = leave_parcel(dana, NOW)

    page = desk.get("/calendar/")

    today, tomorrow, *_ = page.context["page"].days
    assert today.items == [("parcels/panel.html", parcel)]
    assert tomorrow.items == []
    assert page.content.decode().count("parcels are here") == 1


# --- Who sees it ---------------------------------------------------------------------


def test_a_role_without_its_capability_sees_nothing_of_it(marketer, dana, parcels):
    parcel = leave_parcel(dana, NOW)
    owe(dana, why="Call", source_key=f"parcel:{parcel}")

    for url in ("/", "/customers/", f"/customers/{dana.pk}/", "/settings/"):
        assert "arcel" not in read(marketer.get(url), "Today"), url
    for url in (f"/customers/{dana.pk}/", f"/customers/{dana.pk}/?show=parcels"):
        assert f"parcel-{parcel}" not in keys(marketer.get(url))
    assert marketer.get("/").context["page"].counts["mine"] == 1


# --- All parts -----------------------------------------------------------------------


def test_no_two_parts_of_a_type_share_a_name_or_a_place():
    taken = parts_of(TimelineSource)[0]

    with pytest.raises(ValueError, match="order"):
        register(taken)


def test_every_part_names_what_exists():
    groups = {group.name for group in parts_of(MenuGroup)}
    filters = {each.name for each in parts_of(TimelineFilter)}
    cells = {cell.name for cell in parts_of(GlanceCell)}
    lines = parts_of(MenuLine)

    assert {line.group for line in lines} <= groups
    # "": shown where nothing is left out, and under no filter.
    assert {source.filter for source in parts_of(TimelineSource)} <= filters | {""}
    assert {cell.instead_of for cell in parts_of(GlanceCell)} <= cells | {""}
    keys = [line.key for line in lines if line.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("part_type", [MenuLine, SettingsPage])
def test_every_page_of_the_frame_has_an_address(part_type):
    urls = [reverse(part.url_name) for part in parts_of(part_type)]

    assert len(urls) > 3


@pytest.mark.parametrize(
    "part_type",
    [
        TodayPanel,
        CustomerPanel,
        OpenSection,
        FollowUpOrigin,
        SettingsPanel,
        CalendarItems,
    ],
)
def test_every_template_of_a_part_is_there(part_type):
    parts = parts_of(part_type)

    assert parts
    for part in parts:
        get_template(part.template)
