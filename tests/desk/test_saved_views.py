"""Views of the customer list under a name, and as a segment."""

import pytest

from crm import segment_people
from crm.errors import NotAllowed
from crm.models import SavedView, Segment
from crm.services import saved_views
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.pages import read
from web.errors import AlreadyExists, InvalidValue

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client):
    user = sign_up("mia", "manager")
    client.force_login(user)
    return user


def names(page):
    return [view.name for view in page.context["page"].views]


def save(client, query, name="Mine", **more):
    return client.post(
        "/customers/views/new/", {"query": query, "name": name, **more}, follow=True
    )


def test_save_see_and_delete(client, mia):
    make_customer("Dana", "Levi")
    page = save(client, "q=levi&owner=none&open=&page=2")
    assert SavedView.objects.count() == 0
    assert page.status_code == 200

    page = save(client, "owner=none&q=levi")

    view = SavedView.objects.get()
    assert view.query == "q=levi&owner=none"
    assert names(page) == ["Mine"]
    assert "Delete this view" in page.content.decode()
    assert names(client.get("/customers/")) == ["Mine"]
    client.post(f"/customers/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_ones_own_and_those_of_all_colleagues(client, mia):
    noa = sign_up("noa", "agent")
    for name, is_shared in (("Secret", False), ("Shared", True)):
        saved_views.save(
            name=name, query="open=1", is_shared=is_shared, by=noa, now=NOW
        )

    page = client.get("/customers/?open=1")
    assert names(page) == ["Shared"]
    assert "Delete this view" not in read(page, "Shared")
    with pytest.raises(NotAllowed):
        saved_views.delete(SavedView.objects.get(name="Shared"), by=mia, now=NOW)


@pytest.mark.parametrize("query", ["", "ids=1,2", "snapshot=3", "nonsense=1"])
def test_what_is_of_a_moment_is_not_kept(mia, query):
    with pytest.raises(InvalidValue):
        saved_views.save(name="No", query=query, is_shared=False, by=mia, now=NOW)


def test_a_name_is_taken_once_by_each(mia):
    saved_views.save(name="Mine", query="open=1", is_shared=False, by=mia, now=NOW)
    with pytest.raises(AlreadyExists):
        saved_views.save(name="MINE", query="q=a", is_shared=False, by=mia, now=NOW)


def test_a_view_becomes_the_segment_of_the_same_people(client, mia):
    german = make_customer("Dana", "Levi", owner=mia)
    make_customer("Dana", "Berg", owner=mia)
    make_customer("Omer", "Levi")
    query = f"q=levi&owner={mia.pk}"
    page = client.get("/customers/?q=levi&owner=me")
    assert [row.customer for row in page.context["page"].rows] == [german]
    link = f"/segments/new/?list=q%3Dlevi%26owner%3D{mia.pk}"
    assert link in page.content.decode()

    page = read(client.get(link))
    assert "1 person now" in page
    assert "Owner: Mia and Found by the search: contains “levi”." in page
    answer = client.post(
        "/segments/new/",
        {
            "name": "Levis of Mia", "match": "all", "do": "save",
            "0.field": "owner", "0.is": "any_of", "0.values": [str(mia.pk)],
            "1.field": "search", "1.is": "contains", "1.values": "levi",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    segment = Segment.objects.get(name="Levis of Mia")
    assert segment_people.count(segment, today=NOW.date()) == 1
    rows = client.get(segment.people_url).context["page"].rows
    assert [row.customer for row in rows] == [german]
    assert query


def test_ticked_rows_are_no_segment(client, mia):
    dana = make_customer("Dana", "Levi")

    page = read(client.get(f"/customers/?ids={dana.pk}"), "Dana Levi")

    assert "Save as a segment" not in page
    assert "Save this view" not in page
