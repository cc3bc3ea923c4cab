"""Questions that are rendered once and kept, and never what is somebody's own."""

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import translation

from surveys.public.questions import Asked, page_of
from surveys.rules.questionnaire import Given, parse
from surveys.templatetags import questions
from tests.factories import InvitationFactory, SurveyFactory

CONTENT = {
    "questions": [
        {"key": "score", "kind": "score", "scale": "nps", "required": True},
        {"key": "reason", "kind": "long"},
        {
            "key": "about",
            "kind": "short",
            "texts": {"en": {"title": "And your {product|order}?"}},
        },
        {"key": "when", "kind": "day", "texts": {"en": {"title": "When?"}}},
    ]
}


@pytest.fixture(autouse=True)
def nothing_is_kept():
    questions._kept.cache_clear()


def shown(key, answers=None, **facts):
    asked = Asked(parse(CONTENT), answers or {}, lambda: facts, "en")
    screens = page_of(asked, at="")["screens"]
    return next(one for page in screens for one in page.questions if one.key == key)


def kept():
    return questions._kept.cache_info().currsize


def test_the_same_question_is_rendered_once():
    first = questions.question_field(shown("score"))

    assert questions.question_field(shown("score")) is first
    assert questions.question_field(shown("score", {"score": Given(number=4)})) != first
    assert kept() == 2


def test_each_language_has_its_own():
    with translation.override("he"):
        hebrew = questions.question_field(shown("score"))

    assert "0 = not at all" in questions.question_field(shown("score"))
    assert "0 = not at all" not in hebrew


@pytest.mark.parametrize(
    ("key", "answers", "facts"),
    [
        ("reason", {"reason": Given(text="My own words")}, {}),
        ("about", {}, {"product": "My own words"}),
        ("about", {"about": Given(text="My own words")}, {}),
    ],
)
def test_what_is_somebodys_own_is_shown_and_not_kept(key, answers, facts):
    assert "My own words" in questions.question_field(shown(key, answers, **facts))
    assert kept() == 0
    # The next person reads nothing of it.
    assert "My own words" not in questions.question_field(shown(key))


def test_a_refused_answer_keeps_what_was_typed():
    wrong = replace(shown("when", {"when": Given(text="3 May")}), error="Not a day")

    said = questions.question_field(wrong)

    assert "3 May" in said
    assert "Not a day" in said


def test_questions_that_read_alike_and_say_otherwise_are_two():
    other = {"questions": [{**CONTENT["questions"][3], "key": "when"}]}
    other["questions"][0]["texts"] = {"en": {"title": "On which day?"}}
    asked = Asked(parse(other), shop_language="en")
    second = page_of(asked, at="")["screens"][0].questions[0]

    assert "When?" in questions.question_field(shown("when"))
    assert "On which day?" in questions.question_field(second)


def test_four_questions_take_few_queries(shop, url_of, django_assert_max_num_queries):
    url = url_of(InvitationFactory(survey=SurveyFactory(kind="own", content=CONTENT)))
    sent = {
        "shown": ["score", "reason", "about", "when"],
        "a.score": "9",
        "a.reason": "Fast",
        "a.about": "Good",
        "complete": "1",
    }

    # The page, and what was bought.
    with django_assert_max_num_queries(2):
        assert b"your order" in Client().get(url).content
    # Two of them are the savepoint that a test makes of a transaction; nothing is asked
    # that only a page shows.
    with django_assert_max_num_queries(10):
        assert Client().post(url, sent).status_code == 302
