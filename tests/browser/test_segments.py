"""A segment built with htmx, looked at, and used by an automation."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.slow
def test_build_a_segment_and_use_it(open_page, site):
    page = open_page("/segments/new/", staff=True)
    page.get_by_label("Name", exact=True).fill("Spoken to")
    page.get_by_label("What is asked").select_option("since")
    expect(page.get_by_label("How it is asked")).to_have_value("in_last")
    page.get_by_label("How it is asked").select_option("known")
    expect(page.locator("#builder")).to_contain_text("Customer since: is known.")
    page.get_by_role("button", name="Condition", exact=True).click()
    page.get_by_label("What is asked").nth(1).select_option("email")
    expect(page.locator("#builder")).to_contain_text("Has an email address: yes.")
    assert look(page) == {}
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spoken to")

    page.get_by_role("link", name="Show the people").click()
    expect(page.get_by_label("Segment")).to_have_value(page.url.rpartition("=")[2])
    expect(page.locator("tbody tr").first).to_be_visible()
    assert look(page) == {}

    page.goto(f"/automations/{site.shop.pks['automation']}/?change=audience")
    page.locator("#id_segment").select_option(label="Spoken to")
    expect(page.locator("#audience")).to_contain_text("in “Spoken to”")
    assert look(page) == {}
