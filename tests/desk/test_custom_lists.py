"""The customer list sorted by fields that staff made, and their indexes."""

import random
from decimal import Decimal

import pytest
from django.db import connection

from crm.models import Customer, CustomField, Job
from crm.rules.choices import CustomKind
from crm.services import custom_field_jobs, custom_fields, customers, jobs
from crm.sql import custom_fields as sql
from desk.sql import lists, sorted_lists
from desk.sql.lists import Cut
from desk.sql.sorted_lists import Sorting
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.factories import CustomerFactory
from tests.pages import read

TODAY = NOW.date()
VALUES = {
    "number": ["-2", "10", "9.5", "9", "1"],
    "money": ["2 EUR", "10 EUR", "-1 EUR", "3 CHF", "1 USD"],
    "date": ["2026-02-28", "1999-12-31", "2031-01-01", "2026-03-01", "2026-02-27"],
    "text": ["b", "A", "a", "C", "ä"],
}


def work():
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass


def field_of(kind, owner, **more):
    return custom_fields.create(
        label="Tea", kind=kind, by=owner, now=NOW, is_sortable=True, **more
    )


def fill(customer, value):
    return customers.update_customer(customer, changes={"custom.tea": value}, now=NOW)


# --- Pages, whether the index is there or not ----------------------------------------


def pages_of(sorting, size):
    """Every page, forwards, and each of them again backwards."""
    found, cut = [], Cut(size)
    while page := sorted_lists.by_field(sorting, {}, cut, today=TODAY):
        found += page
        before = Cut(size, before=key(page[0]))
        back = sorted_lists.by_field(sorting, {}, before, today=TODAY)
        rest = found[: -len(page)]
        assert back == rest[-size:]
        cut = Cut(size, after=key(page[-1]))
    return found


def key(customer_id):
    return lists.key_of(customer_id)


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("size", [1, 3, 50])
def test_every_page_is_in_order_with_the_unknown_at_the_end(
    db, kind, is_descending, size
):
    field_of(kind, sign_up("ora", "owner"))
    values = [*VALUES[kind], VALUES[kind][0], None, None, None]
    random.Random(7).shuffle(values)
    rows = [fill(CustomerFactory(family_name=f"F{n}"), v) for n, v in enumerate(values)]

    found = pages_of(Sorting("tea", CustomKind(kind), is_descending), size)

    known = [row for row in rows if row.custom]
    known.sort(key=lambda row: (sort_value(kind, row), row.pk), reverse=is_descending)
    unknown = sorted(
        (row for row in rows if not row.custom), key=lambda row: (row.sort_name, row.pk)
    )
    assert found == [row.pk for row in [*known, *unknown]]


def sort_value(kind, row):
    value = row.custom["tea"]
    if kind == "number":
        return Decimal(value)
    if kind == "money":
        return value["currency"], Decimal(value["amount"])
    if kind == "text":
        return rank_of(value)
    return value


def rank_of(text):
    """As the database's own order has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rank FROM (SELECT t, dense_rank() OVER (ORDER BY lower(t)) AS rank"
            " FROM unnest(%s::text[]) t) ranks WHERE t = %s",
            [VALUES["text"], text],
        )
        return cursor.fetchone()[0]


# --- The index -----------------------------------------------------------------------


@pytest.fixture
def owner(transactional_db):
    yield sign_up("ora", "owner")
    with sql.outside() as cursor:
        for pk in CustomField.objects.values_list("pk", flat=True):
            cursor.execute(sql.drop_index(f"customer_custom_{pk}"))


@pytest.mark.parametrize("kind", VALUES)
def test_the_index_is_built_used_and_dropped(owner, client, kind):
    field = field_of(kind, owner, in_list=True)
    for value in VALUES[kind]:
        fill(make_customer("Dana"), value)
    assert sql.indexes([field.index_name]) == {}
    client.force_login(owner)
    assert "Sorted by" not in read(client.get("/customers/"))

    work()

    assert sql.indexes([field.index_name]) == {field.index_name: True}
    assert Job.objects.get().state == "done"
    sorting = Sorting("tea", field.custom_kind, is_descending=True)
    query = sorted_lists.with_value_query(
        sorting, {}, Cut(2, after=key(Customer.objects.first().pk)), today=TODAY
    )
    assert field.index_name in plan_of(query)
    shown = client.get(f"/customers/?sort=-{field.name}")
    assert "Sorted by" in read(shown)
    rows = [row.customer.custom["tea"] for row in shown.context["page"].rows]
    found = sorted_lists.by_field(sorting, {}, Cut(50), today=TODAY)
    assert rows == [Customer.objects.get(pk=pk).custom["tea"] for pk in found]

    field.refresh_from_db()
    custom_fields.change(
        field, changes={"is_sortable": False}, version=1, by=owner, now=NOW
    )
    work()
    assert sql.indexes([field.index_name]) == {}


def plan_of(query):
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_sort = off")
        cursor.execute(b"EXPLAIN " + query.as_bytes(connection.connection))
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_sort")
    return plan


def test_an_index_that_a_kill_left_unusable_is_built_again(owner):
    field = field_of("number", owner)
    broken_index(field)
    assert sql.indexes([field.index_name]) == {field.index_name: False}

    work()

    assert sql.indexes([field.index_name]) == {field.index_name: True}


def broken_index(field):
    """As a build that was cut off leaves it."""
    with sql.outside() as cursor:
        cursor.execute(sql.create_index(field.index_name, field.custom_kind, "tea"))
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass",
            [field.index_name],
        )


def test_one_that_cannot_be_used_later_is_noticed(owner):
    field = field_of("number", owner)
    work()
    with sql.outside() as cursor:
        cursor.execute(sql.drop_index(field.index_name))
    broken_index(field)

    assert custom_field_jobs.repair(now=NOW) == 1
    assert custom_field_jobs.repair(now=NOW) == 0
    work()

    assert sql.indexes([field.index_name]) == {field.index_name: True}
    assert custom_field_jobs.repair(now=NOW) == 0


def test_a_build_that_fails_for_good_says_why_and_can_be_started_again(owner, client):
    """A value that no number is can stand there from before; the index refuses it."""
    field = field_of("number", owner)
    dana = fill(make_customer("Dana"), "5")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_customer DISABLE TRIGGER USER")
        cursor.execute('UPDATE crm_customer SET custom = \'{"tea": "five"}\'')
        cursor.execute("ALTER TABLE crm_customer ENABLE TRIGGER USER")
    for _ in range(3):
        work()

    job = Job.objects.get()
    assert (job.state, job.error) == ("failed", "index_not_built")
    assert custom_field_jobs.repair(now=NOW) == 0
    client.force_login(owner)
    assert "could not be built" in read(client.get("/settings/fields/"))
    fill(dana, "6")
    client.post(f"/settings/fields/{field.pk}/index/")
    work()
    assert sql.indexes([field.index_name]) == {field.index_name: True}


def test_archiving_drops_the_index(owner):
    field = field_of("number", owner)
    work()

    custom_fields.archive(field, by=owner, now=NOW)
    work()

    assert sql.indexes([field.index_name]) == {}


def test_a_field_that_is_searched_later_is_found_for_everybody(db):
    owner = sign_up("ora", "owner")
    field = custom_fields.create(label="Tea", kind="text", by=owner, now=NOW)
    for value in ("Gyokuro", "Sencha", None):
        fill(make_customer("Dana"), value)

    for is_wanted, found in ((True, 1), (False, 0)):
        field.refresh_from_db()
        custom_fields.change(
            field, changes={"is_searchable": is_wanted}, version=field.version,
            by=owner, now=NOW,
        )  # fmt: skip
        work()
        rows = Customer.objects.filter(search_text__contains="gyokuro")
        assert rows.count() == found


# --- Columns -------------------------------------------------------------------------


def test_a_column_shows_the_value_in_words(db, client):
    owner = sign_up("ora", "owner")
    custom_fields.create(
        label="Tea", kind="choices", choices=["Green", "Black"], in_list=True,
        by=owner, now=NOW,
    )  # fmt: skip
    fill(make_customer("Dana"), ["green", "black"])
    make_customer("Ben")
    client.force_login(owner)

    page = client.get("/customers/").context["page"]

    cells = {row.customer.given_name: row.cells[-1] for row in page.rows}
    assert cells["Dana"].value == "Green, Black"
    assert cells["Ben"].value is None
    assert str(cells["Dana"].label) == "Tea"
