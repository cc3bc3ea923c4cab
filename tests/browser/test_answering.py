"""Customers answer surveys on a phone, by keyboard, at the till."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from messaging.services import links
from surveys.kinds.mails import link_to
from surveys.models import Response, ShareLink
from surveys.services import share_links
from tests.browser.test_access import EVERYTHING, LANGUAGES, PHONE, overflow, serious
from tests.factories import CustomerFactory, InvitationFactory, SurveyFactory
from tests.surveys.test_pages import ALL, BRANCHED, choice, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]

# A survey that is not written in Chinese: its readers get the language of the shop.
WRONG = dict.fromkeys(LANGUAGES, "What went wrong?") | {"he": "ה What went wrong?"}
# As phones ask for them.
ASKED_BY_PHONES = {
    "en": "en-GB,en;q=0.9",
    "he": "he-IL,he;q=0.9,en;q=0.5",
    "zh-hans": "zh-CN,zh;q=0.9",
    "zh-hant": "zh-TW,zh;q=0.9",
}
TILL = {
    "questions": [
        {"key": "score", "kind": "score", "scale": "csat", "look": "faces"},
        {
            "key": "found",
            "kind": "source",
            "texts": words("How did you find us?"),
            "choices": [choice("friend"), choice("search")],
        },
    ]
}


def asked(content, **kwargs):
    """The path of a personal link to a survey of these questions, sent just now."""
    now = timezone.now()
    invitation = InvitationFactory(
        survey=SurveyFactory(kind="csat", content=content, **kwargs),
        customer=CustomerFactory(),
        invited_at=now,
    )
    token = links.make(
        link_to(invitation),
        customer_id=invitation.customer_id,
        message_id=invitation.message_id,
    )
    return f"/s/{token}/", invitation


@pytest.fixture(scope="module")
def links_of(site, django_db_blocker):
    """Committed, so that the server sees them: what a test writes is rolled back."""
    with django_db_blocker.unblock():
        return {
            **{language: asked(BRANCHED) for language in LANGUAGES},
            "all": asked(ALL),
            "look": asked(ALL),
            "faces": asked(BRANCHED),
            "till": SurveyFactory(kind="csat", content=TILL),
            "shared": shared(site),
        }


def shared(site, **values):
    return share_links.make(
        SurveyFactory(kind="csat", content=TILL),
        **{"name": "Till", "declared": {}, "embed_origins": [], **values},
        by=site.shop.owner,
        now=timezone.now() - timedelta(minutes=1),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_begins_on_a_phone_and_ends_on_another_device(
    open_page, links_of, language
):
    path, invitation = links_of[language]
    path = f"{path}?lang={language}"
    phone = open_page(path, width=PHONE, java_script_enabled=False)
    faces = phone.get_by_role("radio")
    expect(faces).to_have_count(5)
    faces.first.check(force=True)
    phone.locator("button:visible").first.click()
    # Only the question of the unhappy, alone on the screen of the phone.
    expect(phone.locator("h2:visible")).to_have_text(
        [WRONG[language]], use_inner_text=True
    )
    assert overflow(phone) <= 0

    desktop = open_page(path, width=1280)
    expect(desktop.locator("h2:visible")).to_have_count(2)
    expect(desktop.get_by_role("radio").first).to_be_checked()
    desktop.get_by_role("textbox").fill("It leaked")
    desktop.locator("button:visible").first.click()
    expect(desktop.locator("form")).to_have_count(0)

    response = Response.objects.get(invitation=invitation)
    assert (response.score, response.language) == (1, language)
    assert response.further.get().text == "It leaked"
    assert response.completed_at is not None


def test_by_keyboard_alone_with_names_for_readers(open_page, links_of):
    path, invitation = links_of["all"]
    page = open_page(path)
    group = page.get_by_role("group", name="How satisfied are you with your order?")
    expect(group.get_by_role("radio", name="4 of 5")).to_be_visible()
    expect(page.get_by_role("textbox", name="What is the main reason")).to_be_visible()

    page.get_by_role("radio", name="1 of 5").first.focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowRight", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("Fine")
    # Through what may stay empty, to what must be answered, and to the button.
    for _ in range(30):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "[document.activeElement.name, document.activeElement.value]"
        )
        if here == ["a.found", "friend"]:
            page.keyboard.press("Space")
        if here[0] == "complete":
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Thank you")

    response = Response.objects.get(invitation=invitation)
    assert (response.score, response.comment) == (4, "Fine")
    assert response.further.get().choices == ["friend"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_for_everybody(open_page, links_of, language):
    link = links_of["shared"]
    pages = [links_of["look"][0], links_of["faces"][0], f"/a/{link.token}/"]
    found = {}
    for path in pages:
        page = open_page(f"{path}?lang={language}", width=PHONE)
        found[path] = serious(page, EVERYTHING), overflow(page) > 0
        page.set_viewport_size({"width": 1280, "height": 780})
        page.emulate_media(color_scheme="dark")
        found[f"wide {path}"] = serious(page, EVERYTHING), overflow(page) > 0
    assert set(map(str, found.values())) == {"([], False)"}


def test_a_code_at_the_till(open_page, links_of):
    """Staff make it and print it; a customer points a phone at it; staff read it."""
    survey = links_of["till"]
    staff = open_page(f"/surveys/{survey.pk}/links/new/", staff=True)
    staff.locator("[name=name]").fill("At the door")
    staff.locator("[name=declared]").fill("till=1, 2")
    staff.locator("main form .btn-primary").click()
    expect(staff.locator("main h2").first).to_contain_text("At the door")
    staff.locator("section").nth(2).get_by_role("link", name="עברית").click()
    expect(staff.locator("svg.square")).to_be_visible()
    address = staff.locator(".address bdi").inner_text()
    assert address.endswith("/?till=2")

    parts = urlsplit(address)
    phones = {
        language: open_page(
            f"{parts.path}?{parts.query}",
            width=PHONE,
            extra_http_headers={"Accept-Language": asks},
        )
        for language, asks in ASKED_BY_PHONES.items()
    }
    for language, phone in phones.items():
        answer_at_the_till(phone, language)

    answers = Response.objects.filter(survey=survey)
    assert {one.language for one in answers} == set(LANGUAGES)
    for response in answers:
        assert response.link == ShareLink.objects.get(survey=survey)
        assert (response.declared, response.customer) == ({"till": "2"}, None)
    staff.goto(f"/surveys/{survey.pk}/links/")
    expect(staff.locator("tbody td").last).to_have_text("4")


def answer_at_the_till(phone, language):
    with override(language):
        happy = gettext("%(face)s, %(number)s of %(last)s") % {
            "face": gettext("Very satisfied"),
            "number": 5,
            "last": 5,
        }
        thanks = gettext("Thank you. Your answer has arrived.")
    phone.get_by_role("radio", name=happy, exact=True).check(force=True)
    # Nobody reads faster than this.
    phone.wait_for_timeout(3_100)
    phone.locator("button:visible").first.click()
    friend = "הfriend" if language == "he" else "Friend"
    phone.get_by_role("radio", name=friend).check()
    phone.locator("button:visible").first.click()
    expect(phone.locator("h1")).to_have_text(thanks, use_inner_text=True)
