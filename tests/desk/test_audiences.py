"""An audience is what the customer list shows for its query string."""

from itertools import product

import pytest
from django.db import connection

from crm import audiences
from crm.services import follow_ups
from messaging.models import Automation
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.factories import OrderFactory
from web.errors import InvalidValue

SEARCHES = ["", "levi", "100%", "a_b", "INV-104", "dana@example.org", "052 123", "x y"]


@pytest.fixture
def cast(desk, noa):
    people = [
        make_customer("Dana", "Levi", email="dana@example.org", owner=noa),
        make_customer("Ben", "Levi", phone="+972 52-123-4567"),
        make_customer("100% Off", "Shop", owner=sign_up("tal", "agent")),
        make_customer("A_B", "Test", owner=noa),
        make_customer("AXB", "Test"),
    ]
    OrderFactory(customer=people[1], number="Inv-10493", external_id="x1")
    for customer in people[:3]:
        follow_ups.open_follow_up(
            customer_id=customer.pk, why="Call", due_on=NOW.date(), now=NOW
        )
    return noa


def ids(query):
    compiled = audiences.compiled(query, country="IL", today=NOW.date())
    with connection.cursor() as cursor:
        cursor.execute(compiled)
        return sorted(pk for (pk,) in cursor.fetchall())


def test_each_query_string_means_the_people_that_the_list_shows(cast, desk):
    sizes = set()
    for typed, owner, is_open in product(SEARCHES, ("", "none", cast.pk), ("", "1")):
        query = audiences.query_of({"q": typed, "owner": str(owner), "open": is_open})
        if query:
            shown = desk.get(f"/customers/?{query}").context["page"].rows

            assert ids(query) == sorted(row.customer.pk for row in shown), query
            assert audiences.count(query, now=NOW) == len(shown)
            sizes.add(len(shown))

    assert sizes >= {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("", ""),
        ("open=1&q=+levi+", "q=levi&open=1"),
        ("owner=&q=&open=1", "open=1"),
        ("owner=none", "owner=none"),
        ("q=%D7%9C%D7%95%D7%99", "q=%D7%9C%D7%95%D7%99"),
    ],
)
def test_it_is_stored_in_one_form(db, query, stored):
    assert audiences.checked(query) == stored
    assert audiences.checked(stored) == stored


@pytest.mark.parametrize(
    "query",
    ["after=3", "q=a&colour=red", "open=0", "owner=me", "owner=77", "q=%00", "q=a%0Ab"],
)
def test_what_the_list_does_not_filter_by_is_refused(db, query):
    with pytest.raises(InvalidValue):
        audiences.checked(query)


def test_the_longest_search_fits_into_its_column(db):
    longest = audiences.checked("q=" + "王" * 200 + "&owner=none&open=1")

    assert len(longest) <= Automation._meta.get_field("audience").max_length


def test_it_is_described_in_words(cast):
    assert audiences.in_words("") == "Everybody"
    assert audiences.in_words("open=1") == "Customers, with an open follow-up"
    assert audiences.in_words("owner=none") == "Nobody’s customers"
    assert audiences.in_words(f"q=levi&owner={cast.pk}&open=1") == (
        f"Customers of {cast}, with an open follow-up, found by “levi”"
    )
