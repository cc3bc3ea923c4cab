"""Answers with several questions: by a personal link and by one that all may open."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEntry, FollowUp
from surveys.errors import AlreadyFinal, InvitationExpired, InvitationGone
from surveys.models import Answer, Response, ResponseVersion, ShareLink, SurveyVersion
from surveys.rules.questionnaire import Given
from surveys.services.responses import record, record_provisional, record_response
from surveys.services.targets import ByInvitation, ByLink
from surveys.signals import response_recorded
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    SurveyFactory,
    UserFactory,
)
from web.errors import InvalidValue

LATER = NOW + timedelta(hours=1)
NEXT_WEEK = NOW + timedelta(days=7)
SOMEBODY = UUID("0b1f3f0e-8a77-4c12-9d2c-9c0d8f6a0c11")
# Four questions; the unhappy are asked what was wrong, the others when it came.
FOUR = {
    "questions": [
        {
            "key": "score",
            "kind": "score",
            "scale": "csat",
            "required": True,
            "branches": [{"goto": "wrong", "band": "low"}],
        },
        {"key": "when", "kind": "day", "branches": [{"goto": "how", "answered": True}]},
        {
            "key": "wrong",
            "kind": "choices",
            "choices": [{"key": "late"}, {"key": "broken"}],
            "has_other": True,
            "required": True,
        },
        {"key": "reason", "kind": "long"},
        {"key": "how", "kind": "short"},
    ],
    "confidential": True,
}
HAPPY = {"score": Given(number=5), "when": Given(day=date(2026, 5, 3))}
SAD = {
    "score": Given(number=1),
    "wrong": Given(choices=("late", "other"), text="It leaked"),
    "reason": Given(text="A week late"),
}


@pytest.fixture
def survey(shop):
    return SurveyFactory(kind="csat", content=FOUR)


@pytest.fixture
def asked(survey):
    owner = UserFactory(name="Noa")
    return ByInvitation(
        InvitationFactory(
            survey=survey, customer=CustomerFactory(country="IL", owner=owner)
        ).pk
    )


def send(target, given, *, complete=False, now=NOW):
    return record(target, given=given, complete=complete, language="he", now=now)


def rows(response):
    found = Answer.objects.filter(response=response)
    return {row.question: row for row in found}


def test_each_next_confirms_what_it_holds_and_the_end_completes(asked):
    first = send(asked, {"score": Given(number=5)})

    assert (first.scale, first.score, first.state) == ("csat", 5, "confirmed")
    assert (first.completed_at, first.is_confidential) == (None, True)
    whole = send(asked, {"when": Given(day=date(2026, 5, 3))}, complete=True, now=LATER)
    assert whole.pk == first.pk
    assert (whole.confirmed_at, whole.completed_at, whole.version) == (NOW, LATER, 1)
    assert rows(whole)["when"].day == date(2026, 5, 3)
    assert not ResponseVersion.objects.exists()


def test_it_carries_the_country_and_owner_of_its_time(asked):
    response = send(asked, HAPPY)

    assert (response.country, response.owner.name) == ("IL", "Noa")
    assert (response.channel, response.language) == ("mail", "he")
    assert response.survey_version == response.survey.live_version


def test_every_kind_of_answer_has_its_column(asked):
    response = send(asked, SAD, complete=True)

    wrong = rows(response)["wrong"]
    assert (wrong.kind, wrong.choices, wrong.text) == (
        "choices",
        ["late", "other"],
        "It leaked",
    )
    assert (response.score, response.comment) == (1, "A week late")
    assert set(rows(response)) == {"wrong"}, "score and reason stand on the answer"


def test_a_changed_branch_takes_its_answers_along_and_keeps_them_as_a_version(asked):
    send(asked, SAD, complete=True)

    response = send(asked, HAPPY, complete=True, now=LATER)

    assert set(rows(response)) == {"when"}
    assert (response.score, response.comment, response.version) == (5, "", 2)
    old = ResponseVersion.objects.get()
    assert (old.score, old.comment) == (1, "A week late")
    assert old.answers == {"wrong": {"text": "It leaked", "choices": ["late", "other"]}}


def test_the_same_twice_is_once(asked):
    heard = []

    def hear(response, **_):
        heard.append(response.pk)

    response_recorded.connect(hear)
    try:
        send(asked, SAD, complete=True)
        response = send(asked, SAD, complete=True, now=NEXT_WEEK)
        send(asked, {"reason": Given(text=" A week late ")}, now=NEXT_WEEK)
    finally:
        response_recorded.disconnect(hear)

    assert heard == [response.pk]
    assert response.version == 1
    assert AuditEntry.objects.filter(action="survey.answered").count() == 1


def test_after_a_day_what_was_said_stays_and_what_was_not_may_be_added(asked):
    send(asked, {"score": Given(number=1)})

    with pytest.raises(AlreadyFinal):
        send(asked, {"score": Given(number=5)}, now=NEXT_WEEK)
    added = send(asked, SAD, complete=True, now=NEXT_WEEK)
    assert added.completed_at == NEXT_WEEK

    with pytest.raises(AlreadyFinal):
        send(asked, {"how": Given(text="More")}, now=NEXT_WEEK + timedelta(days=2))


def test_what_must_be_answered_is_named_and_nothing_is_kept(asked):
    with pytest.raises(InvalidValue) as refused:
        send(asked, {"score": Given(number=2)}, complete=True)

    assert refused.value.fields == {"wrong": "required"}
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"score": Given(number=6)}, {"score": "out_of_range"}),
        ({"nothing": Given(number=1)}, {"nothing": "unknown"}),
        ({"wrong": Given(choices=("slow",))}, {"wrong": "unknown_choice"}),
        ({"how": Given(text="\x00")}, {"how": "control_characters"}),
        ({"how": Given(text="x" * 201)}, {"how": "too_long"}),
    ],
)
def test_what_fits_no_question_is_refused(asked, given, fields):
    with pytest.raises(InvalidValue) as refused:
        send(asked, given)

    assert refused.value.fields == fields
    assert not Response.objects.exists()


def test_a_low_score_of_any_scale_opens_a_follow_up(asked):
    send(asked, SAD)

    task = FollowUp.objects.get()
    # The survey of these tests promises confidence.
    assert task.why == "An unhappy answer, given in confidence"
    assert task.is_urgent
    send(asked, HAPPY, now=LATER)
    assert FollowUp.objects.get().state == "dropped"


def test_those_who_began_keep_the_questions_of_their_time(asked, survey):
    begun = send(asked, {"score": Given(number=5)})
    version = SurveyVersion.objects.create(
        survey=survey,
        number=2,
        state="published",
        content={"questions": [{"key": "other", "kind": "long"}]},
        made_at=NOW,
        published_at=NOW,
    )
    survey.live_version = version
    survey.save()

    response = send(asked, {"when": Given(day=date(2026, 5, 3))}, now=LATER)

    assert response.pk == begun.pk
    assert response.survey_version_id == begun.survey_version_id
    assert set(rows(response)) == {"when"}


def test_a_closed_survey_lets_those_finish_who_began(asked, survey):
    late = ByInvitation(InvitationFactory(survey=survey).pk)
    send(asked, {"score": Given(number=5)})
    survey.state = "closed"
    survey.save()

    assert send(asked, HAPPY, complete=True, now=LATER).completed_at == LATER
    with pytest.raises(InvitationExpired):
        send(late, HAPPY)


def test_an_nps_answer_takes_no_statement_more_than_one_row_needs(invitation):
    with CaptureQueriesContext(connection) as seen:
        record_response(invitation.pk, score=9, comment="", language="en", now=NOW)

    tables = [query["sql"] for query in seen if "surveys_answer" in query["sql"]]
    assert tables == []
    # Two are the savepoint that a test makes of a transaction.
    assert len(seen) <= 8


def test_a_press_in_the_mail_is_a_score_of_the_survey(asked, survey):
    survey.one_click = True
    survey.save()

    pressed = record_provisional(asked.invitation_id, score=5, language="en", now=NOW)

    assert (pressed.scale, pressed.score, pressed.state) == ("csat", 5, "provisional")
    with pytest.raises(InvalidValue):
        record_provisional(asked.invitation_id, score=9, language="en", now=NOW)
    confirmed = send(asked, {"score": Given(number=2)}, now=LATER)
    assert (confirmed.score, confirmed.state) == (2, "confirmed")


# --- By a share link -----------------------------------------------------------------


@pytest.fixture
def till(survey):
    return ShareLink.objects.create(
        survey=survey,
        name="Till",
        token="t" * 43,
        declared={"till": ["1", "2"]},
        made_at=NOW,
    )


def test_somebody_by_a_link_is_nobody_we_know(till):
    by = ByLink(till.pk, SOMEBODY, {"till": "2", "who": "me"})

    send(by, {"score": Given(number=1)})
    response = send(by, SAD, complete=True, now=LATER)

    assert Response.objects.count() == 1
    assert (response.channel, response.customer, response.invitation) == (
        "link",
        None,
        None,
    )
    assert response.declared == {"till": "2"}, "what staff did not list is dropped"
    assert not FollowUp.objects.exists()


def test_a_value_that_is_not_listed_is_dropped(till):
    assert send(ByLink(till.pk, SOMEBODY, {"till": "3"}), HAPPY).declared == {}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"is_open": False}, InvitationExpired),
        ({"closes_at": NOW}, InvitationExpired),
    ],
)
def test_a_link_that_is_closed_takes_no_answer(till, changes, error):
    ShareLink.objects.filter(pk=till.pk).update(**changes)

    with pytest.raises(error):
        send(ByLink(till.pk, SOMEBODY, {}), HAPPY)


def test_a_link_that_is_not_there_takes_no_answer(shop):
    with pytest.raises(InvitationGone):
        send(ByLink(10**9, SOMEBODY, {}), HAPPY)


# --- What the database refuses -------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"score": 6}, "response_score_fits_scale"),
        ({"score": None}, "response_score_fits_scale"),
        ({"scale": ""}, "response_score_fits_scale"),
        ({"channel": "link"}, "response_channel_has_source"),
        ({"channel": "fax"}, "response_channel"),
        ({"customer": None}, "response_invited_is_somebody"),
        ({"respondent": SOMEBODY}, "response_channel_has_source"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(asked, values, name):
    response = send(asked, HAPPY)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Response.objects.filter(pk=response.pk).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "stars"},
        {"kind": "stars", "number": 11},
        {"kind": "stars", "number": 3, "text": "x"},
        {"kind": "choice"},
        {"kind": "long", "number": 1},
        {"kind": "day", "text": "x"},
        {"kind": "poem", "text": "x"},
    ],
)
def test_an_answer_has_the_column_of_its_kind_alone(asked, values):
    response = send(asked, HAPPY)

    with pytest.raises(IntegrityError, match="answer_fits_kind"), transaction.atomic():
        Answer.objects.create(response=response, question="q", **values)


def test_what_was_published_never_changes(survey):
    with (
        pytest.raises(IntegrityError, match="a published version stays as it was"),
        transaction.atomic(),
    ):
        SurveyVersion.objects.filter(survey=survey).update(content={})
    user = UserFactory()
    SurveyVersion.objects.filter(survey=survey).update(made_by=user)


def test_there_is_one_draft_at_most(survey):
    draft = {"survey": survey, "state": "draft", "content": {}, "made_at": NOW}
    SurveyVersion.objects.create(number=2, **draft)

    with pytest.raises(IntegrityError, match="survey_one_draft"), transaction.atomic():
        SurveyVersion.objects.create(number=3, **draft)
