"""An anniversary with a code, read in each language on a phone: redeemed at the till,
and refused the second time."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from loyalty.choices import Fulfilment, RewardKind
from loyalty.models import Grant
from loyalty.services import rewards
from messaging.models import Automation, Body
from messaging.rules.choices import Category
from messaging.services import automations, consent, planning, steps
from messaging.services.delivery import deliver
from tests.browser.test_access import LANGUAGES, PHONE, look, overflow
from tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(scope="module")
def codes(site, django_db_blocker):
    """Brought to a Miriam of each language by the mail of her anniversary: the code,
    and the mail as it is read."""
    with django_db_blocker.unblock():
        now = timezone.now()
        reward = rewards.create(
            kind=RewardKind.DISCOUNT, fulfilment=Fulfilment.CODE, words={}, now=now,
            values={"name": "Anniversary tenner", "amount": Decimal(10),
                    "life_days": 30, "is_offer": True, "roles": ["owner"],
                    "minimum": Decimal(40)},
        )  # fmt: skip
        # The shop's own; a journey may have made another one.
        row = Automation.objects.filter(kind="anniversary").earliest("pk")
        change(row, reward.pk)
        automations.switch_on(row, now=now - timedelta(days=2))
        people = {
            language: CustomerFactory(
                given_name="Miriam", family_name="Halevi", greeting_name="Miriam",
                since_on=now.date().replace(year=now.year - 3), time_zone="UTC",
                language=language,
            )
            for language in LANGUAGES
        }  # fmt: skip
        for miriam in people.values():
            consent.grant(
                miriam, categories=[Category.MARKETING], how="preference_page", now=now
            )
        planning.sweep(now=now, kinds=["anniversary"])
        deliver(now=now)
        yield {
            language: (
                Grant.objects.get(customer=miriam).code.text,
                Body.objects.get(message__customer=miriam, message__kind="anniversary"),
            )
            for language, miriam in people.items()
        }
        change(row, None)


def change(row, gift):
    row.refresh_from_db()
    steps.change(
        row, version=row.version, position=1, wait_days=0, stop_on=[], gift=gift,
        has_offer=False, without_offer_allowed=False, now=timezone.now(),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_anniversary_brings_a_code_that_the_till_takes_once(
    open_page, codes, language
):
    code, mail = codes[language]
    with override(language):
        told = f"{gettext('Your code:')} {code}"
    assert told in mail.text
    phone = open_page(width=PHONE)
    phone.set_content(mail.html)
    expect(phone.locator("body")).to_contain_text(code)
    expect(phone.locator("html")).to_have_attribute("lang", re.compile(language, re.I))
    side = "rtl" if language == "he" else "ltr"
    expect(phone.locator("html")).to_have_attribute("dir", side)
    assert overflow(phone) <= 0

    page = open_page("/till/", staff=True, width=390)
    page.get_by_label("Code").fill(code.lower().replace("-", " "))
    page.get_by_label("Code").press("Enter")
    expect(page.get_by_role("heading", name="This code is good")).to_be_visible()
    expect(page.locator("main")).to_contain_text("10.00 off")
    expect(page.locator("main")).to_contain_text("for Miriam")
    expect(page.locator("main")).not_to_contain_text("Halevi")
    assert look(page) == {}
    page.get_by_label("Amount of the order (EUR)").fill("40")
    page.get_by_role("button", name="Redeem", exact=True).click()
    expect(page.get_by_role("heading", name="Redeemed")).to_be_visible()

    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Look up another code").click()
    expect(page.get_by_role("alert")).to_contain_text("used already")
    expect(page.get_by_role("alert")).to_contain_text("at the till by Owner")
    assert look(page) == {}
    assert Grant.objects.get(code__text=code).state == "done"
