"""A campaign is started, and stopped while it goes."""

from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from crm import selectors as crm
from messaging.models import Message
from messaging.services import delivery, planning
from tests.browser.test_access import look
from tests.factories import UserFactory
from tests.loyalty.campaign_shop import campaign_of, readers

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

READERS = 6


@pytest.fixture(scope="module")
def campaign(site, django_db_blocker):
    """For six people, today, from midnight on."""
    with django_db_blocker.unblock():
        nils = UserFactory(name="Nils", email="nils@kettle.example", role="agent")
        for one in readers(READERS):
            one.owner = nils
            one.save()
        now = timezone.now()
        return campaign_of(
            f"owner={nils.pk}",
            on=crm.business().day(now),
            name="Half way",
            send_hour=0,
            now=now,
        )


def committed(work):
    """In a thread, so that the server sees it: this test's writes are rolled back."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(60)


def test_a_campaign_is_stopped_half_way(open_page, campaign):
    page = open_page(f"/campaigns/{campaign.pk}/", staff=True)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Half way")
    assert look(page) == {}
    page.get_by_role("button", name="Let it go").click()
    expect(heading).to_contain_text("Going")

    # At noon, outside the quiet hours, whenever this test runs.
    noon = timezone.now().replace(hour=12)
    # What other tests of this site left to be sent must not take one of the two places.
    committed(lambda: delivery.deliver(now=noon))
    committed(lambda: planning.sweep(now=noon, kinds=["campaign"]))
    committed(lambda: delivery.deliver(now=noon, limit=2))
    page.goto("/")
    item = page.locator(f"#campaign-{campaign.pk}")
    expect(item).to_contain_text(f"2 of {READERS} mails left")
    assert look(page) == {}
    item.get_by_role("link", name="Look").click()
    expect(page.get_by_text("2 of 6 mails left, 4 wait.")).to_be_visible()
    assert look(page) == {}
    page.get_by_role("button", name="Stop").click()
    expect(heading).to_contain_text("Stopped")
    expect(page.get_by_text("2 of 2 mails left, 4 taken back.")).to_be_visible()

    committed(lambda: delivery.deliver(now=noon))
    states = Message.objects.filter(automation=campaign.pk).values_list("state")
    assert sorted(state for (state,) in states) == ["sent"] * 2 + ["superseded"] * 4
