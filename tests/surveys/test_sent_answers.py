"""The answer to the one usual question, whose invitation is found by its link."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEntry, Business, FollowUp
from messaging.models import Link
from messaging.rules.choices import Purpose
from surveys.models import Response, Survey, SurveyVersion
from surveys.services.responses import record_by_token
from tests.factories import NOW, CustomerFactory, InvitationFactory, UserFactory
from tests.pages import read


@pytest.fixture
def url(invitation, url_of):
    return url_of(invitation)


def statements(client, url, score):
    with CaptureQueriesContext(connection) as seen:
        assert client.post(url, {"score": score, "comment": "Good"}).status_code == 302
    return [query["sql"] for query in seen if "SAVEPOINT" not in query["sql"]]


def ask_more(invitation):
    """A version whose first question is the usual one, and that has another."""
    usual = invitation.survey.live_version.content
    more = {"key": "more", "kind": "long", "texts": {"en": {"title": "What else?"}}}
    version = SurveyVersion.objects.create(
        survey=invitation.survey, number=7, state="published",
        content={**usual, "questions": [*usual["questions"], more]},
        made_at=NOW, published_at=NOW,
    )  # fmt: skip
    Survey.objects.filter(pk=invitation.survey_id).update(live_version=version)


def test_an_answer_looks_at_its_link_once_and_opens_no_page(client, url):
    client.post(url, {"score": "9"})
    Response.objects.all().delete()

    asked = statements(client, url, 9)

    assert len([sql for sql in asked if "messaging_link" in sql]) == 1
    # Two for the locks; the answer, the end of its invitation, the audit, its words.
    assert len(asked) == 6


def test_a_task_for_an_unhappy_answer_takes_four_statements(client, url):
    happy = statements(client, url, 9)
    Response.objects.all().delete()
    unhappy = statements(client, url, 2)

    assert len(unhappy) == len(happy) + 4
    assert FollowUp.objects.get().source_key == f"response:{Response.objects.get().pk}"


def test_the_task_is_of_whoever_looks_after_the_customer(client, url_of, shop):
    ruth = UserFactory(language="en")
    invitation = InvitationFactory(customer=CustomerFactory(owner=ruth))

    client.post(url_of(invitation), {"score": "1"})

    assert FollowUp.objects.get().assignee == ruth


@pytest.mark.parametrize(
    ("own", "shops", "kept"), [("he", "en", "he"), ("", "zh-hans", "zh-hans")]
)
def test_without_a_wish_the_answer_is_in_the_customers_language_or_the_shops(
    client, url_of, shop, own, shops, kept
):
    Business.objects.update(language=shops)
    invitation = InvitationFactory(customer=CustomerFactory(language=own))

    client.post(url_of(invitation), {"score": "9"})

    assert Response.objects.get().language == kept


def test_one_answer_is_none_to_a_page_that_asks_more_by_now(client, invitation, url):
    ask_more(invitation)

    sent = client.post(url, {"score": "9", "comment": "Good"})

    read(sent, "What else?", status=422)
    assert not Response.objects.exists()


def test_a_link_of_another_purpose_takes_no_answer(client, url):
    Link.objects.update(purpose=Purpose.REVIEW.value)

    assert client.post(url, {"score": "9"}).status_code == 404
    assert not Response.objects.exists()


def test_who_holds_the_link_has_answered(invitation, url):
    response = record_by_token(
        url.split("/")[2], score=9, comment="", wanted="", now=NOW
    )

    assert response.customer_id == invitation.customer_id
    entry = AuditEntry.objects.get(action="survey.answered")
    assert (entry.actor_kind, entry.actor_id) == ("customer", invitation.customer_id)
