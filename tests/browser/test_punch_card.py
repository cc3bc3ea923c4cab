"""A punch card: switched on after its forecast, stamped, redeemed and undone at the
till; a purchase brings a stamp, and its return takes it back."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.services import orders as crm_orders
from crm.services.orders import OrderLineInput
from loyalty.models import Membership, Programme
from loyalty.services import member_links
from loyalty.services.programmes import orders
from tests.browser.test_access import look
from tests.factories import CustomerFactory
from tests.loyalty.test_passes_together import Beside

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def noor(site, django_db_blocker):
    """Found at the till by her name alone."""
    with django_db_blocker.unblock():
        yield CustomerFactory(given_name="Noor", family_name="Castellan")


def press(page, name, *, exact=False):
    page.get_by_role("button", name=name, exact=exact).first.click()


def sell(person, order, quantity, **line):
    """As the shop's system reports it, and the tick after; by a connection of its own,
    so that the server sees it."""

    def work():
        now = timezone.now()
        crm_orders.record_order(
            customer=person, order_id=order, ordered_at=now, delivered_at=now, now=now,
            lines=[OrderLineInput("LATTE", Decimal(quantity), Decimal(4), **line)],
        )  # fmt: skip
        orders.process_pending(now=now)

    Beside(work).done()


def at_till(page):
    page.goto("/till/members/")
    page.get_by_label("Telephone number").fill("Castellan")
    press(page, "Find")


def test_a_card_goes_from_its_forecast_over_the_till_to_the_member(open_page, noor):
    page = open_page("/programmes/", staff=True, width=390)
    press(page, "The tenth free")
    expect(page.locator("main")).to_contain_text("Orders since")
    assert look(page) == {}
    press(page, "Switch on")
    expect(page.locator("main")).to_contain_text("On: orders earn.")
    assert look(page) == {}

    at_till(page)
    press(page, "Begin: The tenth free")
    for stamps in range(2, 12, 2):
        press(page, "+2 stamps", exact=True)
        expect(page.locator(".p-till-worth")).to_have_text(f"{stamps} stamps")
    assert look(page) == {}
    press(page, "Redeem:")
    expect(page.locator(".p-till-worth")).to_have_text("0 stamps")
    expect(page.get_by_role("heading", name="Their codes")).to_be_visible()
    assert look(page) == {}
    press(page, "Undo the reward")
    expect(page.locator(".p-till-worth")).to_have_text("10 stamps")
    expect(page.get_by_role("heading", name="Their codes")).to_have_count(0)
    press(page, "Undo +2 stamps")
    expect(page.locator(".p-till-worth")).to_have_text("8 stamps")

    card = Programme.objects.get(name="The tenth free")
    member = Membership.objects.get(customer=noor, programme=card)
    for path in (
        f"/members/?programme={card.pk}&find=Castellan",
        f"/members/{member.pk}/",
    ):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("8 stamps")
        assert look(page) == {}, path
    page = open_page(f"/m/{member_links.token_of(noor.pk)}/?lang=he", width=390)
    expect(page.locator("main")).to_contain_text("8 חותמות")
    assert look(page) == {}

    for language in ("zh-hans", "zh-hant"):
        own = f"/m/{member_links.token_of(noor.pk)}/?lang={language}"
        page = open_page(own, width=390)
        expect(page.locator("main")).to_contain_text("8 枚")
        assert look(page) == {}, language

    own = f"/m/{member_links.token_of(noor.pk)}/?lang=en"
    for (order, quantity, named), stamps in (
        (("N-1", 1, ""), 9),
        (("N-2", -1, "N-1"), 8),
    ):
        sell(noor, order, quantity, returns_order=named)
        page = open_page("/programmes/", staff=True, width=390)
        at_till(page)
        # Beside it stands what the purchase brought in programmes of the demo's shop.
        ours = page.locator(".p-till-worth", has_text=f"{stamps} stamps")
        expect(ours).to_have_count(1)
        page = open_page(own, width=390)
        expect(page.locator("main")).to_contain_text(f"{stamps} stamps")
    expect(page.locator("main")).to_contain_text("after a return")
    expect(page.locator("main")).to_contain_text("\u22121 stamp")
