"""The list of customers: every one once, and found by whatever is known of them."""

from datetime import timedelta

import pytest

from crm.services import follow_ups, interactions
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.factories import CustomerFactory, OrderFactory, ResponseFactory
from tests.pages import read, tight


def names(answer):
    return [str(row.customer) for row in answer.context["page"].rows]


def search(desk, typed, **more):
    return names(desk.get("/customers/", {"q": typed, **more}))


CAST = [
    ("dana", ("Dana", "Levi"), {"email": "Dana.Levi@Example.org"}),
    ("hebrew", ("דנה", "לוי"), {"phone": "+972 52-123-4567"}),
    ("chinese", ("小明", "王"), {"external_id": "SHOP-77"}),
    ("jose", ("José", "Müller"), {"email": "jose@example.net"}),
    ("percent", ("50% Off", "Shop"), {}),
    ("under", ("A_B", "Test"), {}),
    ("axb", ("AXB", "Test"), {}),
    ("office", ("", "Oduya Catering Ltd"), {"organisation": "Oduya & Sons"}),
]


@pytest.fixture
def cast(db):
    """Eight people who are easily taken for one another.

    Each with an id of the shop's: one of our own is by lot, and may begin like a word.
    """
    people = {
        name: make_customer(*names, **{"external_id": f"REF-{letter}", **facts})
        for letter, (name, names, facts) in zip("IJKLMNOQ", CAST, strict=True)
    }
    OrderFactory(customer=people["jose"], number="Inv-10493", external_id="x1")
    return people


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("levi", ["Dana Levi"]),
        ("LEVI dana", ["Dana Levi"]),
        ("evi", ["Dana Levi"]),
        ("לוי", ["דנה לוי"]),
        ("דנ", ["דנה לוי"]),
        ("jose", ["José Müller"]),
        ("muller", ["José Müller"]),
        ("JOSE\u0301", ["José Müller"]),
        ("oduya sons", ["Oduya Catering Ltd"]),
        ("dana.levi@example.org", ["Dana Levi"]),
        ("DANA.LEVI@EX", ["Dana Levi"]),
        ("dana.levi", ["Dana Levi"]),
        ("+972 52 123", ["דנה לוי"]),
        ("00972521234567", ["דנה לוי"]),
        ("+972-(52)-1234567", ["דנה לוי"]),
        ("inv-10493", ["José Müller"]),
        ("INV-104", ["José Müller"]),
        ("50%", ["50% Off Shop"]),
        ("a_b", ["A_B Test"]),
        ("levi nobody", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("' OR 1=1--", []),
        ("'; DROP TABLE crm_customer; --", []),
        ("a\x00b", []),
        ("\x00", []),
        ("x" * 5000, []),
        ("<script>alert(1)</script>", []),
    ],
)
def test_a_search_finds_whom_it_means(desk, cast, typed, found):
    assert search(desk, typed) == found


@pytest.mark.parametrize("typed", ["王", "小", "王小明", "shop-77"])
def test_one_character_of_a_chinese_name_is_enough(desk, cast, typed):
    assert search(desk, typed) == ["王小明"]


def test_a_telephone_number_is_found_as_it_is_dialled_at_home(desk, cast):
    from crm.models import Business

    Business.objects.update(country="IL")

    assert search(desk, "052-123") == ["דנה לוי"]


def test_what_was_typed_is_shown_as_text(desk, db):
    page = desk.get(
        "/customers/", {"q": '"><script>alert(1)</script>'}
    ).content.decode()

    assert "<script>alert(1)" not in page
    assert "Nobody matches." in page


@pytest.mark.parametrize("gone", ["merged", "erased"])
def test_merged_and_erased_records_are_not_listed(desk, cast, gone):
    row = cast["dana"]
    row.merged_into = cast["jose"] if gone == "merged" else None
    row.erased_at = NOW if gone == "erased" else None
    row.save()

    assert search(desk, "levi") == []
    assert "Dana Levi" not in names(desk.get("/customers/"))


def everybody(count):
    return [
        CustomerFactory(given_name="Anna", family_name=f"Berg {number % 7}")
        for number in range(count)
    ]


def walk(desk, url, link):
    seen = []
    while url:
        page = desk.get(f"/customers/{url}").context["page"]
        seen.append([row.customer.pk for row in page.rows])
        url = getattr(page, link)
    return seen


@pytest.mark.parametrize("query", ["", "q=berg", "open=1"])
def test_the_pages_hold_everybody_once(desk, noa, query):
    people = everybody(123)
    for person in people:
        follow_ups.open_follow_up(
            customer_id=person.pk, why="Call", due_on=NOW.date(), now=NOW
        )

    pages = walk(desk, f"?{query}", "older_url")

    seen = [number for page in pages for number in page]
    assert [len(page) for page in pages] == [50, 50, 23]
    assert sorted(seen) == sorted(person.pk for person in people)
    by_name = {person.pk: (person.sort_name, person.pk) for person in people}
    assert seen == sorted(seen, key=by_name.__getitem__)


def test_the_way_back_leads_through_the_same_pages(desk):
    everybody(123)
    forth = walk(desk, "?", "older_url")

    back = walk(desk, f"?before={forth[2][0]}", "newer_url")

    assert back == [forth[1], forth[0]]


def test_a_page_whose_row_is_gone_is_the_first(desk, dana):
    assert names(desk.get("/customers/?after=999999")) == ["Dana Levi"]


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=abc",
        "after=9" + "9" * 40,
        "before=%00",
        "owner=x",
        "owner=-5",
    ],
)
def test_a_link_that_was_never_made_is_no_error(desk, dana, query):
    read(desk.get(f"/customers/?{query}"), "Customers", "</html>")


def test_the_owner_narrows_the_list(desk, noa, cast):
    tom = sign_up("tom", "agent")
    for name, owner in (("dana", noa), ("jose", tom)):
        cast[name].owner = owner
        cast[name].save()

    assert names(desk.get("/customers/?owner=me")) == ["Dana Levi"]
    assert names(desk.get(f"/customers/?owner={tom.pk}")) == ["José Müller"]
    assert len(names(desk.get("/customers/?owner=none"))) == 6


def test_the_filter_stays_while_paging(desk, noa):
    for person in everybody(60):
        person.owner = noa
        person.save()

    page = desk.get("/customers/?owner=me").context["page"]

    assert page.older_url.startswith("?owner=me&after=")


def test_a_row_shows_the_last_contact_and_score(desk, noa, dana):
    interactions.log_interaction(customer=dana, channel="call", body="Hello", now=NOW)
    interactions.log_interaction(
        customer=dana, channel="note", body="Ours", now=NOW, staff=noa
    )
    ResponseFactory(invitation__customer=dana, score=0, first_at=NOW)

    row = desk.get("/customers/").context["page"].rows[0]

    cells = {str(cell.label): cell.value for cell in row.cells}
    assert (cells["Last contact"], cells["Score"]) == (NOW.date(), 0)
    assert 'data-label="Score">0</td>' in tight(read(desk.get("/customers/")))


def test_the_day_of_the_last_contact_is_the_readers(client, dana):
    user = sign_up("kim", "agent")
    user.time_zone = "Asia/Tokyo"
    user.save()
    interactions.log_interaction(
        customer=dana, channel="call", body="Hi", now=NOW,
        happened_at=NOW - timedelta(hours=20),
    )  # fmt: skip
    client.force_login(user)

    # 16:00 UTC of the 17th is one o'clock of the 18th in Tokyo.
    cells = client.get("/customers/").context["page"].rows[0].cells

    assert NOW.date() in [cell.value for cell in cells]


def test_a_small_shop_is_counted(desk, cast):
    assert desk.get("/customers/").context["page"].about == "8 customers"


def test_a_search_shows_how_many_it_found(desk, cast):
    page = desk.get("/customers/", {"q": "test"}).context["page"]

    assert page.about == "2 found"


@pytest.mark.parametrize("count", [1, 60])
def test_the_number_of_queries_does_not_grow(
    desk, count, django_assert_max_num_queries
):
    people = everybody(count)
    for person in people[:10]:
        ResponseFactory(invitation__customer=person)
    # The first page of a session notes where it was opened.
    desk.get("/customers/")

    with django_assert_max_num_queries(13):
        answer = desk.get("/customers/")

    read(answer, str(people[0]))


def test_the_answer_to_htmx_is_the_part_alone(desk, dana):
    page = desk.get("/customers/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert "Dana Levi" in page
