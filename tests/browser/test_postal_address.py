"""Somebody enters an address in place, and it stands there as on a letter."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.slow
def test_an_address_is_entered_in_place(open_page, site):
    customer = site.shop.people["asked"].pk
    page = open_page(f"/customers/{customer}/", staff=True)
    page.locator("#fact-postal_address a").click()
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Street").fill("Hauptstr. 5")
    page.get_by_label("Town or city").fill("Gießen")
    page.locator("#fact-postal_address").get_by_role("button", name="Save").click()

    address = page.locator("#fact-postal_address")
    expect(address.locator("bdi")).to_contain_text(["GIESSEN", "GERMANY"])
    expect(address).to_contain_text("Missing for a letter: Postcode")
    expect(page.locator("#fact-country")).to_contain_text("Germany")
    assert look(page) == {}
