"""Answers: one per invitation, changeable for a day, followed up when they are low."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from crm.models import AuditEntry, Business, FollowUp
from crm.services import follow_ups
from surveys.errors import (
    AlreadyFinal,
    InvitationExpired,
    InvitationGone,
    NotOneClick,
)
from surveys.models import Invitation, Response, ResponseVersion
from surveys.services import invitations
from surveys.services.responses import record_provisional, record_response
from surveys.signals import response_recorded
from tests.factories import NOW, CustomerFactory, InvitationFactory, UserFactory
from web.errors import InvalidValue

LATER = NOW + timedelta(hours=1)
TOO_LATE = NOW + timedelta(hours=24)


def answer(invitation, score=9, comment="", now=NOW):
    return record_response(
        invitation.pk, score=score, comment=comment, language="he", now=now
    )


def press(invitation, score, now=NOW):
    return record_provisional(invitation.pk, score=score, language="en", now=now)


@pytest.fixture
def one_click(invitation):
    invitation.survey.one_click = True
    invitation.survey.save()
    return invitation


def test_an_answer_is_confirmed_and_closes_its_invitation(invitation):
    response = answer(invitation, 9, "Good coffee")

    invitation.refresh_from_db()
    assert (response.score, response.comment) == (9, "Good coffee")
    assert (response.state, response.language) == ("confirmed", "he")
    assert response.changeable_until == NOW + timedelta(hours=24)
    assert invitation.state == "answered"


def test_the_same_answer_twice_is_one_answer(invitation):
    answer(invitation, 9, "Good")
    answer(invitation, 9, "Good", now=LATER)

    assert Response.objects.get().version == 1
    assert not ResponseVersion.objects.exists()


def test_the_same_answer_days_later_is_still_no_error(invitation):
    answer(invitation, 9)

    assert answer(invitation, 9, now=TOO_LATE).version == 1


def test_a_change_within_a_day_keeps_the_old_answer_as_a_version(invitation):
    answer(invitation, 9, "Good")
    answer(invitation, 4, "Late after all", now=LATER)

    response = Response.objects.get()
    old = ResponseVersion.objects.get()
    assert (response.score, response.comment, response.version) == (
        4,
        "Late after all",
        2,
    )
    assert (old.version, old.score, old.comment) == (1, 9, "Good")
    assert response.confirmed_at == NOW


def test_after_a_day_the_answer_is_final(invitation):
    answer(invitation, 9)

    with pytest.raises(AlreadyFinal):
        answer(invitation, 4, now=TOO_LATE)
    assert Response.objects.get().score == 9


def test_an_expired_invitation_takes_no_answer(invitation):
    with pytest.raises(InvitationExpired):
        answer(invitation, now=invitation.expires_at)
    assert not Response.objects.exists()


def test_an_answer_may_be_changed_after_the_invitation_expired(invitation):
    last_minute = invitation.expires_at - timedelta(minutes=1)
    answer(invitation, 9, now=last_minute)

    changed = answer(invitation, 8, now=invitation.expires_at + timedelta(hours=1))

    assert changed.score == 8


def test_a_revoked_invitation_takes_no_answer(invitation):
    invitations.revoke(invitation, now=NOW)

    with pytest.raises(InvitationGone):
        answer(invitation)


def test_an_erased_customer_cannot_answer(invitation):
    invitation.customer.erased_at = NOW
    invitation.customer.save()

    with pytest.raises(InvitationGone):
        answer(invitation)


@pytest.mark.parametrize("score", [-1, 11])
def test_a_score_outside_the_scale_is_refused(invitation, score):
    with pytest.raises(InvalidValue) as refused:
        answer(invitation, score)
    assert refused.value.fields == {"score": "out_of_range"}


@pytest.mark.parametrize("score", [-1, 11])
def test_the_database_refuses_a_score_outside_the_scale(invitation, score):
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(
            invitation=invitation,
            survey=invitation.survey,
            customer=invitation.customer,
            score=score,
            state="confirmed",
            first_at=NOW,
            confirmed_at=NOW,
            changeable_until=NOW,
        )


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("a\x00b", "control_characters"),
        ("\ud800", "not_text"),
        ("x" * 4001, "too_long"),
    ],
)
def test_words_that_cannot_be_stored_are_refused(invitation, comment, code):
    with pytest.raises(InvalidValue) as refused:
        answer(invitation, 9, comment)
    assert refused.value.fields == {"comment": code}


def test_every_answer_leaves_one_audit_entry(invitation):
    response = answer(invitation, 9)
    answer(invitation, 9)

    entry = AuditEntry.objects.get(action="survey.answered")
    assert entry.subject == f"response:{response.pk}"
    assert entry.customer_id == invitation.customer_id


def test_an_answer_is_announced_once(invitation):
    heard = []

    def hear(response, now, **kwargs):
        heard.append((response.score, now))

    response_recorded.connect(hear)
    try:
        answer(invitation, 9)
        answer(invitation, 9, now=LATER)
    finally:
        response_recorded.disconnect(hear)

    assert heard == [(9, NOW)]


# --- Low scores ----------------------------------------------------------------------


def test_a_low_score_opens_a_task_for_the_customers_owner(shop):
    noa = UserFactory()
    invitation = InvitationFactory(customer=CustomerFactory(owner=noa))

    response = answer(invitation, 6, "The bag was torn")

    task = FollowUp.objects.get()
    assert task.source_key == f"response:{response.pk}"
    assert (task.assignee, task.customer) == (noa, invitation.customer)
    assert task.why == "Scored 6 of 10"
    assert not task.is_urgent


def test_a_very_low_score_is_urgent(invitation):
    answer(invitation, 3)

    assert FollowUp.objects.get().is_urgent


@pytest.mark.parametrize("score", [7, 8, 9, 10])
def test_other_scores_open_no_task(invitation, score):
    answer(invitation, score)

    assert not FollowUp.objects.exists()


def test_the_task_is_due_in_the_shops_working_hours(shop):
    # Saturday noon: Monday noon in Leeds, and Sunday noon where Friday is the day off.
    answer(InvitationFactory(), 2)
    Business.objects.update(country="IL", time_zone="Asia/Jerusalem")
    answer(InvitationFactory(), 2)

    leeds, tel_aviv = FollowUp.objects.order_by("id")
    assert (leeds.due_on, leeds.due_at.hour) == (date(2026, 11, 23), 12)
    assert (tel_aviv.due_on, tel_aviv.due_at.hour) == (date(2026, 11, 22), 10)


def test_the_task_and_the_answer_stand_or_fall_together(invitation):
    def break_it(**kwargs):
        raise RuntimeError("a receiver failed")

    response_recorded.connect(break_it)
    try:
        with pytest.raises(RuntimeError):
            answer(invitation, 2)
    finally:
        response_recorded.disconnect(break_it)

    assert not Response.objects.exists()
    assert not FollowUp.objects.exists()


def test_a_change_to_a_high_score_drops_the_untouched_task(invitation):
    answer(invitation, 2)
    answer(invitation, 9, now=LATER)

    assert FollowUp.objects.get().state == "dropped"


def test_a_task_that_somebody_took_stays_theirs(invitation):
    answer(invitation, 2)
    follow_ups.take(FollowUp.objects.get(), staff=UserFactory(), now=NOW)
    answer(invitation, 9, now=LATER)

    assert FollowUp.objects.get().state == "taken"


def test_a_change_between_low_scores_rewords_the_task(invitation):
    answer(invitation, 2)
    answer(invitation, 5, now=LATER)

    task = FollowUp.objects.get()
    assert (task.why, task.is_urgent) == ("Scored 5 of 10", False)


def test_low_then_high_then_low_is_one_open_task(invitation):
    for minutes, score in enumerate([2, 9, 1]):
        answer(invitation, score, now=NOW + timedelta(minutes=minutes))

    task = FollowUp.objects.get()
    assert (task.state, task.why) == ("open", "Scored 1 of 10")


def test_a_task_that_was_done_is_not_opened_again(invitation):
    answer(invitation, 2)
    follow_ups.finish(FollowUp.objects.get(), now=NOW, staff=UserFactory())
    answer(invitation, 1, now=LATER)

    assert FollowUp.objects.get().state == "done"


# --- One click -----------------------------------------------------------------------


def test_a_press_counts_nowhere(one_click):
    response = press(one_click, 2)

    one_click.refresh_from_db()
    assert (response.state, response.confirmed_at) == ("provisional", None)
    assert one_click.state == "open"
    assert not FollowUp.objects.exists()


def test_a_survey_without_the_option_takes_no_press(invitation):
    with pytest.raises(NotOneClick):
        press(invitation, 9)
    assert not Response.objects.exists()


def test_several_scores_within_seconds_cancel_each_other(one_click):
    for second, score in enumerate([0, 1, 2, 10]):
        press(one_click, score, now=NOW + timedelta(seconds=second))

    response = Response.objects.get()
    assert (response.state, response.clashing) == ("provisional", True)


def test_another_score_on_another_day_is_a_change_of_mind(one_click):
    press(one_click, 3)
    response = press(one_click, 8, now=NOW + timedelta(days=1))

    assert (response.score, response.clashing) == (8, False)


def test_a_human_act_confirms_a_press(one_click):
    press(one_click, 0)
    press(one_click, 9)

    response = answer(one_click, 2, "Torn bag", now=LATER)

    assert (response.state, response.score, response.clashing) == (
        "confirmed",
        2,
        False,
    )
    assert response.confirmed_at == LATER
    assert response.changeable_until == LATER + timedelta(hours=24)
    assert FollowUp.objects.exists()


def test_a_confirmation_of_the_pressed_score_confirms_it_too(one_click):
    press(one_click, 9)

    assert answer(one_click, 9, now=LATER).state == "confirmed"


def test_a_press_after_the_answer_changes_nothing(one_click):
    answer(one_click, 9)
    press(one_click, 0, now=LATER)

    assert Response.objects.get().score == 9


# --- Invitations ---------------------------------------------------------------------


def test_unanswered_invitations_expire(invitation):
    answered = InvitationFactory()
    answer(answered)

    assert invitations.expire(now=invitation.expires_at) == 1
    assert invitations.expire(now=invitation.expires_at) == 0
    assert set(Invitation.objects.values_list("state", flat=True)) == {
        "answered",
        "expired",
    }


# --- At the same time ----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_fifty_answers_at_once_are_one_answer(invitation):
    def send(number):
        try:
            return answer(invitation, number % 11, now=NOW).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as people:
        answers = set(people.map(send, range(50)))

    assert len(answers) == 1
    response = Response.objects.get()
    assert response.versions.count() == response.version - 1
    assert FollowUp.objects.count() <= 1


@pytest.mark.django_db(transaction=True)
def test_fifty_same_answers_at_once_leave_no_versions(invitation):
    def send(_):
        try:
            answer(invitation, 2)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as people:
        list(people.map(send, range(50)))

    assert Response.objects.get().version == 1
    assert FollowUp.objects.count() == 1
