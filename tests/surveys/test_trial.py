"""A draft seen and tried out as a customer would: nothing is kept, nothing counts."""

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import automation_rows, wordings
from messaging.services.delivery import deliver
from messaging.services.previews import preview
from surveys.models import Answer, Asking, Invitation, Response
from surveys.services import editing, making, trial_mails
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
    assert "Was anything difficult?" not in page

    rest = {
        "shown": ["score", "wrong", "missing", "recommend", "why"],
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
    ("language", "words"),
    [("he", "נתקלתם בקושי כלשהו?"), ("zh-hans", "有没有遇到什么困难？")],
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

    answer = client.post(f"/surveys/{draft.pk}/question/difficult/preview/en/", sent)

    read(answer, "Any Ethiopia 1 kg good?", "Smell")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = read(client.get(f"/surveys/{draft.pk}/question/difficult/"))
    assert "Any {product|thing} good?" not in page


def test_its_mail_goes_to_whoever_asks_in_each_language_and_leads_to_the_trial(
    manager, draft, shop, sink
):
    user = User.objects.get(role="manager")
    page = manager.post(f"/surveys/{draft.pk}/test-mail/", follow=True)
    deliver(now=timezone.now())

    read(page, f"4 tests are on their way to {user.email}.")
    assert set(sink.recipients) == {user.email}
    mails = {mail["Subject"]: mail for mail in sink.mails}
    assert len(mails) == 4
    assert all(subject.startswith("[Test] ") for subject in mails)
    english = mails[f"[Test] Some questions from {shop.name}"]
    body = english.get_body(("html",)).get_content()
    assert f"{trial(draft)}?score=5" in body
    assert "How satisfied are you with your order?" in body


def test_a_press_in_the_test_mail_is_chosen_in_the_trial_and_nothing_is_kept(
    manager, draft
):
    page = read(manager.get(f"{trial(draft)}?score=4"))

    (chosen,) = [line for line in page.split("<input") if "checked" in line]
    assert 'value="4"' in chosen
    assert not Response.objects.exists()
    assert not Invitation.objects.exists()


def test_the_mail_has_the_words_of_the_automation_that_asks(shop):
    staff = UserFactory(role="owner")
    asking = Asking.objects.get(automation__kind="survey_after_delivery")
    row = Automation.objects.get(pk=asking.automation_id)
    wordings.save_wording(
        row, language="en", fields={"subject": "About {product}?"}, now=NOW
    )

    sent = trial_mails.send(asking.survey, to=staff, languages=["en"], now=NOW)
    kind = kinds.get(trial_mails.KIND)
    (letter,) = kind.letters(sent, NOW).values()

    assert letter.subject == "[Test] About Ethiopia 1 kg?"
    assert Message.objects.get().customer is None


def test_a_survey_without_questions_has_no_mail(manager, draft):
    editing.change(
        draft,
        version=draft.version,
        how=lambda one: replace(one, questions=()),
        by=None,
        now=NOW,
    )

    assert manager.post(f"/surveys/{draft.pk}/test-mail/").status_code == 404


def test_the_preview_of_an_automation_asks_what_its_survey_asks(shop, draft):
    row = Automation.objects.get(kind="survey_regularly")
    editing.publish(draft, version=draft.version, has_problems=False, now=NOW)
    Asking.objects.filter(automation=row).update(survey=draft)

    seen = preview(
        row.steps.get(), language="en", fields={}, customer=None, now=NOW
    ).mail

    assert "How satisfied are you with your order?" in seen.html
    assert seen.subject == f"Some questions from {shop.name}"


@pytest.mark.parametrize("kind", ["survey_reminder", "survey_again"])
def test_the_preview_of_what_follows_a_survey_shows_one_that_is_asked(
    shop, draft, kind
):
    asks = Automation.objects.get(kind="survey_regularly")
    editing.publish(draft, version=draft.version, has_problems=False, now=NOW)
    Asking.objects.filter(automation=asks).update(survey=draft)
    Automation.objects.update(is_on=False, switched_on_at=None)
    Automation.objects.filter(pk=asks.pk).update(is_on=True, switched_on_at=NOW)
    row = Automation.objects.filter(kind=kind).first()
    row = row or automation_rows.create(kinds.get(kind), now=NOW)

    seen = preview(row.steps.get(), language="en", fields={}, customer=None, now=NOW)

    assert "How satisfied are you with your order?" in seen.mail.html
