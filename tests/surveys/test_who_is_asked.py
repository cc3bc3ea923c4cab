"""Whom a survey asks and whom it does not, each with its reason: by the real sweep and
the real claim, and the same in the forecast."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from crm.services import api_tokens, merging
from messaging import kinds
from messaging.models import Automation, ForecastDay, Message
from messaging.selectors.forecasts import coming
from messaging.services import (
    automation_rows,
    automations,
    delivery,
    forecast,
    forecast_mails,
    planning,
)
from support.models import Conversation, Mail
from surveys.models import Asking, AskRequest, Invitation, Survey
from surveys.rules.places import is_in_sample, next_place_on, places_by
from surveys.services import invitations
from surveys.services.settings import edit_survey
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    ResponseFactory,
    SurveyFactory,
    UserFactory,
)

DAY = timedelta(days=1)
POST, REMINDER = "survey_after_delivery", "survey_reminder"
CONVERSATION = "survey_after_conversation"
REQUEST, ON_DATE = "survey_on_request", "survey_on_date"


@pytest.fixture(autouse=True)
def _shop(shop):
    pass


def automation_of(kind):
    """Switched on long before NOW."""
    row = Automation.objects.filter(kind=kind).first()
    row = row or automation_rows.create(kinds.get(kind), now=NOW)
    # NOW is a Saturday.
    Automation.objects.filter(pk=row.pk).update(rests=False)
    row.refresh_from_db()
    return automations.switch_on(row, now=NOW - 20 * DAY)


def limit(kind, **values):
    survey = Survey.objects.get(askings__automation__kind=kind)
    Survey.objects.filter(pk=survey.pk).update(**values)
    return survey


def delivered(**more):
    """Asked about tomorrow at ten."""
    return OrderFactory(
        ordered_at=NOW - 30 * DAY, delivered_on=(NOW - 4 * DAY).date(), **more
    )


def sweep(kind, now=NOW):
    return planning.sweep(now=now, kinds=[kind])[kind]["planned"]


def become(kind, *, days=1, hours=0):
    """What became of each mail, at the claim so many days later."""
    at = (NOW + days * DAY).replace(hour=12) + timedelta(hours=hours)
    delivery.deliver(now=at)
    return [
        (row.state, row.reason_code or row.deferred_reason)
        for row in Message.objects.filter(kind=kind, due_on__gt=NOW.date()).order_by(
            "id"
        )
    ]


# --- The limits of a survey ----------------------------------------------------------


def answered_before():
    survey = Survey.objects.get(askings__automation__kind=POST)
    ResponseFactory(survey=survey, invitation__customer=CustomerFactory())


OVER = {
    "survey_closed": ({"state": "closed"}, None),
    "survey_ended": ({"ends_on": NOW.date()}, None),
    "survey_has_enough": ({"ends_after": 1}, answered_before),
}


@pytest.mark.parametrize("code", OVER)
def test_a_survey_that_is_over_says_so_at_the_claim_and_in_the_forecast(code):
    values, before = OVER[code]
    automation = automation_of(POST)
    delivered()
    sweep(POST)
    limit(POST, **values)
    if before:
        before()

    foreseen = coming(automation, now=NOW).held

    assert foreseen == {code: 1}
    assert become(POST) == [("cancelled", code)]
    assert Invitation.objects.filter(message__kind=POST, state="open").count() == 0


@pytest.mark.parametrize("code", ["survey_closed", "survey_has_enough"])
def test_nobody_is_planned_for_a_survey_that_is_over(code):
    values, before = OVER[code]
    automation = automation_of(POST)
    limit(POST, **values)
    if before:
        before()
    delivered()

    assert sweep(POST) == 0
    assert coming(automation, now=NOW).held == {code: 1}


def test_on_its_last_day_a_survey_still_asks():
    automation_of(POST)
    limit(POST, ends_on=(NOW + DAY).date())
    delivered()
    sweep(POST)

    assert become(POST) == [("sent", "")]


def test_a_sample_is_drawn_by_customer_and_the_rest_have_a_reason():
    automation = automation_of(POST)
    survey = limit(POST, sample_percent=50)
    orders = [delivered() for _ in range(12)]
    sweep(POST)

    drawn = {one.customer_id: is_in_sample(survey.pk, 50, one.customer_id)
             for one in orders}  # fmt: skip
    foreseen = coming(automation, now=NOW)
    become(POST)

    states = dict(Message.objects.values_list("customer", "state"))
    assert states == {pk: "sent" if yes else "cancelled" for pk, yes in drawn.items()}
    outside = list(drawn.values()).count(False)
    assert foreseen.held == Counter({"outside_sample": outside})
    assert foreseen.going == 12 - outside


def ignored(customer, count, *, state="expired"):
    for ago in range(count):
        InvitationFactory(
            customer=customer,
            survey=SurveyFactory(),
            asking=None,
            invited_at=NOW - (60 + 40 * ago) * DAY,
            state=state if ago == 0 else "expired",
        )


@pytest.mark.parametrize(
    ("count", "state", "values", "is_asked"),
    [
        pytest.param(3, "expired", {}, False, id="three in a row"),
        pytest.param(2, "expired", {}, True, id="two only"),
        pytest.param(3, "answered", {}, True, id="the last was answered"),
        pytest.param(3, "expired", {"rest_days": 50}, True, id="rested enough"),
        pytest.param(
            3, "expired", {"rest_after_ignored": None}, True, id="nobody rests"
        ),
    ],
)
def test_who_ignored_the_last_surveys_is_left_in_peace(count, state, values, is_asked):
    automation = automation_of(POST)
    limit(POST, **values)
    ignored(delivered().customer, count, state=state)
    sweep(POST)

    held = coming(automation, now=NOW).held

    assert bool(held) is not is_asked
    expected = ("sent", "") if is_asked else ("cancelled", "ignored_surveys")
    (row,) = Message.objects.filter(kind=POST, automation=automation)
    delivery.deliver(now=NOW + DAY + timedelta(hours=3))
    row.refresh_from_db()
    assert (row.state, row.reason_code) == expected


def test_a_forecast_that_looks_at_one_for_many_knows_who_rests_on_the_day(monkeypatch):
    """A survey on a date, in a month: who declined or ignored others rests until then,
    or no longer."""
    automation = automation_of(ON_DATE)
    automations.edit(
        automation,
        version=automation.version,
        now=NOW,
        params={**automation.params, "month": "12", "day": "22"},
    )
    limit(ON_DATE, rest_days=80)
    CustomerFactory.create_batch(3, mail_ground="Bought")
    for days_ago in (10, 45, 60):
        asked = InvitationFactory(
            customer=CustomerFactory(mail_ground="Bought"),
            survey=SurveyFactory(),
            asking=None,
            invited_at=NOW - (days_ago + 2) * DAY,
        )
        invitations.decline(asked.pk, now=NOW - days_ago * DAY)
    ignored(CustomerFactory(mail_ground="Bought"), 3)
    ignored(CustomerFactory(mail_ground="Bought"), 3, state="answered")

    def found():
        kept = forecast.work_out(None, now=NOW)
        figures = kept.days.values_list("day", "decision", "reason_code", "mails")
        return sorted(figures), kept.people.values("alike").distinct().count()

    together, looked_at = found()
    monkeypatch.setattr(forecast_mails, "goes_by_day", lambda *_: False)

    assert found()[0] == together
    day = date(2026, 12, 22)
    assert [row for row in together if row[0] == day] == [
        (day, "goes", "", 6),
        (day, "refused", "declined_survey", 2),
    ]
    assert looked_at == 5


def test_who_rests_until_one_day_by_other_surveys_is_not_looked_at_for_the_other(
    monkeypatch,
):
    """Both until 11 December: one by the first survey alone, one by the second."""
    for day, limits in (("25", (1, 30)), ("9", (3, 80))):
        one = automation_rows.create(kinds.get(ON_DATE), name=day, now=NOW)
        month = "11" if day == "25" else "12"
        automations.edit(
            one, version=one.version, now=NOW, rests=False,
            params={**one.params, "month": month, "day": day},
        )  # fmt: skip
        automations.switch_on(one, now=NOW - 20 * DAY)
        Survey.objects.filter(askings__automation=one).update(
            rest_after_ignored=limits[0], rest_days=limits[1]
        )
    lately, often = (CustomerFactory(mail_ground="Bought") for _ in range(2))
    InvitationFactory(
        customer=lately,
        survey=SurveyFactory(),
        asking=None,
        invited_at=NOW - 10 * DAY,
        state="expired",
    )
    ignored(often, 3)

    def found():
        kept = forecast.work_out(None, now=NOW)
        rows = kept.days.values_list("day", "decision", "mails")
        return sorted(row for row in rows if row[1] in {"goes", "refused"})

    together = found()
    monkeypatch.setattr(forecast_mails, "goes_by_day", lambda *_: False)

    assert found() == together
    assert together == [
        (day, decision, 1)
        for day in (date(2026, 11, 25), date(2026, 12, 9))
        for decision in ("goes", "refused")
    ]


@pytest.mark.parametrize(("days_ago", "is_asked"), [(1, False), (360, True)])
def test_who_said_no_rests_at_once_and_longer_than_others(days_ago, is_asked):
    automation = automation_of(POST)
    limit(POST, rest_days=300, rest_after_ignored=None)
    asked = InvitationFactory(
        customer=delivered().customer,
        survey=SurveyFactory(),
        asking=None,
        invited_at=NOW - (days_ago + 2) * DAY,
    )
    invitations.decline(asked.pk, now=NOW - days_ago * DAY)
    sweep(POST)

    held = coming(automation, now=NOW).held

    assert held == ({} if is_asked else {"declined_survey": 1})
    assert become(POST) == [
        ("sent", "") if is_asked else ("cancelled", "declined_survey")
    ]


def waiting_days():
    """On which days those that wait go, and how many."""
    forecast.work_out(None, now=NOW)
    rows = ForecastDay.objects.filter(decision="waits").order_by("goes_on")
    return list(rows.values_list("goes_on", "mails"))


def test_the_places_of_a_month_are_spread_over_its_days():
    """NOW + 1 is 22 November: 22 of 30 places may be taken by then, and 22 are."""
    automation = automation_of(POST)
    limit(POST, most_a_month=30)
    MessageFactory.create_batch(
        21, kind=POST, automation=automation, state="sent", final_at=NOW,
        counted_at=NOW,
    )  # fmt: skip
    for _ in range(3):
        delivered()
    sweep(POST)
    own = Message.objects.filter(kind=POST).exclude(final_at=NOW).order_by("id")

    foreseen, days = coming(automation, now=NOW), waiting_days()
    delivery.deliver(now=datetime(2026, 11, 22, 12, tzinfo=UTC))

    assert (foreseen.going, foreseen.waiting) == (1, {"survey_month_full": 2})
    assert days == [(date(2026, 11, 23), 1), (date(2026, 11, 24), 1)]
    first, *rest = own
    assert first.state == "sent"
    assert {(row.state, row.deferred_reason) for row in rest} == {
        ("planned", "survey_month_full")
    }
    assert {row.not_before for row in rest} == {datetime(2026, 11, 23, 10, tzinfo=UTC)}


def test_the_forecast_says_when_each_has_its_place_and_who_is_too_late():
    """Two places a month: by the 15th one, then none before December. A mail waits ten
    days for its place."""
    automation = automation_of(POST)
    Automation.objects.filter(pk=automation.pk).update(life_days=10)
    limit(POST, most_a_month=2)
    for _ in range(4):
        delivered()

    foreseen = coming(automation, now=NOW)

    assert foreseen.going == 2
    assert (foreseen.waiting, foreseen.lapsing) == (
        {"survey_month_full": 1},
        {"survey_month_full": 1},
    )
    assert waiting_days() == [(date(2026, 12, 1), 1)]


@pytest.fixture
def one_place_left():
    """Of one survey that two automations ask, each somebody tomorrow at ten."""
    first, second = automation_of(POST), automation_of(CONVERSATION)
    survey = limit(POST, most_a_month=30)
    params = {**second.params, "survey": str(survey.pk)}
    second = automations.edit(second, version=second.version, now=NOW, params=params)
    MessageFactory.create_batch(
        21, kind=POST, automation=first, state="sent", final_at=NOW, counted_at=NOW,
    )  # fmt: skip
    delivered()
    matter()
    return first, second


def test_two_automations_of_one_survey_share_its_places(one_place_left):
    sweep(POST), sweep(CONVERSATION)

    foreseen = [coming(one, now=NOW) for one in one_place_left]
    states = [state for kind in (POST, CONVERSATION) for state in become(kind)]

    assert sum(one.going for one in foreseen) == 1
    assert [one.waiting for one in foreseen if one.waiting] == [
        {"survey_month_full": 1}
    ]
    assert sorted(states) == [("planned", "survey_month_full"), ("sent", "")]


def test_one_that_is_off_foresees_the_places_that_others_have(one_place_left):
    _on, off = one_place_left
    off = automations.switch_off(off, now=NOW)
    forecast.work_out(None, now=NOW)

    assert coming(off, now=NOW).waiting == {"survey_month_full": 1}


@pytest.mark.parametrize(
    ("most", "day", "places"),
    [(30, 1, 1), (30, 22, 22), (3, 1, 1), (3, 10, 1), (3, 11, 2), (3, 30, 3)],
)
def test_as_many_places_as_of_the_month_is_over(most, day, places):
    assert places_by(most, date(2026, 11, day)) == places


def test_the_next_place_is_in_this_month_or_on_the_first_of_the_next():
    assert next_place_on(3, 1, date(2026, 11, 2)) == date(2026, 11, 11)
    assert next_place_on(3, 3, date(2026, 11, 30)) == date(2026, 12, 1)
    assert next_place_on(3, 9, date(2026, 11, 12)) == date(2026, 12, 1)


def test_a_sample_is_a_share_and_a_larger_one_has_the_smaller():
    tenth = {pk for pk in range(20_000) if is_in_sample(7, 10, pk)}
    third = {pk for pk in range(20_000) if is_in_sample(7, 30, pk)}

    assert 1_800 < len(tenth) < 2_200
    assert tenth < third
    assert tenth != {pk for pk in range(20_000) if is_in_sample(8, 10, pk)}
    assert len({pk for pk in range(99) if is_in_sample(7, 100, pk)}) == 99


# --- Which survey an automation asks -------------------------------------------------


def test_an_automation_asks_the_survey_that_was_chosen_on_its_page():
    automation = automation_of(POST)
    other = SurveyFactory(name="Parcels")
    delivered()
    sweep(POST)

    automations.edit(
        automation,
        version=automation.version,
        now=NOW,
        params={"survey": str(other.pk)},
    )
    sweep(POST)
    become(POST)

    assert Invitation.objects.get(message__kind=POST).survey == other
    assert "Parcels" in kinds.get(POST).params_in_words(automation)


def test_a_new_automation_shows_which_survey_it_asks():
    made = automation_rows.create(kinds.get(CONVERSATION), name="Talks", now=NOW)

    made.refresh_from_db()
    asking = Asking.objects.get(automation=made)
    assert made.params == {"survey": str(asking.survey_id)}
    assert (asking.survey.kind, asking.after_days) == ("csat", 1)


# --- After a conversation ------------------------------------------------------------


def matter(*, mails=("in",), **values):
    """Closed yesterday by a colleague: asked about today, at ten."""
    customer = CustomerFactory(mail_ground="Bought")
    closed = {"closed_at": NOW, "closed_by": UserFactory(), **values}
    row = Conversation.objects.create(
        customer=customer, state="closed", opened_at=NOW - DAY, last_mail_at=NOW,
        subject="A lid", **closed,
    )  # fmt: skip
    for direction in mails:
        Mail.objects.create(
            conversation=row, customer=customer, direction=direction, at=NOW,
            stored_at=NOW, fingerprint=f"{row.pk:064x}",
        )  # fmt: skip
    return row


def test_a_conversation_that_a_person_closed_is_asked_about_a_day_later():
    automation_of(CONVERSATION)
    row = matter()
    sweep(CONVERSATION)

    (message,) = Message.objects.filter(kind=CONVERSATION)
    assert message.due_on == (NOW + DAY).date()
    assert message.why == {"conversation": row.pk}
    assert "A lid" in kinds.get(CONVERSATION).explain([message])[message.pk]
    assert become(CONVERSATION) == [("sent", "")]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"closed_by": None}, id="closed by time"),
        pytest.param({"mails": ("out",)}, id="we began it and they said nothing"),
        pytest.param({"mails": ()}, id="no mails"),
        pytest.param({"is_spam": True}, id="spam"),
        pytest.param({"is_history": True}, id="of before we were here"),
    ],
)
def test_other_conversations_are_not_asked_about(values):
    automation_of(CONVERSATION)
    matter(**values)

    assert sweep(CONVERSATION) == 0


def test_what_was_opened_again_is_not_asked_about_until_it_is_closed_again():
    automation_of(CONVERSATION)
    row = matter()
    sweep(CONVERSATION)
    Conversation.objects.filter(pk=row.pk).update(state="open", closed_at=None)

    assert become(CONVERSATION) == [("superseded", "superseded_conversation_reopened")]

    later = NOW + 3 * DAY
    Conversation.objects.filter(pk=row.pk).update(state="closed", closed_at=later)
    assert sweep(CONVERSATION, later) == 1
    assert sweep(CONVERSATION, later) == 0


def test_what_was_opened_again_and_fell_asleep_is_not_asked_about():
    automation_of(CONVERSATION)
    row = matter()
    sweep(CONVERSATION)
    Conversation.objects.filter(pk=row.pk).update(closed_by=None)

    assert become(CONVERSATION) == [("superseded", "superseded_conversation_reopened")]


def test_what_turns_out_to_be_somebody_elses_is_asked_of_them():
    automation_of(CONVERSATION)
    row = matter()
    sweep(CONVERSATION)
    taken_for, theirs = row.customer, CustomerFactory(mail_ground="Bought")
    Conversation.objects.filter(pk=row.pk).update(customer=theirs)

    assert become(CONVERSATION) == [("superseded", "superseded_conversation_moved")]
    assert sweep(CONVERSATION, NOW + timedelta(hours=1)) == 1

    become(CONVERSATION)
    sent = Message.objects.filter(kind=CONVERSATION, state="sent")
    assert [one.customer for one in sent] == [theirs] != [taken_for]


def test_staff_are_not_asked_how_staff_did():
    automation_of(CONVERSATION)
    row = matter()
    UserFactory(email=row.customer.email)
    sweep(CONVERSATION)

    assert become(CONVERSATION) == [("suppressed", "is_staff")]


# --- Asked for by programs, and on a date --------------------------------------------


@pytest.mark.parametrize(("hour", "day"), [(9, 22), (10, 23), (23, 23)])
def test_whom_a_program_names_is_asked_at_the_next_hour_of_sending(hour, day):
    automation_of(REQUEST)
    survey = Survey.objects.get(askings__automation__kind=REQUEST)
    at = datetime(2026, 11, 22, hour, tzinfo=UTC)
    AskRequest.objects.create(
        survey=survey,
        customer=CustomerFactory(mail_ground="Bought"),
        key="repair 7",
        requested_at=at,
    )

    sweep(REQUEST, at)
    sweep(REQUEST, at)

    (message,) = Message.objects.filter(kind=REQUEST)
    assert message.due_on == date(2026, 11, day)
    assert message.occurrence == f"request:{AskRequest.objects.get().pk}"


def test_on_its_date_everybody_is_asked_once_a_year():
    automation = automation_of(ON_DATE)
    params = {**automation.params, "month": "11", "day": "22"}
    automation = automations.edit(
        automation, version=automation.version, now=NOW, params=params
    )
    CustomerFactory.create_batch(2, mail_ground="Bought")

    assert sweep(ON_DATE) == 2
    assert sweep(ON_DATE, NOW + 2 * timedelta(hours=1)) == 0
    assert set(Message.objects.values_list("due_on", flat=True)) == {date(2026, 11, 22)}
    assert "22" in kinds.get(ON_DATE).params_in_words(automation)


# --- Reminders -----------------------------------------------------------------------


def reminders(now):
    sweep(REMINDER, now)
    delivery.deliver(now=(now + DAY).replace(hour=12))
    return Message.objects.filter(kind=REMINDER).count()


def test_a_second_reminder_follows_the_first_and_alone_says_that_it_is_the_last():
    automation_of(REMINDER)
    invitation = InvitationFactory(invited_at=NOW - 4 * DAY)
    limit(POST, remind_again_after_days=6)

    first = reminders(NOW)
    soon = reminders(NOW + 4 * DAY)
    second = reminders(NOW + 7 * DAY)
    never = reminders(NOW + 15 * DAY)

    assert (first, soon, second, never) == (1, 1, 2, 2)
    invitation.refresh_from_db()
    one, two = Message.objects.filter(kind=REMINDER).order_by("id")
    assert (one.state, two.state) == ("sent", "sent")
    assert invitation.reminder_message == one
    assert invitation.second_reminder_message == two
    words = [row.body.text for row in (one, two)]
    assert ["we will not ask again" in text for text in words] == [False, True]


@pytest.mark.parametrize("state", ["failed", "uncertain", "suppressed"])
def test_a_second_reminder_follows_a_first_that_surely_went(state):
    automation_of(REMINDER)
    InvitationFactory(invited_at=NOW - 4 * DAY)
    limit(POST, remind_again_after_days=6)
    reminders(NOW)
    Message.objects.filter(kind=REMINDER).update(state=state)

    assert reminders(NOW + 7 * DAY) == 1


def test_whoever_was_told_that_it_was_the_last_is_not_reminded_by_later_settings():
    """“We will not ask again” is a promise to them, whatever staff choose since."""
    automation_of(REMINDER)
    told = InvitationFactory(invited_at=NOW - 4 * DAY)
    reminders(NOW)
    limit(POST, remind_again_after_days=6)
    InvitationFactory(invited_at=NOW - 4 * DAY)

    reminders(NOW)
    reminders(NOW + 7 * DAY)

    rows = Message.objects.filter(kind=REMINDER)
    asked = [row.why["invitation"] for row in rows.order_by("id")]
    assert asked.count(told.pk) == 1
    assert len(asked) == 3


def test_the_contact_limit_holds_after_a_merge():
    """Each of two records was no more than once in 30 days: together they are one."""
    automation_of(POST)
    kept = delivered().customer
    asked = CustomerFactory(email="also@example.org", mail_ground="Bought")
    at = NOW - 5 * DAY
    MessageFactory(
        customer=asked, category="survey", state="sent", counted_at=at, final_at=at
    )
    merging.merge(kept, asked, now=NOW)
    sweep(POST)

    assert become(POST) == [("planned", "contact_limit")]


def test_an_only_reminder_is_the_last():
    automation_of(REMINDER)
    InvitationFactory(invited_at=NOW - 4 * DAY)

    reminders(NOW)

    text = Message.objects.get(kind=REMINDER).body.text
    assert "we will not ask again" in text


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param({"valid_days": 9}, id="it can be answered no more"),
        pytest.param({"ends_on": (NOW + 5 * DAY).date()}, id="the survey has ended"),
    ],
)
def test_a_reminder_is_the_last_where_the_second_comes_too_late(limits):
    automation_of(REMINDER)
    limit(POST, remind_again_after_days=6, **limits)
    valid = timedelta(days=limits.get("valid_days", 30))
    asked_at = NOW - 4 * DAY
    InvitationFactory(invited_at=asked_at, expires_at=asked_at + valid)

    assert reminders(NOW) == 1

    text = Message.objects.get(kind=REMINDER).body.text
    assert "we will not ask again" in text


def test_nobody_is_reminded_of_a_survey_that_has_ended():
    automation_of(REMINDER)
    InvitationFactory(invited_at=NOW - 4 * DAY)
    sweep(REMINDER)
    limit(POST, ends_on=(NOW - DAY).date())

    assert become(REMINDER) == [("cancelled", "survey_ended")]


def test_settings_are_saved_and_bounded():
    survey = Survey.objects.get(askings__automation__kind=POST)
    wanted = {
        "sample_percent": 20,
        "ends_on": date(2027, 3, 31),
        "ends_after": 400,
        "most_a_month": 90,
        "remind_again_after_days": 9,
        "rest_after_ignored": None,
        "rest_days": 200,
    }

    edit_survey(survey, version=survey.version, changes=wanted, now=NOW)

    survey.refresh_from_db()
    assert {name: getattr(survey, name) for name in wanted} == wanted


# --- By API --------------------------------------------------------------------------


def post(client, bearer, survey, **body):
    return client.post(
        f"/api/v1/surveys/{survey.pk}/asks/",
        body,
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {bearer}",
    )


@pytest.fixture
def key(db):
    return api_tokens.issue(name="desk", scopes=["asks:write"], now=NOW)[1]


def test_a_program_asks_once_for_each_key_and_learns_what_became_of_it(client, key):
    automation_of(REQUEST)
    survey = Survey.objects.get(askings__automation__kind=REQUEST)
    dana = CustomerFactory(external_id="C-1", mail_ground="Bought")
    body = {"customer_id": "C-1", "key": "repair 7"}

    first = post(client, key, survey, **body)
    row = AskRequest.objects.get()
    AskRequest.objects.filter(pk=row.pk).update(requested_at=NOW)
    sweep(REQUEST)
    again = post(client, key, survey, **body)

    assert (first.status_code, first.json()["state"]) == (201, "waiting")
    assert (again.status_code, again.json()["state"]) == (200, "planned")
    assert (row.customer, row.key) == (dana, "repair 7")
    assert Message.objects.filter(kind=REQUEST).count() == 1


def test_a_program_is_told_who_or_what_is_not_there(client, key):
    row = automation_of(REQUEST)
    survey = Survey.objects.get(askings__automation__kind=REQUEST)
    CustomerFactory(external_id="C-1")

    nobody = post(client, key, survey, customer_id="C-2", key="a")
    automations.switch_off(row, now=NOW)
    off = post(client, key, survey, customer_id="C-1", key="a")

    assert nobody.status_code == 404
    assert (off.status_code, off.json()["code"]) == (409, "not_asked_on_request")
    assert not AskRequest.objects.exists()


def test_a_key_without_the_scope_asks_nobody(client, db):
    _, other = api_tokens.issue(name="x", scopes=["orders:write"], now=NOW)

    assert post(client, other, SurveyFactory(), key="a").status_code == 403


def test_staff_see_whom_programs_asked_for_and_what_came_of_it(
    client, django_assert_max_num_queries
):
    automation_of(REQUEST)
    survey = Survey.objects.get(askings__automation__kind=REQUEST)
    whom = {
        "sent": CustomerFactory(given_name="Dana", mail_ground="Bought"),
        "no_address": CustomerFactory(email="", email_norm="", mail_ground="Bought"),
    }
    for key, customer in whom.items():
        AskRequest.objects.create(
            survey=survey, customer=customer, key=key, requested_at=NOW
        )
    sweep(REQUEST)
    become(REQUEST, days=2)
    AskRequest.objects.create(
        survey=survey, customer=whom["sent"], key="again", requested_at=NOW + DAY
    )
    Invitation.objects.filter(customer=whom["sent"]).update(state="answered")
    client.force_login(UserFactory(role="marketer"))
    page = f"/surveys/{survey.pk}/requests/"

    assert page in client.get(f"/surveys/{survey.pk}/who-is-asked/").content.decode()
    with django_assert_max_num_queries(20):
        shown = client.get(page)

    rows = [
        (row.request.key, row.chip, str(row.reason), row.is_answered)
        for row in shown.context["rows"]
    ]
    assert rows == [
        ("again", "", "", False),
        ("no_address", "suppressed", "No address", False),
        ("sent", "kept", "", True),
    ]
    assert "Waits for the automation" in shown.content.decode()
    older = client.get(f"{page}?older={NOW.timestamp():.0f}000000~99999999")
    assert [row.request.key for row in older.context["rows"]] == ["no_address", "sent"]
