"""Several automations that ask: each has a survey, a rhythm and keys of its own."""

from datetime import timedelta

import pytest

from messaging import kinds
from messaging.models import Automation, Message
from messaging.selectors.forecasts import coming as forecast
from messaging.services import automation_rows, automations, planning
from surveys.models import Invitation, Survey, Turn
from surveys.services.settings import edit_survey
from tests.factories import (
    NOW,
    CustomerFactory,
    MessageFactory,
    OrderFactory,
    UserFactory,
)

DAY = timedelta(days=1)
POST, RELATIONSHIP = "nps_post_purchase", "nps_relationship"


@pytest.fixture(autouse=True)
def _shop(shop):
    pass


@pytest.fixture
def noa(db):
    return UserFactory()


def first(kind):
    return Automation.objects.filter(kind=kind).earliest("id")


def second(kind, noa, **fields):
    """Goes first, for Noa's customers."""
    row = automation_rows.copy(first(kind), name="Noa’s", now=NOW)
    Automation.objects.filter(pk=row.pk).update(
        audience=f"owner={noa.pk}", priority=0, **fields
    )
    row.refresh_from_db()
    return row


def rhythm(automation, **changes):
    survey = Survey.objects.get(automation=automation)
    return edit_survey(survey, version=survey.version, changes=changes, now=NOW)


def delivered(days_ago, **more):
    return OrderFactory(
        ordered_at=NOW - 30 * DAY,
        delivered_on=(NOW - days_ago * DAY).date(),
        **more,
    )


def key(order):
    return f"order:main:{order.external_id}"


def sweep(kind, now=NOW):
    return planning.sweep(now=now, kinds=[kind])[kind]["planned"]


def test_a_copy_has_a_survey_with_the_rhythm_of_its_original(noa):
    rhythm(first(POST), after_days=9, remind_after_days=None, one_click=True)

    copied = second(POST, noa)

    survey = Survey.objects.get(automation=copied)
    assert (survey.name, survey.trigger) == ("Noa’s", "post_purchase")
    assert (survey.after_days, survey.remind_after_days) == (9, None)
    assert survey.one_click
    assert Survey.objects.filter(trigger="post_purchase").count() == 2


def test_a_renamed_automation_renames_its_survey_and_no_other(noa):
    copied = second(POST, noa)
    fields = ("audience", "send_hour", "offset_days", "life_days", "params")

    automations.edit(
        copied,
        name="Core",
        version=copied.version,
        now=NOW,
        **{name: getattr(copied, name) for name in fields},
    )

    surveys = Survey.objects.filter(trigger="post_purchase")
    assert sorted(survey.name for survey in surveys) == ["After delivery", "Core"]


def test_each_asks_so_many_days_after_delivery_as_its_own_survey_sets(noa):
    hers = second(POST, noa)
    rhythm(hers, after_days=2)
    for automation in (first(POST), hers):
        automations.switch_on(automation, now=NOW - 20 * DAY)
    two_days = delivered(1, customer=CustomerFactory(owner=noa))
    five_days = delivered(4)
    delivered(1)

    assert sweep(POST) == 2

    rows = Message.objects.values_list("customer", "automation", "occurrence", "due_on")
    tomorrow = (NOW + DAY).date()
    assert sorted(rows) == sorted(
        (order.customer_id, one.pk, f"{one.pk}:{key(order)}", tomorrow)
        for order, one in ((two_days, hers), (five_days, first(POST)))
    )


@pytest.mark.slow
def test_each_takes_its_own_turns_and_moves_them_on_once(noa):
    hers = second(RELATIONSHIP, noa)
    rhythm(hers, every_days=30)
    customers = [CustomerFactory(owner=noa), CustomerFactory()]
    start = NOW - 2 * DAY
    for automation in (first(RELATIONSHIP), hers):
        automations.switch_on(automation, now=start)
    sweep(RELATIONSHIP, start)

    for days in range(1, 200, 5):
        sweep(RELATIONSHIP, start + days * DAY)

    asked = [
        list(Message.objects.filter(customer=one).values_list("automation", "due_on"))
        for one in customers
    ]
    assert {pk for pk, _ in asked[0]} == {hers.pk}
    assert {pk for pk, _ in asked[1]} == {first(RELATIONSHIP).pk}
    days = sorted(day for _, day in asked[0])
    assert len(days) >= 5
    assert {(b - a).days for a, b in zip(days, days[1:], strict=False)} == {30}
    assert len(asked[1]) in (1, 2)
    assert Turn.objects.count() == 4


def test_an_invitation_belongs_to_the_survey_of_its_automation(noa):
    hers = second(POST, noa)
    for automation in (first(POST), hers):
        automations.switch_on(automation, now=NOW - 20 * DAY)
    mine = delivered(4, customer=CustomerFactory(owner=noa))
    other = delivered(4)
    sweep(POST)

    kinds.get(POST).prepare(list(Message.objects.order_by("id")), NOW)

    surveys = dict(Invitation.objects.values_list("order", "survey__automation"))
    assert surveys == {mine.pk: hers.pk, other.pk: first(POST).pk}


def test_the_forecast_leaves_out_what_this_one_has_asked_already(noa):
    row = first(POST)
    order = delivered(4)
    assert forecast(row, now=NOW).total == 1

    MessageFactory(
        kind=POST,
        customer=order.customer,
        automation=row,
        occurrence=f"{row.pk}:{key(order)}",
        state="cancelled",
        final_at=NOW,
    )

    assert forecast(row, now=NOW).total == 0


def test_one_that_never_ran_goes_with_its_survey(noa):
    copied = second(POST, noa)

    automation_rows.delete(copied, now=NOW)

    assert Survey.objects.filter(trigger="post_purchase").count() == 1
