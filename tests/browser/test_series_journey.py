"""An owner makes a welcome series; somebody gets its first mail, buys, and gets no
more."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from messaging.models import Automation, Message, Run
from messaging.services import delivery, planning
from tests.browser.test_access import look
from tests.factories import CustomerFactory, OrderFactory

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

MINUTE = timedelta(minutes=1)
NAME = "Welcome, stopped by an order"


def committed(work):
    """In a thread, so that the server sees it: this test's writes are rolled back."""
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(60)
    return found[0]


@pytest.fixture
def put_away(site):
    """Before the next test looks at the shop."""
    yield
    committed(
        lambda: Automation.objects.filter(name=NAME).update(
            is_on=False, archived_at=timezone.now()
        )
    )


def newcomer():
    """Became a customer yesterday, where it is some minutes to nine now."""
    now = timezone.now()
    east = (8 - now.hour + 11) % 24 - 11
    zone = f"Etc/GMT{-east:+d}" if east else "UTC"
    there = (now + timedelta(hours=east)).date()
    return CustomerFactory(
        given_name="Ronit",
        since_on=there - timedelta(days=1),
        time_zone=zone,
        mail_ground="asked",
    )


def test_a_welcome_series_stops_when_the_person_buys(open_page, site, put_away):
    page = open_page("/automations/new/", staff=True)
    page.get_by_role("link", name="Welcome series").first.click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_role("button", name="Make it").click()
    # The second mail shall not go to whoever has bought again.
    page.get_by_text("Change step 2").click()
    second = page.locator(".p-step").nth(1)
    second.get_by_label("they bought").check()
    second.get_by_role("button", name="Save").click()
    expect(second).to_contain_text("they bought")
    assert look(page) == {}
    page.get_by_role("link", name="Switch on…").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch on:").click()
    expect(page.locator("#status")).to_contain_text("Switched on:")

    ronit = committed(newcomer)
    row = Automation.objects.get(name=NAME)
    committed(lambda: Automation.objects.filter(pk=row.pk).update(rests=False))
    at = timezone.now() + timedelta(hours=1)
    committed(lambda: planning.sweep(now=at, kinds=["welcome"]))
    committed(lambda: delivery.deliver(now=at))
    mine = Message.objects.filter(automation=row, customer=ronit)
    assert [(one.step, one.state) for one in mine] == [(1, "sent")]
    assert Run.objects.get(automation=row, customer=ronit).state == "open"

    # The next look sees that it has left.
    committed(lambda: planning.sweep(now=at + MINUTE, kinds=["welcome"]))
    page.goto(f"/customers/{ronit.pk}/")
    page.get_by_role("complementary").locator("summary").first.click()
    series = page.get_by_text(f"{NAME}: step 2 of 3")
    expect(series).to_be_visible()
    expect(series).to_contain_text("stops when they bought")
    assert look(page) == {}

    committed(lambda: OrderFactory(customer=ronit, ordered_at=at + 2 * MINUTE))
    for days in range(1, 8):
        later = at + timedelta(days=days)
        committed(lambda later=later: planning.sweep(now=later, kinds=["welcome"]))
    run = Run.objects.get(automation=row, customer=ronit)
    assert (run.state, run.reason_code) == ("stopped", "stopped_bought")
    assert mine.count() == 1
    page.reload()
    expect(series).to_have_count(0)
