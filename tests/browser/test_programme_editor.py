"""The owner makes a programme with a rule and a first step, tries the rule on past
orders, and sees the member's page in Hebrew."""

import pytest
from playwright.sync_api import expect

from loyalty.models import Membership
from loyalty.services import member_links
from tests.browser.test_access import look
from tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def noor(site, django_db_blocker):
    """Reads Hebrew."""
    with django_db_blocker.unblock():
        yield CustomerFactory(given_name="Noor", family_name="Lahav", language="he")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def test_from_a_new_programme_to_the_page_of_a_member(open_page, noor):
    page = open_page("/programmes/", staff=True, width=390)
    page.get_by_role("link", name="New programme").click()
    page.get_by_label("Name", exact=False).first.fill("Leaves")
    page.locator("[name=worth]").fill("1")
    for language, words in {
        "en": ("Leaves", "leaf", "leaves"),
        "he": ("עלים", "עלה", "עלים"),
    }.items():
        for name, typed in zip(("name", "unit_one", "unit_many"), words, strict=True):
            page.locator(f"[name={name}_{language}]").fill(typed)
    assert look(page) == {}
    page.set_viewport_size({"width": 390, "height": 780})
    press(page, "Save")
    expect(page.locator("main")).to_contain_text("It earns on nothing yet.")

    page.get_by_role("link", name="An order", exact=True).click()
    page.locator("[name=units]").fill("2")
    press(page, "Try it on your own orders")
    expect(page.locator("main")).to_contain_text("Nothing was saved yet.")
    assert page.locator("[name=units]").input_value() == "2"
    assert look(page) == {}
    page.set_viewport_size({"width": 390, "height": 780})
    press(page, "Save")
    page.get_by_role("link", name="A first step", exact=True).click()
    page.locator("[name=name]").fill("Tell us your favourite")
    page.locator("[name=units]").fill("50")
    page.locator("[name=name_he]").fill("מה הכי אהוב עליכם?")
    press(page, "Save")
    page.get_by_role("link", name="Look at your own orders").click()
    press(page, "Switch on")
    expect(page.locator("main")).to_contain_text("On: orders earn.")

    page.goto(f"/till/customers/{noor.pk}/")
    press(page, "Begin: Leaves")
    expect(page.locator(".p-till-worth")).to_have_text("0 leaves")
    member = Membership.objects.get(customer=noor, programme__name="Leaves")
    page.goto(f"/members/{member.pk}/")
    page.locator("button[value=done]").click()
    expect(page.locator("h1")).to_contain_text("50 leaves")
    assert look(page) == {}
    page.set_viewport_size({"width": 390, "height": 780})
    own = f"/m/{member_links.token_of(noor.pk)}/?lang=he"
    page.goto(own)
    expect(page.locator("main")).to_contain_text("50 עלים")
    expect(page.locator("svg.bars")).to_have_count(1)
    assert look(page) == {}
    page.goto(f"/members/{member.pk}/")
    page.locator("button[value=undone]").click()
    expect(page.locator("h1")).to_contain_text("0 leaves")
