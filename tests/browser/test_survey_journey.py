"""From an owner's idea to the first answers: a survey with a branch, tried, put live,
sent to a segment, answered on phones in four languages, and read."""

import re
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from crm.services import segments
from messaging.models import Body
from messaging.services import delivery, planning
from surveys import words
from surveys.models import Answer, Response, Survey
from tests.browser.test_access import EVERYTHING, LANGUAGES, PHONE, overflow, serious
from tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

NAME = "After the fair"
MALTA = {
    "match": "all",
    "parts": [{"field": "country", "is": "any_of", "values": ["MT"]}],
}


@pytest.fixture(scope="module")
def people(site, django_db_blocker):
    """By language, one each; they are a segment."""
    with django_db_blocker.unblock():
        segments.create(name=NAME, conditions=MALTA, by=None, now=timezone.now())
        return {
            language: CustomerFactory(country="MT", language=language, time_zone="UTC")
            for language in LANGUAGES
        }


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


def is_fine(page):
    """Nothing that axe calls serious, and as wide as its window."""
    return (serious(page, EVERYTHING), overflow(page) > 0) == ([], False)


def press(page, name, role="button"):
    page.get_by_role(role, name=name, exact=True).first.click()


def make(page):
    """A survey with a branch, as it comes with the program: tried, then live."""
    page.goto("/surveys/new/")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Four questions about an order").check()
    press(page, "Make the survey")
    expect(page.locator("main")).to_contain_text("What went wrong?")
    assert is_fine(page)
    questions = page.url
    press(page, "English", "link")
    # The unhappy are asked what went wrong; nothing is kept of a trial.
    page.get_by_role("radio").first.check(force=True)
    page.locator("button:visible").first.click()
    expect(page.get_by_role("group", name="What went wrong?")).to_be_visible()
    page.get_by_role("checkbox", name="The price").check()
    page.locator("button:visible").first.click()
    expect(page.locator("main")).to_contain_text("This was a trial")
    page.goto(questions)
    press(page, "Put it live")
    expect(page.locator("main")).to_contain_text("It is live as it stands below.")


def send(page):
    """Once, today, to the segment alone."""
    page.goto("/automations/new/")
    page.get_by_role("link", name="A survey to some people, once").click()
    page.get_by_label("Name").fill(NAME)
    press(page, "Make it")
    automation = page.url.partition("?")[0]
    page.goto(f"{automation}?change=all")
    page.get_by_label("Survey").select_option(label=NAME)
    page.locator("[name=segment]").select_option(label=NAME)
    page.locator("[name=send_hour]").select_option("0")
    press(page, "Save")
    press(page, "Day, start and progress", "link")
    page.get_by_label("Day").fill(timezone.now().date().isoformat())
    press(page, "Save")
    assert is_fine(page)
    page.get_by_role("button", name="Let it go: 4 people are in it now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Going")
    now = timezone.now()
    committed(lambda: planning.sweep(now=now, kinds=["survey_campaign"]))
    committed(lambda: delivery.deliver(now=now))


def four_stars_in_mail_to(customer):
    """Where the fourth star of the mail leads."""
    mail = Body.objects.get(
        message__customer=customer, message__kind="survey_campaign"
    ).html
    return re.search(r'href="[^"]*(/s/[\w-]+/\?score=4)"', mail)[1]


def answer(phone, language):
    """Four stars, and all that follows: as they are named to readers."""
    html = phone.locator("html")
    expect(html).to_have_attribute("dir", "rtl" if language == "he" else "ltr")
    with override(language):
        asked = gettext("How satisfied are you with your order?")
        difficult, delivery = (
            gettext("Was anything difficult?"),
            gettext("The delivery"),
        )
        missing = gettext("What should we offer that we do not have?")
        recommend, why = words.question(), gettext("And why?")
        thanks = gettext("Thank you. Your answer has arrived.")
    stars = phone.get_by_role("group", name=asked).get_by_role("radio")
    expect(stars).to_have_count(5)
    # Pressed in the mail, so chosen here; it counts once a button was pressed.
    expect(stars.nth(3)).to_be_checked()
    assert is_fine(phone)
    phone.locator("button:visible").first.click()
    group = phone.get_by_role("group", name=difficult)
    group.get_by_role("checkbox", name=delivery).check()
    assert is_fine(phone)
    phone.locator("button:visible").first.click()
    phone.get_by_role("textbox", name=missing).fill("Decaf")
    phone.locator("button:visible").first.click()
    phone.get_by_role("group", name=recommend).get_by_role("radio", name="9").check(
        force=True
    )
    phone.locator("button:visible").first.click()
    phone.get_by_role("textbox", name=why).fill("Fresh")
    phone.locator("button:visible").first.click()
    expect(phone.locator("h1")).to_have_text(thanks, use_inner_text=True)
    assert is_fine(phone)


def reads_from_right_to_left(page, survey, settings):
    """What is not translated stands there in English."""
    settings.STAFF_LANGUAGES, settings.LANGUAGE_CODE = [("he", "Hebrew")], "he"
    paths = (
        "",
        "answers/",
        "questions/",
        "question/difficult/",
        "requests/",
        "who-is-asked/",
    )
    for width in (1280, PHONE):
        page.set_viewport_size({"width": width, "height": 780})
        for path in paths:
            page.goto(f"/surveys/{survey.pk}/{path}")
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            assert is_fine(page), (path, width)


def test_from_the_idea_to_the_first_answers(open_page, people, settings):
    staff = open_page(staff=True)
    make(staff)
    survey = Survey.objects.get(name=NAME)
    assert not Response.objects.filter(survey=survey).exists()
    send(staff)

    for language, customer in people.items():
        answer(open_page(four_stars_in_mail_to(customer), width=PHONE), language)

    given = Response.objects.filter(survey=survey, state="confirmed", score=4)
    assert set(given.values_list("language", flat=True)) == set(LANGUAGES)
    rows = Answer.objects.filter(response__survey=survey)
    asked = {"difficult", "missing", "recommend", "why"}
    assert {row.question for row in rows} == asked
    # The score, what each of them wrote, and the way to every answer.
    staff.goto(f"/surveys/{survey.pk}/")
    expect(staff.locator("main")).to_contain_text("4 of 4")
    expect(staff.get_by_text("Decaf")).to_have_count(4)
    assert is_fine(staff)
    staff.goto(f"/surveys/{survey.pk}/answers/")
    expect(staff.locator("tr[data-row]")).to_have_count(4)
    assert is_fine(staff)
    reads_from_right_to_left(staff, survey, settings)
