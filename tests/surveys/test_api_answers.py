"""Answers that other programs bring."""

from datetime import timedelta

import pytest
from django.test import Client

from crm.models import FollowUp
from crm.services import api_tokens
from surveys.models import Response, Survey
from surveys.rules.questionnaire import Given
from surveys.services.responses import record
from surveys.services.targets import ByInvitation
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    SurveyFactory,
    UserFactory,
)
from tests.surveys.test_pages import BRANCHED

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(shop):
    return SurveyFactory(kind="csat", content=BRANCHED)


@pytest.fixture
def post(survey):
    _, key = api_tokens.issue(name="kiosk", scopes=["answers:write"], now=NOW)
    client = Client(HTTP_AUTHORIZATION=f"Bearer {key}")

    def send(data, pk=survey.pk, **headers):
        return client.post(
            f"/api/v1/surveys/{pk}/answers/",
            data,
            content_type="application/json",
            headers=headers,
        )

    return send


SAD = {"answers": {"score": 1, "wrong": "It leaked"}, "language": "en"}


def test_an_answer_of_a_customer_counts_and_opens_a_follow_up(post):
    dana = CustomerFactory(external_id="C-7", owner=UserFactory(name="Noa"))
    made = post({**SAD, "customer_id": "C-7"})

    assert made.status_code == 201
    answer = Response.objects.get(pk=made.json()["id"])
    assert (answer.customer, answer.channel, answer.score) == (dana, "api", 1)
    assert answer.further.get().text == "It leaked"
    assert answer.completed_at == answer.confirmed_at
    assert FollowUp.objects.get().customer == dana


def test_nobody_in_particular_may_answer(post):
    assert post(SAD).json()["customer"] is None
    assert not FollowUp.objects.exists()


def test_the_same_key_is_one_answer(post):
    once = [post(SAD, **{"Idempotency-Key": "k1"}) for _ in range(3)]

    assert {sent.status_code for sent in once} == {201}
    assert len({sent.content for sent in once}) == 1
    assert Response.objects.count() == 1
    assert (
        post({"answers": {"score": 5}}, **{"Idempotency-Key": "k1"}).status_code == 409
    )
    post(SAD, **{"Idempotency-Key": "k2"})
    assert Response.objects.count() == 2


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"score": 6}, "score"),
        ({"score": "1"}, "score"),
        ({"score": True}, "score"),
        ({"score": 1}, "wrong"),
        ({"score": 1, "wrong": "x" * 201}, "wrong"),
        ({"score": 1, "wrong": ["x"]}, "wrong"),
        # The unhappy are not asked this.
        ({"score": 1, "wrong": "x", "good": "y"}, "good"),
        ({"score": 5, "nothing": 1}, "nothing"),
        ({}, "answers"),
    ],
)
def test_what_does_not_answer_a_question_is_refused_as_a_whole(post, answers, field):
    refused = post({"answers": answers})

    assert refused.status_code == 400
    assert field in refused.content.decode()
    assert not Response.objects.exists()


def test_what_is_not_there_is_said(post, survey):
    assert post({**SAD, "customer_id": "C-404"}).status_code == 404
    assert post(SAD, pk=survey.pk + 1).status_code == 404
    Survey.objects.update(state="closed")
    assert post(SAD).status_code == 410
    assert not Response.objects.exists()


def test_after_its_end_only_who_was_asked_before_answers(post, survey):
    invitation = InvitationFactory(survey=survey)
    Survey.objects.update(ends_on=(NOW - timedelta(days=9)).date())

    assert post(SAD).status_code == 410
    given = {"score": Given(number=5)}
    target = ByInvitation(invitation.pk)
    record(target, given=given, complete=True, language="en", now=NOW)

    assert Response.objects.get().invitation == invitation


def test_a_key_for_something_else_opens_nothing(survey):
    _, key = api_tokens.issue(name="other", scopes=["orders:write"], now=NOW)
    url = f"/api/v1/surveys/{survey.pk}/answers/"
    client = Client(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert client.post(url, SAD, content_type="application/json").status_code == 403
