"""Addresses: queries, numbers, rows and tokens that were never given out."""

import time

import pytest
from django.test import Client

from crm.access import GRANTS, Capability, Role
from crm.models import Customer
from tests.bad_inputs.support import CUSTOMERS, INTERACTIONS, assert_no_trace, filled
from tests.bad_inputs.values import QUERIES
from tests.journeys.reading import everything_stored, shown
from tests.pages import read

pytestmark = pytest.mark.django_db

LINKS = {"s": "survey", "r": "review", "u": "stop", "p": "preferences"}


# --- Addresses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["a" * 60_000, "a " * 20_000, "\u0301" * 20_000, "明" * 20_000]
)
def test_no_search_takes_long(owner, typed):
    begin = time.monotonic()

    answer = owner.get("/customers/", {"q": typed})

    assert answer.status_code in (200, 400, 414)
    assert b"</html>" in answer.content
    assert time.monotonic() - begin < 5


PAGES = (
    *("/", "/customers/", "/customers/{customer}/", "/follow-ups/", "/outbox/"),
    *("/surveys/{survey}/answers/", "/reviews/", "/automations/{automation}/"),
    "/public/reviews/",
)


@pytest.mark.parametrize("page", PAGES)
def test_no_query_breaks_a_page(owner, shop, page):
    read(owner.get(page.format(**shop.pks)), "</html>")
    for query in QUERIES:
        answer = owner.get(f"{page.format(**shop.pks)}?{query}")
        assert answer.status_code in (200, 400, 404), query
        assert_no_trace(answer)


@pytest.mark.parametrize("link", LINKS.values())
def test_no_query_breaks_a_customers_page(stranger, shop, link):
    for query in QUERIES[::3]:
        read(stranger.get(f"{shop.links[link]}?{query}"), "</html>")


@pytest.mark.parametrize(
    "query", ["customer=1&customer=2", "limit=1&limit=2", "page=-1", "fields=__class__"]
)
def test_the_api_refuses_a_query_without_meaning(api, query):
    assert api.get(f"{INTERACTIONS}?{query}").status_code == 400
    assert api.get(f"{CUSTOMERS}?email=a&email=b").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/customers/0/",
        "/customers/99999999999999999999999/",
        "/customers/%00/",
        "/customers/1%00/",
        "/customers/%ff%fe/",
        "/outbox/99999999999999999999999/",
        "/follow-ups/99999999999999999999999/",
        "/surveys/99999999999999999999999/",
        "/static/a%00b",
        "/static/..%2f..%2fetc/passwd",
        "/nothing/here/",
    ],
)
def test_an_address_of_nothing_is_not_found(owner, path):
    answer = owner.get(path)

    assert answer.status_code == 404
    assert_no_trace(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/crm/heartbeat/%00/change/",
        "/admin/messaging/message/?state__exact=%00",
        "/admin/crm/product/?nature__in=%00",
    ],
)
def test_the_admin_asks_the_database_for_no_nul(owner, path):
    assert owner.get(path).status_code == 400


def test_an_action_on_rows_that_cannot_be_is_refused(owner):
    data = {"action": "mark_done", "_selected_action": ["x", "9" * 5000]}

    assert owner.post("/admin/crm/followup/", data).status_code == 400


def test_who_may_not_use_the_admin_is_shown_who_may(shop):
    agent = Client()
    agent.force_login(shop.staff["agent"])

    answer = agent.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert "owners and managers" in shown(answer)
    allowed = {role for role in Role if Capability.USE_ADMIN in GRANTS[role]}
    assert allowed == {Role.OWNER, Role.MANAGER}


def test_an_assignment_to_no_user_is_not_done(owner, shop):
    path = f"/follow-ups/{shop.pks['follow_up']}/assign/"

    for number in ("9" * 5000, "9" * 30, "-1", "٣", "a\x00"):
        assert_no_trace(owner.post(path, {"assignee": number}))


def test_a_stale_form_of_the_admin_overwrites_nothing(owner, shop):
    """62: as on the shop's own page."""
    path = f"/admin/crm/customer/{shop.pks['customer']}/change/"
    form = owner.get(path).context["adminform"].form
    data = {bound.html_name: bound.value() or "" for bound in form}
    owner.post(path, {**data, "family_name": "First"})

    answer = owner.post(path, {**data, "family_name": "Second"})

    assert "in the meantime" in shown(answer)
    assert Customer.objects.get(pk=shop.pks["customer"]).family_name == "First"


# --- Links ---------------------------------------------------------------------------


def test_a_token_opens_only_the_page_it_was_made_for(stranger, shop):
    tokens = {name: shop.links[name].split("/")[2] for name in LINKS.values()}
    before = everything_stored()

    for prefix, own in LINKS.items():
        for name, token in tokens.items():
            for method in (stranger.get, stranger.post):
                if name == own:
                    continue
                answer = method(f"/{prefix}/{token}/")
                assert_no_trace(answer)
                if prefix == "u" and method == stranger.post:
                    # One answer for every one-click stop: a guess learns nothing.
                    assert (answer.status_code, answer.content) == (200, b"OK\n")
                    continue
                assert answer.status_code == 404, (prefix, name)
                assert "no longer works" in shown(answer)

    assert everything_stored() == before


@pytest.mark.parametrize(
    "token", ["%00", "a%00b", "%ff", "x" * 5_000, "..%2F..", "'--"]
)
@pytest.mark.parametrize("prefix", LINKS)
def test_any_other_token_gets_a_friendly_page(stranger, prefix, token):
    answer = stranger.get(f"/{prefix}/{token}/")

    assert answer.status_code == 404
    assert_no_trace(answer)


def test_the_form_that_came_too_large_is_named_on_its_page(owner, shop):
    path, data = filled(owner, shop, "new customer", "x" * 2_000_000)

    assert "more than a page takes" in shown(owner.post(path, data))
