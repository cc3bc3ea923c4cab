"""Whom an automation is for, counted while it is chosen."""

import pytest
from playwright.sync_api import expect

from messaging.models import Automation

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_the_count_follows_the_fields_before_anything_is_saved(open_page, site):
    row = Automation.objects.get(pk=site.shop.pks["automation"])
    page = open_page(f"/automations/{row.pk}/?change=audience", staff=True)
    audience = page.locator("#audience")
    expect(audience).to_contain_text("Everybody")

    page.get_by_label("Found by").press_sequentially("nobody is called so")
    expect(audience).to_contain_text("0 people now")
    page.get_by_label("Found by").fill("")
    page.get_by_label("Whose customers").select_option("none")
    expect(audience).to_contain_text("Nobody’s customers")

    row.refresh_from_db()
    assert row.audience == ""
