"""An app brings a field that narrows the customer list, and so every audience."""

import sys

import pytest
from django.db import connection
from django.test.utils import modify_settings

from crm import audiences, segments
from crm.segments import SegmentField, all_fields, register
from tests.desk.conftest import NOW, make_customer
from tests.desk.test_audiences import ids
from web.errors import InvalidValue


@pytest.fixture
def parcels(db, monkeypatch):
    """The app is installed as any other, and found by its segment_fields.py alone."""
    monkeypatch.setattr(segments, "_fields", dict(segments._fields))
    name = "tests.desk.parcel_filter.segment_fields"
    monkeypatch.delitem(sys.modules, name, raising=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parcels (customer_id bigint NOT NULL)")
    with modify_settings(INSTALLED_APPS={"append": "tests.desk.parcel_filter"}):
        yield


@pytest.fixture
def people(parcels):
    found = [make_customer(name, "Levi") for name in ("Dana", "Ben")]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO parcels VALUES (%s)", [found[0].pk])
    return found


@pytest.mark.parametrize("query", ["parcels=some", "q=levi&parcels=some"])
def test_the_list_and_the_audience_are_narrowed_by_it(desk, people, query):
    shown = desk.get(f"/customers/?{query}").context["page"].rows

    assert [row.customer for row in shown] == people[:1]
    assert ids(query) == [people[0].pk]
    assert audiences.count(query, now=NOW) == 1


def test_a_value_that_means_nothing_narrows_nothing(desk, people):
    shown = desk.get("/customers/?parcels=many").context["page"].rows

    assert len(shown) == 2


def test_it_is_stored_checked_and_described(people):
    query = audiences.checked("parcels=some&open=1&q=levi")

    assert query == "q=levi&open=1&parcels=some"
    assert audiences.in_words(query) == (
        "Customers, with an open follow-up, with a parcel, found by “levi”"
    )
    with pytest.raises(InvalidValue):
        audiences.checked("parcels=many")


def test_without_the_app_the_list_knows_no_such_field(db):
    with pytest.raises(InvalidValue):
        audiences.checked("parcels=some")


def test_a_name_belongs_to_one_field():
    for name in ("owner", "q"):
        with pytest.raises(ValueError, match="twice"):
            register(SegmentField(name=name, order=9, read=str, condition=str,
                                  refuse=str, words=str))  # fmt: skip


def test_the_order_is_that_of_stored_audiences():
    # Those of all apps: a new one is added here.
    assert [field.name for field in all_fields()] == [
        *("owner", "open", "outside", "segment", "field"),
        *("ids", "bulk", "snapshot"),
    ]
