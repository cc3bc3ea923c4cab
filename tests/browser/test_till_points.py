"""Points pay a share of an order at the till and are undone; the member reads each
line."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import User
from loyalty.services import member_links
from loyalty.services.programmes import programmes, ready_made
from tests.browser.test_access import look
from tests.factories import CustomerFactory
from tests.loyalty.programme_shop import earn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def noor(site, django_db_blocker):
    """With more lines than her page shows at once, of points that pay a cent each and
    half of an order."""
    with django_db_blocker.unblock():
        now, ready = timezone.now(), ready_made.READY_MADE["points"]
        owner = User.objects.filter(role="owner").earliest("pk")
        made = ready_made.make(
            ready, name="Points of Noor", reward_name="A bag", by=owner, now=now
        )
        half = {"share_percent": 50}
        programmes.change(made, version=made.version, values=half, now=now)
        programmes.switch_on(made, now=now)
        person = CustomerFactory(given_name="Noor", family_name="Ode", language="he")
        for number in range(25):
            earn(person, made, 100 + number, now)
        yield person


def test_points_pay_half_an_order_and_every_line_is_there_to_read(open_page, noor):
    page = open_page(f"/till/customers/{noor.pk}/", staff=True, width=390)
    page.get_by_label("Amount of the order").fill("20.50")
    page.get_by_role("button", name="What does it pay").click()
    expect(page.get_by_label("How many they use")).to_have_value("1025")
    expect(page.locator("main")).to_contain_text("€10.25 is left to pay.")
    assert look(page) == {}
    page.get_by_role("button", name="Pay with it").click()
    page.get_by_role("button", name="Undo 1,025 points for €10.25").click()
    expect(page.locator(".p-till-worth")).to_have_text("2,800 points")

    for language in ("he", "zh-hans"):
        own = f"/m/{member_links.token_of(noor.pk)}/?lang={language}"
        page = open_page(own, width=390)
        page.locator("summary").first.click()
        page.locator("details a").first.click()
        # What was spent, what came back, and what was there before.
        expect(page.locator("main li")).to_have_count(2 + 25)
        expect(page.locator("main li").last).to_contain_text("+100")
        assert look(page) == {}, language
