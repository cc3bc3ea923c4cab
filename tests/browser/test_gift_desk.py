"""A signed letter: given by an automation, printed in each language, done, on the
timeline."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from loyalty.choices import Fulfilment, RewardKind
from loyalty.models import Grant
from loyalty.services import rewards
from loyalty.services.rewards import Words
from messaging.models import Automation
from messaging.services import automations, planning
from messaging.services.delivery import deliver
from tests.browser.test_access import LANGUAGES, look
from tests.browser.test_till import change
from tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


NAMES = {"en": "Yael", "he": "יעל", "zh-hans": "雅艾", "zh-hant": "雅艾兒"}
# Staff wrote words in Hebrew; else ours are printed.
SAID = {
    "en": "Thank you for being with us.",
    "he": "תודה על 4 שנים",
    "zh-hans": "感谢您一路相伴",
    "zh-hant": "感謝您一路相伴",
}


@pytest.fixture(scope="module")
def letters(site, django_db_blocker):
    """Given to a Yael of each language with the mail of her anniversary; due in five
    days."""
    with django_db_blocker.unblock():
        now = timezone.now()
        reward = rewards.create(
            kind=RewardKind.LETTER, fulfilment=Fulfilment.DESK, now=now,
            values={"name": "Letter of thanks", "roles": ["owner"], "days_to_do": 5},
            words={"he": Words("מכתב", card="{first_name},\n\nתודה על {years}.")},
        )  # fmt: skip
        # The first: other tests of this site make more of the kind.
        row = Automation.objects.filter(kind="anniversary").earliest("pk")
        change(row, reward.pk)
        automations.switch_on(row, now=now - timedelta(days=2))
        people = {
            language: CustomerFactory(
                given_name=name, family_name="כהן", greeting_name=name,
                language=language, time_zone="UTC",
                since_on=now.date().replace(year=now.year - 4),
                street="הרצל 12", city="תל אביב", postcode="6688312", country="IL",
            )
            for language, name in NAMES.items()
        }  # fmt: skip
        planning.sweep(now=now, kinds=["anniversary"])
        deliver(now=now)
        yield {
            language: Grant.objects.get(customer=yael)
            for language, yael in people.items()
        }
        row.refresh_from_db()
        change(row, None)


def size_of(pdf):
    """Width and height of each page of a PDF, in points; rounded."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]


def printed(page):
    return page.pdf(prefer_css_page_size=True, print_background=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_goes_from_an_automation_over_the_desk_to_the_timeline(
    open_page, letters, language
):
    letter, side = letters[language], "rtl" if language == "he" else "ltr"
    page = open_page("/gifts/", staff=True, width=390, color_scheme="dark")
    row = page.locator(f"#grant-{letter.pk}")
    expect(row).to_contain_text("Letter of thanks")
    expect(row).to_contain_text(f"{NAMES[language]} כהן")
    assert look(page) == {}

    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Print cards").click()
    card = page.locator(".p-gift-card")
    expect(card).to_contain_text(SAID[language])
    expect(card).to_contain_text(NAMES[language])
    assert card.get_attribute("dir") == side
    assert card.get_attribute("lang").lower() == language
    assert look(page) == {}
    assert size_of(printed(page)) == [(298, 420)]

    page.goto(f"/gifts/labels/?ids={letter.pk}")
    label = page.locator(".p-sheet .p-label")
    expect(label).to_contain_text("הרצל 12")
    assert label.get_attribute("dir") == "rtl"
    assert look(page) == {}
    assert size_of(printed(page)) == [(595, 842)]

    page.goto("/gifts/?tab=all")
    row.get_by_role("link", name="Letter of thanks").focus()
    page.keyboard.press("e")
    expect(row).to_have_count(0)
    page.goto(f"/customers/{letter.customer_id}/")
    entry = page.locator(f"#grant-{letter.pk}, [id$='grant-{letter.pk}']").first
    expect(entry).to_contain_text("Letter of thanks")
    expect(entry).to_contain_text("Done")
