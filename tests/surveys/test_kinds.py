"""Who is asked, when, and why not: planned by the real sweep, made as at the claim."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.models import Business, Customer
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import automations, planning
from surveys import rules
from surveys.models import Asking, Invitation, ScheduledAsk, Survey
from surveys.services.responses import record_response
from surveys.services.settings import edit_survey
from surveys.sql import schedule as sql
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    OrderLineFactory,
)

DAY = timedelta(days=1)
POST, RELATIONSHIP, REMINDER = (
    "survey_after_delivery",
    "survey_regularly",
    "survey_reminder",
)


@pytest.fixture(autouse=True)
def _shop(shop):
    pass


def switch_on(kind, now=NOW):
    automation = Automation.objects.get(kind=kind)
    return automations.switch_on(automation, now=now)


def sweep(kind, now=NOW):
    return planning.sweep(now=now, kinds=[kind])[kind]


def messages(kind):
    return list(Message.objects.filter(kind=kind).order_by("id"))


def prepare(kind, now=NOW):
    return kinds.get(kind).prepare(messages(kind), now)


def no_longer_due(kind, now=NOW):
    asked = messages(kind)
    reasons = kinds.get(kind).no_longer_due(asked, now)
    assert set(reasons) <= {message.pk for message in asked}
    return {pk: reason.code for pk, reason in reasons.items()}


def sent(kind):
    Message.objects.filter(kind=kind).update(state="sent", final_at=NOW)


@pytest.mark.parametrize("kind", [POST, RELATIONSHIP, REMINDER])
def test_who_is_due_is_found_without_a_join_of_all_customers(kind):
    """Planning asks for live ones by key; joined, the planner may read them all."""
    automation = switch_on(kind)
    window = planning.window_of(automation, None, NOW)

    found = kinds.get(kind).due(automation, window, NOW)

    assert "crm_customer" not in str(found.query)


# --- After an order ------------------------------------------------------------------


def order_due_tomorrow(**values):
    """Delivered four days ago: with five days after delivery, it is tomorrow's."""
    delivered = (NOW - 4 * DAY).date()
    return OrderFactory(
        ordered_at=NOW - 7 * DAY, **{"delivered_on": delivered, **values}
    )


def test_an_order_is_asked_about_five_days_after_delivery():
    switch_on(POST)
    order = order_due_tomorrow(external_id="10493")

    sweep(POST)

    (message,) = messages(POST)
    assert message.due_on == (NOW + DAY).date()
    assert message.not_before == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert message.occurrence == f"{message.automation_id}:order:main:10493"
    assert message.why == {"order": order.pk}
    assert (message.category, message.is_reminder) == ("survey", False)


def test_without_a_delivery_day_the_normal_delivery_time_is_added():
    switch_on(POST)
    OrderFactory(ordered_at=NOW - 8 * DAY)

    sweep(POST)

    assert messages(POST)[0].due_on == (NOW + DAY).date()


@pytest.mark.parametrize(
    "values", [{"state": "cancelled"}, {"nature": "return"}, {"delivered_on": None}]
)
def test_cancelled_returned_and_later_orders_are_not_asked_about(values):
    switch_on(POST)
    order_due_tomorrow(**values)

    assert sweep(POST)["planned"] == 0


@pytest.mark.parametrize("gone", ["erased", "merged"])
def test_customers_who_are_gone_are_not_asked(gone):
    switch_on(POST)
    customer = order_due_tomorrow().customer
    if gone == "erased":
        customer.erased_at = NOW
    else:
        customer.merged_into = CustomerFactory()
    customer.save()

    assert sweep(POST)["planned"] == 0


def test_sweeping_twice_plans_once():
    switch_on(POST)
    order_due_tomorrow()

    assert sweep(POST)["planned"] == 1
    assert sweep(POST)["planned"] == 0
    assert sweep(POST, NOW + timedelta(minutes=5))["planned"] == 0


def test_switching_on_sends_nothing_of_the_past():
    switch_on(POST)
    order_due_tomorrow(delivered_on=(NOW - 6 * DAY).date())

    assert sweep(POST)["planned"] == 0


def test_after_four_days_of_standstill_everybody_is_caught_up_once():
    switch_on(POST)
    sweep(POST)
    for days in range(1, 6):
        order_due_tomorrow(delivered_on=(NOW - 5 * DAY + days * DAY).date())

    planned = sweep(POST, NOW + 4 * DAY)["planned"]

    assert planned == 5
    assert sorted(message.due_on for message in messages(POST)) == [
        (NOW + days * DAY).date() for days in range(1, 6)
    ]


def test_a_long_order_number_is_hashed_into_the_key():
    switch_on(POST)
    order_due_tomorrow(external_id="9" * 120, source="s" * 40)

    sweep(POST)

    (message,) = messages(POST)
    key = message.occurrence.removeprefix(f"{message.automation_id}:")
    assert key.startswith("order:md5:")
    assert len(key) == len("order:md5:") + 32


def test_the_offset_of_the_automation_moves_the_day():
    switch_on(POST)
    Automation.objects.filter(kind=POST).update(offset_days=1)
    order_due_tomorrow(delivered_on=(NOW - 5 * DAY).date())

    sweep(POST)

    assert messages(POST)[0].due_on == (NOW + DAY).date()


def planned_order(**values):
    switch_on(POST)
    order = order_due_tomorrow(**values)
    sweep(POST)
    return order


def change(order, **values):
    for field, value in values.items():
        setattr(order, field, value)
    order.save()


def test_a_cancelled_order_is_no_longer_asked_about():
    order = planned_order()
    change(order, state="cancelled")

    assert list(no_longer_due(POST).values()) == ["order_cancelled"]


def test_an_order_returned_in_full_is_no_longer_asked_about():
    order = planned_order()
    OrderFactory(
        customer=order.customer, nature="return", returns_order=order, total=-24
    )

    assert list(no_longer_due(POST).values()) == ["order_returned"]


def test_an_order_returned_in_part_is_still_asked_about():
    order = planned_order()
    OrderFactory(
        customer=order.customer, nature="return", returns_order=order, total=-4
    )

    assert no_longer_due(POST) == {}


def test_a_later_delivery_replaces_the_mail_by_a_later_one():
    order = planned_order()
    change(order, delivered_on=(NOW + 2 * DAY).date())

    assert list(no_longer_due(POST).values()) == ["superseded_delivery_moved"]

    Message.objects.update(state="superseded", final_at=NOW)
    sweep(POST, NOW + 6 * DAY)
    assert messages(POST)[-1].state == "planned"
    assert messages(POST)[-1].due_on == (NOW + 7 * DAY).date()


def test_a_later_delivery_whose_day_has_come_changes_nothing():
    order = planned_order()
    change(order, delivered_on=(NOW - 3 * DAY).date())

    assert no_longer_due(POST, NOW + 5 * DAY) == {}


def test_an_earlier_delivery_changes_nothing():
    order = planned_order()
    change(order, delivered_on=(NOW - 6 * DAY).date())

    assert no_longer_due(POST) == {}


def test_a_mail_whose_order_is_as_it_was_is_due():
    planned_order()

    assert no_longer_due(POST) == {}


def test_the_mail_holds_the_product_the_day_and_a_link():
    order = planned_order(external_id="10493")
    OrderLineFactory(order=order, product__name="Ethiopia 1 kg")
    OrderLineFactory(order=order, product__name="Filter papers")

    (context,) = prepare(POST).values()

    invitation = Invitation.objects.get()
    assert context.words["product"] == "Ethiopia 1 kg and 1 more"
    assert context.words["day"] == "17 November 2026"
    assert context.values["delivered"] is True
    assert context.footer_reason == (
        "You got this because order 10493 arrived on 17 November 2026."
    )
    assert context.links["answer"].subject_id == invitation.pk
    assert context.links["answer"].expires_at == NOW + timedelta(days=31)
    assert (invitation.order, invitation.expires_at) == (order, NOW + 30 * DAY)


def test_preparing_twice_is_one_invitation():
    planned_order()

    prepare(POST)
    prepare(POST, NOW + timedelta(hours=1))

    invitation = Invitation.objects.get()
    assert invitation.invited_at == NOW + timedelta(hours=1)
    assert invitation.state == "open"


def test_a_group_is_prepared_in_a_fixed_number_of_queries(
    django_assert_max_num_queries,
):
    switch_on(POST)
    for _ in range(20):
        OrderLineFactory(order=order_due_tomorrow(), product__name="Ethiopia 1 kg")
    sweep(POST)

    with django_assert_max_num_queries(12):
        assert len(prepare(POST)) == 20


def test_once_answered_a_second_attempt_does_not_go():
    planned_order()
    prepare(POST)
    record_response(
        Invitation.objects.get().pk, score=9, comment="", language="en", now=NOW
    )

    assert list(no_longer_due(POST).values()) == ["already_answered"]


def in_rhythm(survey, **days):
    rhythms = {survey.askings.get().pk: days}
    edit_survey(survey, version=survey.version, changes={}, rhythms=rhythms, now=NOW)


def test_other_days_after_delivery_plan_anew():
    planned_order()
    survey = Survey.objects.get(askings__automation__kind="survey_after_delivery")

    in_rhythm(survey, after_days=12)
    sweep(POST, NOW + 7 * DAY)

    old, new = messages(POST)
    assert (old.state, new.state) == ("superseded", "planned")
    assert new.due_on == (NOW + 8 * DAY).date()


# --- Now and then --------------------------------------------------------------------


def schedule(customer, day):
    asking = Asking.objects.get(automation__kind="survey_regularly")
    return ScheduledAsk.objects.create(asking=asking, customer=customer, next_on=day)


def test_switching_on_gives_everybody_a_turn_of_their_own():
    people = [CustomerFactory() for _ in range(40)]
    switch_on(RELATIONSHIP)

    sweep(RELATIONSHIP)

    start = (NOW + rules.FIRST_ASK_AFTER).date()
    turns = dict(ScheduledAsk.objects.values_list("customer_id", "next_on"))
    assert turns == {
        person.pk: rules.first_ask_on(person.pk, 180, start) for person in people
    }
    assert len(set(turns.values())) > 30


def test_the_database_spreads_turns_by_the_same_formula():
    survey = Survey.objects.get(askings__automation__kind="survey_regularly")
    ids = [1, 2, 3, 1000, 2**31 - 1, 2**31, 2**31 + 1, 2**40 + 7, 2**62]
    for pk in ids:
        CustomerFactory(pk=pk)
    survey.askings.update(every_days=365)
    switch_on(RELATIONSHIP)

    sweep(RELATIONSHIP)

    start = (NOW + rules.FIRST_ASK_AFTER).date()
    assert dict(ScheduledAsk.objects.values_list("customer_id", "next_on")) == {
        pk: rules.first_ask_on(pk, 365, start) for pk in ids
    }


def test_people_who_never_bought_have_no_turn():
    CustomerFactory(since_on=None)
    CustomerFactory(erased_at=NOW)
    CustomerFactory(since_on=None, first_order_on=date(2026, 1, 1))
    switch_on(RELATIONSHIP)

    sweep(RELATIONSHIP)

    assert ScheduledAsk.objects.count() == 1


def test_newcomers_join_at_the_next_sweep():
    switch_on(RELATIONSHIP)
    CustomerFactory()
    sweep(RELATIONSHIP)
    newcomer = CustomerFactory()

    sweep(RELATIONSHIP, NOW + timedelta(minutes=1))

    assert ScheduledAsk.objects.filter(customer=newcomer).exists()
    assert ScheduledAsk.objects.count() == 2


def test_who_buys_for_the_first_time_joins_on_the_next_day():
    switch_on(RELATIONSHIP)
    old = CustomerFactory(since_on=None)
    CustomerFactory()
    sweep(RELATIONSHIP)
    Customer.objects.filter(pk=old.pk).update(since_on=NOW.date())

    sweep(RELATIONSHIP, NOW + timedelta(minutes=1))
    assert not ScheduledAsk.objects.filter(customer=old).exists()

    sweep(RELATIONSHIP, NOW + DAY)
    assert ScheduledAsk.objects.filter(customer=old).exists()


def test_more_customers_than_fit_at_once_join_sweep_by_sweep(monkeypatch):
    monkeypatch.setattr(sql, "MOST_AT_ONCE", 3)
    for _ in range(7):
        CustomerFactory()
    switch_on(RELATIONSHIP)

    counts = []
    for minute in range(4):
        sweep(RELATIONSHIP, NOW + timedelta(minutes=minute))
        counts.append(ScheduledAsk.objects.count())

    assert counts == [3, 6, 7, 7]


def test_a_turn_is_planned_once_for_its_day():
    switch_on(RELATIONSHIP)
    turn = schedule(CustomerFactory(), (NOW + DAY).date())

    counts = [sweep(RELATIONSHIP)["planned"] for _ in range(3)]

    assert counts == [1, 0, 0]
    (message,) = messages(RELATIONSHIP)
    assert message.occurrence == f"{message.automation_id}:2026-11-22"
    # As programs read it.
    assert message.why == {"turn": turn.pk, "every_days": 180}
    assert message.due_on == date(2026, 11, 22)


def test_after_its_mail_a_turn_comes_again_one_round_later():
    switch_on(RELATIONSHIP)
    turn = schedule(CustomerFactory(), (NOW + DAY).date())
    sweep(RELATIONSHIP)
    sent(RELATIONSHIP)

    for days in range(2, 20, 3):
        sweep(RELATIONSHIP, NOW + days * DAY)

    turn.refresh_from_db()
    assert turn.next_on == (NOW + DAY + 180 * DAY).date()
    assert len(messages(RELATIONSHIP)) == 1


@pytest.mark.slow
def test_a_year_of_sweeps_asks_twice():
    switch_on(RELATIONSHIP)
    schedule(CustomerFactory(), (NOW + DAY).date())

    for days in range(0, 365, 9):
        sweep(RELATIONSHIP, NOW + days * DAY)

    assert [message.due_on for message in messages(RELATIONSHIP)] == [
        (NOW + DAY).date(),
        (NOW + 181 * DAY).date(),
        (NOW + 361 * DAY).date(),
    ]


def test_a_standstill_of_four_days_is_caught_up():
    switch_on(RELATIONSHIP)
    sweep(RELATIONSHIP)
    days = [(NOW + number * DAY).date() for number in (2, 3, 4)]
    for day in days:
        schedule(CustomerFactory(), day)

    sweep(RELATIONSHIP, NOW + 4 * DAY)

    assert sorted(message.due_on for message in messages(RELATIONSHIP)) == days


def test_turns_missed_while_it_was_off_are_spread_again():
    people = [CustomerFactory() for _ in range(20)]
    for person in people:
        schedule(person, (NOW - 100 * DAY).date())
    switch_on(RELATIONSHIP)

    sweep(RELATIONSHIP)

    turns = ScheduledAsk.objects.values_list("next_on", flat=True)
    assert not messages(RELATIONSHIP)
    assert min(turns) >= (NOW + rules.FIRST_ASK_AFTER).date()
    assert len(set(turns)) > 10


def test_a_shorter_rhythm_lets_no_one_wait_longer_than_one_round():
    survey = Survey.objects.get(askings__automation__kind="survey_regularly")
    schedule(CustomerFactory(), (NOW + 170 * DAY).date())

    in_rhythm(survey, every_days=30)

    assert ScheduledAsk.objects.get().next_on <= (NOW + 32 * DAY).date()


@pytest.mark.parametrize(("days", "is_moved"), [(32, True), (31, False)])
def test_a_turn_a_whole_new_round_away_is_brought_forward(days, is_moved):
    """Two days ahead the next round begins; its last day is still within it."""
    survey = Survey.objects.get(askings__automation__kind="survey_regularly")
    day = (NOW + days * DAY).date()
    schedule(CustomerFactory(), day)

    in_rhythm(survey, every_days=30)

    assert (ScheduledAsk.objects.get().next_on < day) is is_moved


@pytest.mark.parametrize(("state", "moved"), [("superseded", 0), ("sent", 1)])
def test_a_mail_that_was_replaced_does_not_use_its_turn_up(state, moved):
    turn = schedule(CustomerFactory(), (NOW - 10 * DAY).date())
    MessageFactory(
        kind=RELATIONSHIP,
        customer=turn.customer,
        occurrence=f"7:{turn.next_on}",
        state=state,
        final_at=NOW,
    )

    asking = turn.asking
    done = sql.advance(asking, kind=RELATIONSHIP, prefix="7:", reach=NOW.date())
    assert done == moved


@pytest.mark.parametrize("offset", [-10, 10])
def test_an_offset_loses_no_turn(offset):
    Automation.objects.filter(kind=RELATIONSHIP).update(offset_days=offset)
    schedule(CustomerFactory(), (NOW + (5 - offset) * DAY).date())
    switch_on(RELATIONSHIP)

    for days in range(10):
        sweep(RELATIONSHIP, NOW + days * DAY)

    assert [message.due_on for message in messages(RELATIONSHIP)] == [
        (NOW + 5 * DAY).date()
    ]


# --- The reminder --------------------------------------------------------------------


@pytest.fixture
def asked():
    """Asked four days ago: with five days to answer, tomorrow's reminder."""
    switch_on(REMINDER)
    return InvitationFactory(invited_at=NOW - 4 * DAY)


def test_who_has_not_answered_is_reminded_once(asked):
    counts = [sweep(REMINDER)["planned"] for _ in range(2)]

    assert counts == [1, 0]
    (message,) = messages(REMINDER)
    assert message.due_on == (NOW + DAY).date()
    assert message.occurrence == f"invitation:{asked.pk}"
    assert message.is_reminder


def test_a_reminder_is_never_followed_by_another(asked):
    sweep(REMINDER)
    prepare(REMINDER)
    sent(REMINDER)

    for days in range(1, 29, 4):
        sweep(REMINDER, NOW + days * DAY)

    assert len(messages(REMINDER)) == 1
    asked.refresh_from_db()
    assert asked.reminder_message == messages(REMINDER)[0]


def test_who_has_answered_is_not_reminded(asked):
    record_response(asked.pk, score=9, comment="", language="en", now=NOW)

    assert sweep(REMINDER)["planned"] == 0


def test_who_answered_after_the_planning_is_not_reminded(asked):
    sweep(REMINDER)
    record_response(asked.pk, score=9, comment="", language="en", now=NOW)

    assert list(no_longer_due(REMINDER).values()) == ["already_answered"]


def test_a_press_without_confirmation_is_no_answer(asked):
    asked.survey.one_click = True
    asked.survey.save()

    assert sweep(REMINDER)["planned"] == 1


@pytest.mark.parametrize("state", ["failed", "uncertain", "suppressed"])
def test_who_was_not_surely_asked_is_not_reminded(asked, state):
    Message.objects.filter(pk=asked.message_id).update(state=state)

    assert sweep(REMINDER)["planned"] == 0


def test_no_one_is_reminded_where_the_survey_sets_no_wait(asked):
    Survey.objects.update(remind_after_days=None)

    assert sweep(REMINDER)["planned"] == 0


def test_an_expired_invitation_is_not_reminded_of(asked):
    sweep(REMINDER)
    Invitation.objects.update(invited_at=NOW - 5 * DAY, expires_at=NOW)

    assert list(no_longer_due(REMINDER).values()) == ["invitation_expired"]


def test_the_reminder_opens_the_same_invitation(asked):
    sweep(REMINDER)

    (context,) = prepare(REMINDER).values()

    assert context.links["answer"].subject_id == asked.pk
    assert Invitation.objects.count() == 1


def test_a_sweep_closes_what_was_not_answered_in_time(asked):
    Invitation.objects.update(invited_at=NOW - 40 * DAY, expires_at=NOW - DAY)

    sweep(REMINDER)

    asked.refresh_from_db()
    assert asked.state == "expired"


# --- In words ------------------------------------------------------------------------


def explained(message):
    return kinds.get(message.kind).explain([message])[message.pk]


def test_every_message_shows_why_it_exists(asked):
    order = OrderFactory(number="10493", delivered_on=date(2026, 11, 12))
    unsure = OrderFactory(number="10494", ordered_at=NOW)
    make = MessageFactory

    assert explained(make(kind=RELATIONSHIP, why={"every_days": 180})) == (
        "Their turn in the survey, once in 180 days"
    )
    assert "Order 10493 arrived on 12 Nov" in explained(
        make(kind=POST, why={"order": order.pk})
    )
    assert "Order 10494 of 21 Nov" in explained(
        make(kind=POST, why={"order": unsure.pk})
    )
    assert "Asked on 17 Nov" in explained(
        make(kind=REMINDER, why={"invitation": asked.pk})
    )


def test_a_message_about_an_order_that_is_gone_can_still_be_explained():
    message = MessageFactory(kind=POST, why={"order": 0})

    assert "no longer exists" in explained(message)


def test_assumed_days_of_the_shop_are_asked_when_it_matters():
    Business.objects.update(assumed_delivery_days=10)
    switch_on(POST)
    OrderFactory(ordered_at=NOW - 14 * DAY)

    sweep(POST)

    assert messages(POST)[0].due_on == (NOW + DAY).date()
