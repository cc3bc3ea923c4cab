"""An owner makes an automation, words it, tests it and switches it on."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import CoreMark, Customer, OrderSum, Segment
from crm.services import order_sums
from messaging.models import Automation, Message
from tests.browser.test_access import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def core(site, django_db_blocker):
    """Its name; one of the core has their day in three weeks, and no other anniversary
    goes first. All of it is put back before the next test looks at the shop."""
    name, now = "Thanks to the core", timezone.now()
    # Outside the transaction of a test, in which the site would not see it.
    with django_db_blocker.unblock():
        order_sums.mark_core(now=now)
        one = Customer.objects.get(pk=OrderSum.objects.latest("total").customer_id)
        day = now.date() + timedelta(days=21)
        # A year that has a 29 February, for whenever this runs.
        Customer.objects.filter(pk=one.pk).update(since_on=day.replace(year=2020))
        others = Automation.objects.filter(kind="anniversary", is_on=True)
        off = [*others.values_list("pk", flat=True)]
        others.update(is_on=False)
    yield name
    with django_db_blocker.unblock():
        Automation.objects.filter(pk__in=off).update(is_on=True)
        Customer.objects.filter(pk=one.pk).update(since_on=one.since_on)
        CoreMark.objects.all().delete()
        Automation.objects.filter(name=name).update(is_on=False, archived_at=now)


def test_an_anniversary_from_the_gallery_to_the_first_day(open_page, site, core):
    segment = Segment.objects.get(shipped="core")
    page = open_page("/automations/", staff=True)
    page.get_by_role("link", name="New automation").click()
    page.get_by_role("link", name="Thanks on the anniversary").click()
    page.get_by_label("Name").fill(core)
    page.get_by_role("button", name="Make it").click()

    # For whom: pressed by the keyboard alone; the part has the focus again.
    page.get_by_role("link", name="Everybody (change)").press("Enter")
    page.get_by_label("Segment", exact=False).first.select_option(str(segment.pk))
    expect(page.locator("#audience")).to_contain_text("people now:")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".p-sentence a:focus")).to_contain_text(segment.name)

    # Words: the preview follows what is typed.
    page.locator(".p-step").get_by_role("link", name="English").click()
    page.get_by_label("Thanks").fill("Here is to ")
    page.locator("[data-chips-for=id_thanks] button", has_text="{years}").click()
    mail = page.locator("iframe").last.content_frame.locator("body")
    expect(mail).to_contain_text(re.compile(r"Here is to \d+ years"))
    expect(page.locator("iframe")).to_have_count(1)
    page.get_by_label("Phone").check()
    expect(page.locator("iframe.p-phone")).to_be_visible()
    assert look(page) == {}
    page.set_viewport_size({"width": 1280, "height": 780})
    page.get_by_role("button", name="Save and send me a test").click()
    expect(page.locator("#status")).to_contain_text("A test is on its way to")
    assert Message.objects.filter(kind="automation_test").count() == 1

    # The order, by keys.
    page.goto("/automations/")
    row = page.locator("li", has_text=core)
    place = int(row.locator(".p-kind").inner_text())
    row.get_by_role("link").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(row.locator(".p-kind")).to_have_text(str(place - 1))
    page.get_by_role("button", name="Undo").click()
    expect(row.locator(".p-kind")).to_have_text(str(place))

    # Switched on after the number was read.
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Next 30 days")).to_be_visible()
    expect(page.get_by_role("link", name="Goes: 1", exact=True)).to_be_visible()
    page.get_by_text("Day by day").click()
    expect(
        page.get_by_role("link", name=re.compile(r"\d{4}: Goes: 1$"))
    ).to_be_visible()
    page.get_by_role("link", name="Switch on…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It will send 1 mail in 30 days, 0 of them today.")
    assert not Automation.objects.get(name=core).is_on
    dialog.get_by_role("button", name="Switch on:").click()
    expect(page.locator("#status")).to_contain_text("Switched on: 1 mail in 30 days.")
    assert Automation.objects.get(name=core).is_on
