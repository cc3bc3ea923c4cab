"""Somebody makes a field, fills it, sorts the list by it and chooses people by it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import CustomField
from crm.services import jobs
from crm.sql import custom_fields as sql
from tests.browser.test_access import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def without_indexes(site):
    yield
    with sql.outside() as cursor:
        for pk in CustomField.objects.values_list("pk", flat=True):
            cursor.execute(sql.drop_index(f"customer_custom_{pk}"))


@pytest.mark.slow
def test_make_a_field_fill_it_sort_by_it_and_choose_by_it(
    open_page, site, without_indexes
):
    page = open_page("/settings/fields/new/", staff=True)
    page.get_by_label("Name").fill("Cups a day")
    page.get_by_label("What it holds").select_option("number")
    page.get_by_role("button", name="Make the field").click()
    page.get_by_label("The customer list can be sorted by it").check()
    page.get_by_label("A column of the customer list").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Its index is being built")).to_be_visible()
    assert look(page) == {}
    while jobs.work(now=timezone.now(), seconds=60).is_unfinished:
        pass
    page.reload()
    expect(page.get_by_text("The list can be sorted by it.")).to_be_visible()

    page.set_viewport_size({"width": 1280, "height": 780})
    for name, cups in (("asked", "2"), ("regular", "10")):
        fill(page, site.shop.people[name].pk, cups)

    page.goto("/customers/")
    page.get_by_label("Sorted by").select_option(label="Cups a day, from high")
    first = page.locator("tbody tr").first
    expect(first.locator("[data-label='Cups a day']")).to_have_text("10")
    assert look(page) == {}

    page.set_viewport_size({"width": 1280, "height": 780})
    page.goto("/segments/new/")
    page.get_by_label("Name", exact=True).fill("Drinks much")
    page.get_by_label("What is asked").select_option(label="Cups a day")
    page.get_by_label("Value").fill("5")
    page.get_by_label("Value").press("Tab")
    expect(page.locator("#builder")).to_contain_text("Cups a day: at least 5.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Show the people").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def fill(page, customer, cups):
    """In place, beside the timeline."""
    field = CustomField.objects.get(label="Cups a day")
    page.goto(f"/customers/{customer}/")
    fact = page.locator(f"#fact-{field.name}")
    fact.get_by_role("link").click()
    fact.get_by_label("Cups a day").fill(cups)
    fact.get_by_role("button", name="Save", exact=True).click()
    expect(fact.locator("bdi")).to_have_text(cups)
