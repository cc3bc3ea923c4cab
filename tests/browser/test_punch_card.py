"""A punch card: switched on after its forecast, stamped, redeemed and undone at the
till."""

import pytest
from playwright.sync_api import expect

from loyalty.models import Membership, Programme
from loyalty.services import member_links
from tests.browser.test_access import look
from tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def noor(site, django_db_blocker):
    """Found at the till by her name alone."""
    with django_db_blocker.unblock():
        yield CustomerFactory(given_name="Noor", family_name="Castellan")


def press(page, name, *, exact=False):
    page.get_by_role("button", name=name, exact=exact).first.click()


def test_a_card_goes_from_its_forecast_over_the_till_to_the_member(open_page, noor):
    page = open_page("/programmes/", staff=True, width=390)
    press(page, "The tenth free")
    expect(page.locator("main")).to_contain_text("in the past year")
    assert look(page) == {}
    press(page, "Switch on")
    expect(page.locator("main")).to_contain_text("On: orders earn.")
    assert look(page) == {}

    page.goto("/till/members/")
    page.get_by_label("Telephone number").fill("Castellan")
    press(page, "Find")
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
