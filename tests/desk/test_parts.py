"""An app brings its own rows to the desk, and no file of the desk knows of it."""

import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import modify_settings

from crm import page_parts
from crm.page_parts import TimelineSource, parts_of, register
from tests.desk.conftest import NOW, sign_up
from tests.desk.test_timeline import keys, say, walk


@pytest.fixture
def parcels(db, monkeypatch):
    """The app is installed as any other, and found by its desk.py alone."""
    monkeypatch.setattr(page_parts, "_parts", list(page_parts._parts))
    monkeypatch.delitem(sys.modules, "tests.desk.parcels.desk", raising=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE parcels (id bigint GENERATED ALWAYS AS IDENTITY,"
            " customer_id bigint NOT NULL, left_at timestamptz NOT NULL)"
        )
    with modify_settings(INSTALLED_APPS={"append": "tests.desk.parcels"}):
        yield


def leave_parcel(customer, at):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parcels (customer_id, left_at) VALUES (%s, %s) RETURNING id",
            [customer.pk, at],
        )
        return cursor.fetchone()[0]


def test_its_rows_stand_in_the_timeline_in_order(desk, dana, parcels):
    said = say(dana, at=NOW - timedelta(hours=1))
    newer = leave_parcel(dana, NOW)
    older = leave_parcel(dana, NOW - timedelta(hours=2))

    answer = desk.get(f"/customers/{dana.pk}/")

    assert keys(answer) == [
        f"parcel-{newer}",
        f"interaction-{said.pk}",
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


def test_a_role_without_its_capability_does_not_see_its_rows(client, dana, parcels):
    leave_parcel(dana, NOW)
    client.force_login(sign_up("max", "marketer"))

    assert keys(client.get(f"/customers/{dana.pk}/")) == []
    assert keys(client.get(f"/customers/{dana.pk}/?show=parcels")) == []


def test_no_two_parts_of_a_type_share_a_name_or_a_place():
    taken = parts_of(TimelineSource)[0]

    with pytest.raises(ValueError, match="order"):
        register(taken)
