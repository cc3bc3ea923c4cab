"""Pages of several questions: a personal link, with and without branches."""

import json
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import translation

from crm.models import FollowUp
from surveys.models import Answer, Press, Response
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    OrderFactory,
    OrderLineFactory,
    SurveyFactory,
    UserFactory,
)
from tests.pages import tight
from tests.surveys.conftest import everything_stored


def words(english, **parts):
    return {"en": {"title": english, **parts}, "he": {"title": f"ה {english}"}}


def choice(key):
    return {"key": key, "texts": {"en": key.title(), "he": f"ה{key}"}}


# Every kind of question, and no branch.
ALL = {
    "questions": [
        {"key": "score", "kind": "score", "scale": "csat", "required": True},
        {"key": "reason", "kind": "long"},
        {"key": "easy", "kind": "score", "scale": "ces"},
        {"key": "pack", "kind": "stars", "texts": words("How was the packing?")},
        {
            "key": "liked",
            "kind": "choices",
            "texts": words("What did you like?", help="All that fits"),
            "choices": [choice("taste"), choice("price")],
            "has_other": True,
        },
        {
            "key": "found",
            "kind": "source",
            "texts": words("How did you find us?"),
            "choices": [choice("friend"), choice("search")],
            "required": True,
        },
        {
            "key": "about",
            "kind": "short",
            "texts": words("And {product|your order}, {first_name|you}?"),
        },
        {"key": "when", "kind": "day", "texts": words("When did it come?")},
    ],
    "thanks": {"low": {"en": "We are sorry."}, "high": {"en": "How good."}},
    "confidential": True,
}
# The unhappy are asked what went wrong, the others what was good.
BRANCHED = {
    "questions": [
        {
            "key": "score",
            "kind": "score",
            "scale": "csat",
            "look": "faces",
            "required": True,
            "branches": [
                {"goto": "wrong", "band": "low"},
                {"goto": "good", "answered": True},
            ],
        },
        {
            "key": "wrong",
            "kind": "short",
            "texts": words("What went wrong?"),
            "required": True,
            "branches": [{"goto": "end", "answered": True}],
        },
        {"key": "good", "kind": "short", "texts": words("What was good?")},
    ]
}
KEYS = [question["key"] for question in ALL["questions"]]
WHOLE = {
    "a.score": "2",
    "a.reason": "Late\r\nagain",
    "a.easy": "7",
    "a.pack": "4",
    "a.liked": ["taste"],
    "a.liked.other": "The smell",
    "a.found": "friend",
    "a.about": "Fine",
    "a.when": "2026-05-03",
}


@pytest.fixture
def link(shop, url_of):
    """A link of Dana's to a survey with these questions, about her order."""

    def make(content, **kwargs):
        customer = CustomerFactory(owner=UserFactory(name="Noa"), given_name="Dana")
        order = OrderFactory(customer=customer, delivered_on=NOW.date())
        OrderLineFactory(order=order, product__name="Ethiopia 1 kg")
        survey = SurveyFactory(kind="own", content=content, **kwargs)
        asked = InvitationFactory(survey=survey, customer=customer, order=order)
        return url_of(asked)

    return make


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def page(response):
    return tight(response.content.decode())


def now_shown(response):
    """The keys of the questions that a phone shows."""
    shown = re.search(r'<section class="q now">(.*?)</section>', page(response))
    return re.findall(r'name="shown" value="(\w+)"', shown[1])


def on_page(response):
    return re.findall(r'name="shown" value="(\w+)"', page(response))


# --- One form ------------------------------------------------------------------------


def test_all_questions_are_one_form_and_a_phone_shows_the_first(browser, link):
    response = browser.get(link(ALL))

    assert on_page(response) == KEYS
    assert now_shown(response) == ["score", "reason"]
    shown = page(response)
    assert "And Ethiopia 1 kg, Dana?" in shown
    assert "1 of 7" in shown
    assert "What you say is confidential" in shown
    # And the one of who would rather not answer.
    assert shown.count("<form") == 2


def test_looking_stores_nothing(browser, link):
    url = link(ALL)
    before = everything_stored()

    for query in ("", "?score=4", "?at=liked", "?answer=x", "?lang=he", "?score=9"):
        assert browser.get(url + query).status_code == 200

    assert everything_stored() == before


def test_a_wide_page_sends_all_of_it_at_once(browser, link):
    url = link(ALL)
    response = browser.post(url, {**WHOLE, "shown": KEYS, "complete": "1"})

    assert response.status_code == 302
    answer = Response.objects.get()
    assert (answer.scale, answer.score, answer.comment) == ("csat", 2, "Late\nagain")
    assert answer.completed_at == NOW
    rows = {row.question: row for row in Answer.objects.all()}
    assert (rows["easy"].number, rows["pack"].number) == (7, 4)
    assert rows["liked"].choices == ["taste", "other"]
    assert rows["liked"].text == "The smell"
    assert rows["found"].choices == ["friend"]
    assert rows["when"].day == date(2026, 5, 3)


def test_each_next_on_a_phone_confirms_what_it_holds(browser, link):
    url = link(ALL)
    first = browser.post(url, {"a.score": "4", "shown": KEYS, "next": "score"})

    assert first["Location"] == f"{url}?at=easy#q-easy"
    answer = Response.objects.get()
    assert (answer.state, answer.completed_at) == ("confirmed", None)
    again = browser.get(first["Location"])
    assert now_shown(again) == ["easy"]
    # Skipped, and back: nothing that was said is lost.
    sent = {"a.score": "4", "a.easy": "6", "shown": KEYS}
    back = browser.post(url, {**sent, "back": "easy"})
    assert now_shown(browser.get(back["Location"])) == ["score", "reason"]
    assert Answer.objects.get().number == 6


def test_another_device_goes_on_behind_the_last_answer(browser, link):
    url = link(ALL)
    browser.post(url, {"a.score": "4", "shown": KEYS, "next": "score"})

    elsewhere = Client().get(url)

    assert now_shown(elsewhere) == ["easy"]
    assert 'value="4" checked' in page(elsewhere)


def test_what_must_be_answered_is_said_and_what_was_typed_stays(browser, link):
    url = link(ALL)
    sent = {**WHOLE, "a.found": "", "a.about": "x" * 201, "shown": KEYS}
    response = browser.post(url, {**sent, "complete": "1"})

    assert response.status_code == 422
    shown = page(response)
    assert 'href="#q-found"' in shown
    assert "Use at most 200 characters" in shown
    assert "x" * 201 in shown
    assert "The smell" in shown
    assert now_shown(response) == ["found"]
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"a.score": ["1", "2"]}, "Choose one of the numbers"),
        ({"a.score": "6"}, "Choose one of the numbers"),
        ({"a.score": "4", "a.found": "elsewhere"}, "Choose one of the answers"),
        ({"a.score": "4", "a.when": "3 May"}, "Enter a day"),
        ({"a.score": "4", "a.when": "2026-02-30"}, "Enter a day"),
        ({"a.score": "4", "a.about": "a\x07b"}, "characters that cannot be stored"),
        ({}, "This question needs an answer"),
    ],
)
def test_what_no_page_of_ours_sends_is_refused_in_words(browser, link, sent, said):
    whole = {"a.found": "friend", "shown": KEYS, "complete": "1"}
    response = browser.post(link(ALL), {**whole, **sent})

    assert response.status_code == 422
    assert said in page(response)
    assert not Response.objects.exists()


# --- Branches ------------------------------------------------------------------------


def test_the_page_ends_where_the_score_decides(browser, link):
    response = browser.get(link(BRANCHED))

    assert on_page(response) == ["score"]
    for width in ("narrow", "wide"):
        assert f'class="{width}" name="next" value="score"' in page(response)
    assert 'name="complete"' not in page(response)
    assert "Very dissatisfied, 1 of 5" in page(response)


@pytest.mark.parametrize(("score", "follows"), [("1", "wrong"), ("4", "good")])
def test_the_server_chooses_the_way(browser, link, score, follows):
    url = link(BRANCHED)
    sent = browser.post(url, {"a.score": score, "shown": "score", "next": "score"})

    assert on_page(browser.get(sent["Location"])) == ["score", follows]


def test_another_score_leads_another_way_and_drops_the_first(browser, link):
    url = link(BRANCHED)
    browser.post(url, {"a.score": "1", "shown": "score", "next": "score"})
    sent = {"a.score": "1", "a.wrong": "It leaked", "shown": ["score", "wrong"]}
    browser.post(url, {**sent, "complete": "1"})
    assert Response.objects.get().completed_at == NOW

    changed = browser.post(url, {**sent, "a.score": "5", "complete": "1"})

    # The question that nobody had seen comes before the thanks.
    assert changed["Location"].endswith("?at=good#q-good")
    assert not Answer.objects.exists()
    response = Response.objects.get()
    assert response.versions.get().answers == {"wrong": {"text": "It leaked"}}


# --- Afterwards ----------------------------------------------------------------------


def test_who_is_unhappy_is_told_who_writes_and_by_when(browser, link):
    url = link(ALL)
    shown = page(
        browser.post(url, {**WHOLE, "shown": KEYS, "complete": "1"}, follow=True)
    )

    task = FollowUp.objects.get()
    assert task.assignee.name == "Noa"
    assert "<bdi>Noa</bdi>writes to you by 23 Nov" in shown
    assert "We are sorry." in shown


def test_the_happy_are_thanked_in_other_words_and_offered_nothing_else(browser, link):
    url = link(ALL)
    unhappy = page(
        browser.post(url, {**WHOLE, "shown": KEYS, "complete": "1"}, follow=True)
    )
    happy = {**WHOLE, "a.score": "5"}
    happy = page(
        browser.post(url, {**happy, "shown": KEYS, "complete": "1"}, follow=True)
    )

    assert "How good." in happy
    # No follow-up stands any more, so nobody is promised one.
    assert "writes to you" not in happy
    links = re.compile(r'<a[^>]+href="([^"]+)"')
    assert links.findall(happy) == links.findall(unhappy)


def test_it_changes_for_a_day_and_then_stays(browser, link, time_machine):
    url = link(ALL)
    browser.post(url, {**WHOLE, "shown": KEYS, "complete": "1"})
    assert "Change my answer" in page(browser.get(url))
    assert now_shown(browser.get(f"{url}?change=1")) == ["score", "reason"]

    time_machine.move_to(NOW + timedelta(hours=25), tick=False)
    late = browser.post(url, {**WHOLE, "a.score": "5", "shown": KEYS, "complete": "1"})

    assert late.status_code == 409
    assert "more than 24 hours old" in page(late)
    assert "Change my answer" not in page(browser.get(url))
    assert Response.objects.get().score == 2


# --- Presses in the mail -------------------------------------------------------------


def test_a_press_in_the_mail_is_chosen_and_not_recorded(browser, link):
    assert 'value="4" checked' in page(browser.get(f"{link(ALL)}?score=4"))
    first = {"questions": [ALL["questions"][5]]}
    assert 'value="search" checked' in page(browser.get(f"{link(first)}?answer=search"))
    assert not Response.objects.exists()


def test_every_press_is_kept_as_it_came_and_several_cancel_each_other(browser, link):
    url = link(ALL, one_click=True)
    for score in ("1", "2", "2"):
        browser.post(
            url, {"provisional": "1", "score": score}, HTTP_USER_AGENT="Scanner\x07/1"
        )

    presses = Press.objects.order_by("pk")
    assert [press.score for press in presses] == [1, 2, 2]
    assert {press.agent for press in presses} == {"Scanner/1"}
    answer = Response.objects.get()
    assert (answer.state, answer.clashing) == ("provisional", True)
    # And the person still answers, from the first question on.
    assert now_shown(browser.get(url)) == ["score", "reason"]
    browser.post(url, {**WHOLE, "a.score": "5", "shown": KEYS, "complete": "1"})
    answer.refresh_from_db()
    assert (answer.state, answer.score, answer.clashing) == ("confirmed", 5, False)


# --- Small, and in every language ----------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_it_is_small_and_speaks_the_language(browser, link, language):
    response = browser.get(f"{link(ALL)}?lang={language}")
    sheets = [
        len(browser.get(f"/static/css/{name}.css").getvalue())
        for name in ("public", "questions")
    ]

    assert len(response.content) + sum(sheets) < 30_000
    with translation.override(language):
        assert translation.gettext("How satisfied are you with your order?") in page(
            response
        )
    # A survey that is not written in a language is read in the shop's.
    assert ("ה How was the packing?" in page(response)) == (language == "he")


def test_it_sets_no_cookie_and_asks_for_none(browser, link):
    url = link(ALL)
    assert not browser.get(url).cookies
    sent = browser.post(url, {**WHOLE, "shown": KEYS, "complete": "1"})
    assert not sent.cookies
    assert json.dumps(dict(browser.cookies)) == "{}"
