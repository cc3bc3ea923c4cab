"""Change many customers from the list: the pages, as a browser without scripts."""

import pytest
from django.utils import timezone

from crm.models import BulkRun, Customer, Tag
from crm.services import jobs
from tests.desk.conftest import make_customer, sign_up
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client):
    client.force_login(sign_up("mia", "manager"))
    return client


@pytest.fixture
def people():
    return [make_customer(name, "Berg", country="DE") for name in ("Anna", "Ida")]


def start(client, **values):
    return client.post("/bulk/new/", values)


def test_the_list_has_a_box_for_each_and_none_for_an_agent(mia, client, people):
    page = mia.get("/customers/").content.decode()
    assert page.count('name="ids"') == 2
    assert "Change the ticked ones…" in page

    client.force_login(sign_up("noa", "agent"))
    page = client.get("/customers/").content.decode()
    assert 'name="ids"' not in page
    assert "/bulk/new/" not in page


def test_the_number_is_said_first(mia, people):
    make_customer("Uli", "Holm", country="AT")

    page = read(
        mia.get(f"/bulk/new/?scope=ticked&ids={people[0].pk}&ids={people[1].pk}")
    )

    assert "Change 2 customers" in page
    assert "2 that were ticked" in page


def test_all_of_the_list_are_those_of_its_filters(mia, people):
    make_customer("Uli", "Holm")

    page = mia.get("/bulk/new/?scope=all&q=berg&action=untag").content.decode()

    assert "Change 2 customers" in page
    assert '<input type="hidden" name="q" value="berg">' in page


def test_nothing_ticked_changes_nobody(mia, people):
    answer = mia.get("/bulk/new/?scope=ticked", follow=True)

    assert answer.redirect_chain == [("/customers/", 303)]
    assert "Tick at least one customer first." in answer.content.decode()


def test_tag_look_and_take_back(mia, people):
    ids = f"{people[0].pk},{people[1].pk}"
    answer = start(mia, action="tag", ids=ids, said=2, tag="Fair 2026")
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == f"/bulk/{run.pk}/"
    assert "Waiting" in mia.get(f"/bulk/{run.pk}/").content.decode()

    jobs.work(now=timezone.now(), seconds=5)
    page = read(mia.get(f"/bulk/{run.pk}/"))
    assert "Customers: 2. Changed: 2." in page
    changed = mia.get(f"/customers/?bulk={run.pk}").context["page"].rows
    assert len(changed) == 2

    assert mia.post(f"/bulk/{run.pk}/undo/").status_code == 303
    jobs.work(now=timezone.now(), seconds=5)
    assert "As before again: 2." in read(mia.get(f"/bulk/{run.pk}/"))
    assert not Customer.objects.filter(tags=Tag.objects.get()).exists()
    assert mia.post(f"/bulk/{run.pk}/undo/", follow=True).status_code == 200


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        ({"action": "field-country", "value": "AT"}, "country", {"AT"}),
        ({"action": "field-heard_from", "value": "Fair"}, "heard_from", {"Fair"}),
        ({"action": "field-language", "value": ""}, "language", {""}),
    ],
)
def test_a_field_is_set_with_its_own_control(mia, people, values, field, expected):
    assert start(mia, said=2, **values).status_code == 303
    jobs.work(now=timezone.now(), seconds=5)

    assert set(Customer.objects.values_list(field, flat=True)) == expected


def test_what_is_missing_is_said_and_the_number_asked_again(mia, people):
    missing = start(mia, action="follow_up", said=2, why="", due_on="")
    moved = start(mia, action="tag", said=3, tag="VIP")

    assert missing.status_code == moved.status_code == 422
    assert missing.content.decode().count("p-wrong") == 2
    assert "Meanwhile they are 2 customers." in read(moved, status=422)
    assert not BulkRun.objects.exists()


def test_the_ticked_ones_are_exported(mia, people):
    answer = mia.get(f"/bulk/new/?scope=export&ids={people[1].pk}")

    assert answer.headers["Location"] == (
        f"/exports/new/?of=customers&ids={people[1].pk}"
    )
