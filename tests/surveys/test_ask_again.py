"""Once more, 30 days after the follow-up on an unhappy answer was closed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.models import FollowUp
from crm.services import follow_ups, merging, personal_data
from messaging import kinds
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from messaging.selectors.forecasts import coming
from messaging.services import automations, consent, delivery, planning
from surveys.choices import AnswerBand, LeftOut
from surveys.models import Invitation, Response, Survey
from surveys.services import invitations
from surveys.services.after import After, save_after
from surveys.services.leaving_out import leave_out
from surveys.services.responses import record_response
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    ResponseFactory,
    UserFactory,
)

DAY = timedelta(days=1)
AGAIN = "survey_again"
CLOSED_AT = NOW - 29 * DAY  # so that it is due tomorrow at ten


@pytest.fixture(autouse=True)
def automation(shop):
    row = Automation.objects.get(kind=AGAIN)
    Automation.objects.filter(pk=row.pk).update(rests=False)
    row.refresh_from_db()
    return automations.switch_on(row, now=NOW - 50 * DAY)


def unhappy(score=2, **customer):
    """An answer of some weeks ago."""
    whom = CustomerFactory(created_at=NOW - 90 * DAY, **customer)
    invitation = InvitationFactory(customer=whom, invited_at=NOW - 36 * DAY)
    return record_response(
        invitation.pk, score=score, comment="", language="en", now=NOW - 35 * DAY
    )


def close(response, *, at=CLOSED_AT, outcome="Sent a new one"):
    row = FollowUp.objects.get(source_key=f"response:{response.pk}")
    return follow_ups.finish(row, now=at, staff=UserFactory(), outcome=outcome)


def sweep(now=NOW):
    return planning.sweep(now=now, kinds=[AGAIN])[AGAIN]["planned"]


def became(now=NOW + DAY):
    """What became of each mail at its hour."""
    delivery.deliver(now=now.replace(hour=12))
    rows = Message.objects.filter(kind=AGAIN).order_by("customer", "id")
    return [(row.state, row.reason_code or row.deferred_reason) for row in rows]


def test_whoever_was_helped_is_asked_the_same_survey_once_after_thirty_days():
    response = unhappy()
    order = OrderFactory(customer=response.customer)
    Invitation.objects.filter(pk=response.invitation_id).update(order=order)
    close(response)

    early = sweep(NOW - 2 * DAY)
    planned = [sweep(), sweep()]
    states = became()

    asked = Invitation.objects.get(message__kind=AGAIN)
    assert (early, planned, states) == (0, [1, 0], [("sent", "")])
    assert (asked.survey_id, asked.customer_id, asked.order_id) == (
        response.survey_id,
        response.customer_id,
        order.pk,
    )
    message = Message.objects.get(kind=AGAIN)
    assert message.due_on == (CLOSED_AT + 30 * DAY).date()
    assert "you answered a survey of ours on" in message.body.text
    assert kinds.get(AGAIN).explain([message])[message.pk].startswith("The follow-up")


def test_the_new_answer_is_one_of_its_own():
    response = unhappy()
    close(response)
    sweep()
    became()
    asked = Invitation.objects.get(message__kind=AGAIN)

    record_response(asked.pk, score=9, comment="", language="en", now=NOW + 2 * DAY)

    scores = Response.objects.filter(customer=response.customer).order_by("id")
    assert list(scores.values_list("score", flat=True)) == [2, 9]
    assert sweep(NOW + 3 * DAY) == 0


def test_who_is_asked_again_takes_a_place_of_the_month():
    first, second = unhappy(), unhappy()
    Survey.objects.update(most_a_month=1)
    close(first)
    close(second, at=CLOSED_AT + DAY)

    for now in (NOW, NOW + DAY):
        sweep(now)
        delivery.deliver(now=(now + DAY).replace(hour=12))

    mails = Message.objects.filter(kind=AGAIN).order_by("id")
    assert list(mails.values_list("state", "deferred_reason")) == [
        ("sent", ""),
        ("planned", "survey_month_full"),
    ]


def test_the_forecast_says_who_waits_for_a_place_of_the_month(automation):
    """30 a month: by the 20th of November 20 places, and 19 of them are taken."""
    for _ in range(3):
        close(unhappy())
    Survey.objects.update(most_a_month=30)
    asked = Automation.objects.get(asking__survey=Response.objects.first().survey_id)
    MessageFactory.create_batch(
        (NOW + DAY).day - 1,
        kind=asked.kind,
        automation=asked,
        state="sent",
        final_at=NOW,
        counted_at=NOW,
    )

    foreseen = coming(automation, now=NOW)

    assert foreseen.going == 1
    assert foreseen.waiting == {"survey_month_full": 2}


def test_whoever_is_asked_again_stands_in_the_queue_of_the_others():
    asked = Automation.objects.get(kind="survey_after_delivery")
    Automation.objects.filter(pk=asked.pk).update(rests=False)
    asked.refresh_from_db()
    asked = automations.switch_on(asked, now=NOW - 20 * DAY)
    Survey.objects.update(most_a_month=30)
    close(unhappy())
    OrderFactory(ordered_at=NOW - 30 * DAY, delivered_on=(NOW - 4 * DAY).date())
    MessageFactory.create_batch(
        (NOW + DAY).day - 1,
        kind=asked.kind,
        automation=asked,
        state="sent",
        final_at=NOW,
        counted_at=NOW,
    )
    again = Automation.objects.get(kind=AGAIN)

    foreseen = [coming(one, now=NOW) for one in (asked, again)]

    assert sorted(one.going for one in foreseen) == [0, 1]
    assert [one.waiting for one in foreseen if one.waiting] == [
        {"survey_month_full": 1}
    ]


def test_the_forecast_says_that_the_survey_has_ended(automation):
    close(unhappy())
    Survey.objects.update(ends_on=(NOW - DAY).date())

    foreseen = coming(automation, now=NOW)

    assert (foreseen.going, foreseen.held) == (0, {"survey_ended": 1})


def test_nobody_is_asked_again_whose_follow_up_was_dropped_or_is_open():
    unhappy()
    dropped = unhappy()
    row = FollowUp.objects.get(source_key=f"response:{dropped.pk}")
    follow_ups.drop(row, now=CLOSED_AT, staff=UserFactory())

    assert sweep() == 0


def test_an_undo_of_the_closing_takes_it_back_and_closing_again_plans_anew():
    response = unhappy()
    row = close(response)
    sweep()

    follow_ups.reopen(row, now=NOW)
    undone = became()
    close(response, at=NOW + 2 * DAY)
    sweep(NOW + 31 * DAY)

    assert undone == [("superseded", "superseded_follow_up_reopened")]
    assert became(NOW + 32 * DAY)[1:] == [("sent", "")]


BANDS = [(2, AnswerBand.URGENT, AnswerBand.LOW), (5, AnswerBand.LOW, AnswerBand.URGENT)]


@pytest.mark.parametrize(("score", "band", "other"), BANDS)
def test_the_owner_turns_it_off_by_band(score, band, other):
    response = unhappy(score)
    close(response)

    save_after(response.survey, {other: After(asks_again=False)}, now=NOW)
    sweep()
    save_after(response.survey, {band: After(asks_again=False)}, now=NOW)

    assert became() == [("cancelled", "not_asked_again")]
    close(unhappy(score))
    assert sweep() == 0


def test_the_page_keeps_the_choice(client):
    response = unhappy()
    client.force_login(UserFactory(role="owner"))
    page = reverse("surveys:survey-after", args=[response.survey_id])
    before = client.get(page).context["form"]["asks_again_low"].value()

    client.post(page, {"next_step_happy": "nothing", "asks_again_urgent": "on"})

    form = client.get(page).context["form"]
    assert before is True
    assert form["asks_again_low"].value() is False
    assert form["asks_again_urgent"].value() is True


def answer_once_more(response):
    ResponseFactory(
        survey=response.survey,
        invitation__customer=response.customer,
        first_at=NOW - 3 * DAY,
    )


def take_out(response):
    leave_out(response, because=LeftOut.MISTAKE, now=NOW)


def end_the_survey(response):
    Survey.objects.filter(pk=response.survey_id).update(state="closed")


MEANWHILE = {
    "already_answered": answer_once_more,
    "answer_left_out": take_out,
    "survey_closed": end_the_survey,
}


@pytest.mark.parametrize("code", MEANWHILE)
def test_what_makes_it_needless_meanwhile_is_its_reason(code):
    response = unhappy()
    close(response)
    sweep()

    MEANWHILE[code](response)

    assert became() == [("cancelled", code)]


def test_whoever_left_the_last_surveys_unanswered_rests():
    response = unhappy()
    close(response)
    Survey.objects.filter(pk=response.survey_id).update(
        rest_after_ignored=1, rest_days=180
    )
    InvitationFactory(
        customer=response.customer, state="expired", invited_at=NOW - 20 * DAY
    )
    sweep()

    assert became() == [("cancelled", "ignored_surveys")]


def test_whoever_said_no_rests_at_once_and_asks_for_no_reminder():
    response = unhappy()
    close(response)
    asked = InvitationFactory(customer=response.customer, invited_at=NOW - 9 * DAY)
    assert invitations.decline(asked.pk, now=NOW - 8 * DAY)
    sweep()

    assert became() == [("cancelled", "declined_survey")]


def test_the_contact_limit_and_a_no_hold_as_for_any_mail():
    limited, refusing = unhappy(), unhappy()
    for days in (1, 2, 3):
        at = NOW - days * DAY
        MessageFactory(
            customer=limited.customer, state="sent", counted_at=at, final_at=at
        )
    for response in (limited, refusing):
        close(response)
    sweep()
    consent.withdraw(
        refusing.customer, categories=[Category.SURVEY], how="stop_page", now=NOW
    )

    assert became() == [("planned", "contact_limit"), ("suppressed", "opted_out")]


def test_after_a_merge_it_goes_to_the_record_that_stays_and_to_nobody_erased():
    moved, gone = unhappy(email="a@example.org"), unhappy()
    for response in (moved, gone):
        close(response)
    kept = CustomerFactory(email="b@example.org", created_at=NOW - 90 * DAY)
    merging.merge(kept, moved.customer, now=NOW)
    personal_data.erase(gone.customer, now=NOW)
    sweep()
    became()

    sent = Message.objects.filter(kind=AGAIN, state="sent")
    assert [row.customer_id for row in sent] == [kept.pk]


def test_the_forecast_has_it(automation):
    close(unhappy(), at=NOW - 10 * DAY)

    foreseen = coming(automation, now=NOW)

    assert foreseen.total == 1


def test_an_exit_survey_is_asked_once():
    response = unhappy()
    Survey.objects.filter(pk=response.survey_id).update(kind="exit")
    close(response)

    assert sweep() == 0


@pytest.mark.parametrize("language", ["en", "he", "zh-hans", "zh-hant"])
def test_its_words_are_in_their_language(language):
    sample = kinds.get(AGAIN).sample(language, NOW)

    assert ("a survey of ours" in sample.footer_reason) is (language == "en")
