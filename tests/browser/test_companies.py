"""A company is made, people are linked with their roles, and its whole is looked at."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import look

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
DESKTOP = {"width": 1280, "height": 780}


def test_make_companies_link_people_and_see_the_whole(open_page, site):
    asked, regular = (site.shop.people[name] for name in ("asked", "regular"))
    page = open_page("/companies/", staff=True)
    for name, parent in (("Teacup Group", ""), ("Teacup Leeds", "Teacup Group")):
        page.goto("/companies/")
        page.get_by_role("link", name="New company").click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Parent company").fill(parent)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)

    for person, firm, role in (
        (asked, "Teacup Group", "Director"), (regular, "Teacup Leeds", "Buyer"),
    ):  # fmt: skip
        page.goto(f"/customers/{person.pk}/companies/link/")
        page.get_by_label("Company", exact=True).fill(firm)
        page.get_by_label("Role in the company").fill(role)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("aside")).to_contain_text(firm)
    page.locator("aside").get_by_role("link", name="Teacup Leeds").click()
    page.get_by_role("link", name="Teacup Group").click()

    people = page.get_by_role("table", name="People by name")
    expect(people.get_by_role("row")).to_have_count(3)
    expect(people).to_contain_text("Director")
    expect(people).to_contain_text("Buyer")
    expect(page.locator("aside")).to_contain_text("Branch")
    assert look(page) == {}


def test_two_who_edit_at_once_lose_nothing(open_page):
    first, second = (open_page("/companies/new/", staff=True) for _ in range(2))
    first.get_by_label("Name", exact=True).fill("Twice edited")
    first.get_by_role("button", name="Save").click()
    first.get_by_role("link", name="Edit").click()
    second.goto(first.url)
    second.get_by_label("Address").fill("5 High Street")
    second.get_by_role("button", name="Save").click()
    expect(second.locator("aside")).to_contain_text("5 High Street")

    first.get_by_label("Domain").fill("twice.example")
    first.get_by_role("button", name="Save").click()
    told = first.get_by_role("alert")
    expect(told).to_contain_text("Somebody else saved this")
    expect(told).to_contain_text("5 High Street")
    assert look(first) == {}
    first.set_viewport_size(DESKTOP)
    first.get_by_label("Address").fill("5 High Street")
    first.get_by_role("button", name="Save").click()

    for kept in ("twice.example", "5 High Street"):
        expect(first.locator("aside")).to_contain_text(kept)
