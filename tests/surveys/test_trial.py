"""A draft seen and tried out as a customer would: nothing is kept, nothing counts."""

import pytest
from django.test import Client

from surveys.models import Answer, Response
from surveys.services import making
from surveys.starting_points import STARTING_POINTS
from tests.factories import NOW, UserFactory
from tests.pages import read


@pytest.fixture
def manager(shop):
    client = Client()
    client.force_login(UserFactory(role="manager"))
    return client


@pytest.fixture
def draft(shop):
    point = STARTING_POINTS["four"]
    return making.make(
        name="Order", kind=point.kind, questionnaire=point.make(), now=NOW
    )


def trial(survey, language="en"):
    return f"/surveys/{survey.pk}/try/{language}/"


def test_a_draft_is_answered_to_its_end_and_nothing_is_kept(manager, draft):
    read(manager.get(trial(draft)), "How satisfied are you with your order?")

    low = {"shown": ["score"], "a.score": "1", "next": "score"}
    page = read(manager.post(trial(draft), low))
    assert "What went wrong?" in page
    assert "What did you like?" not in page

    rest = {
        "shown": ["score", "wrong", "missing"],
        "a.score": "1",
        "a.wrong": "price",
        "complete": "1",
    }
    read(manager.post(trial(draft), rest), "nothing was kept, and nothing counts")
    assert not Response.objects.exists()
    assert not Answer.objects.exists()


def test_what_must_be_answered_is_asked_for_in_a_trial_too(manager, draft):
    sent = {"shown": ["score"], "next": "score"}

    answer = manager.post(trial(draft), sent)

    read(answer, "This question needs an answer", status=422)


@pytest.mark.parametrize(
    ("language", "words"), [("he", "מה אהבתם?"), ("zh-hans", "您对哪些方面满意？")]
)
def test_a_trial_is_in_the_language_that_was_asked_for(manager, draft, language, words):
    sent = {"shown": ["score"], "a.score": "5", "next": "score"}

    read(manager.post(trial(draft, language), sent), words)


@pytest.mark.parametrize("language", ["xx", "en-gb"])
def test_a_language_that_is_none_of_ours_is_not_found(manager, draft, language):
    assert manager.get(trial(draft, language)).status_code == 404


def test_a_question_is_shown_as_it_is_typed_and_not_saved(shop, draft):
    client = Client()
    client.force_login(UserFactory(role="manager"))
    sent = {"title.en": "Any {product|thing} good?", "choice.0.en": "Smell"}

    answer = client.post(f"/surveys/{draft.pk}/question/good/preview/en/", sent)

    read(answer, "Any Ethiopia 1 kg good?", "Smell")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = read(client.get(f"/surveys/{draft.pk}/question/good/"))
    assert "Any {product|thing} good?" not in page
