"""Several automations that ask: each has a survey, a rhythm and keys of its own."""

from datetime import timedelta

import pytest

from messaging import kinds
from messaging.models import Automation, Message
from messaging.selectors.forecasts import coming as forecast
from messaging.services import automation_rows, automations, planning
from surveys.models import Asking, Invitation, ScheduledAsk
from surveys.rules.questionnaire import NPS, to_json
from surveys.services.settings import OF_ASKING, edit_survey
from tests.factories import (
    NOW,
    CustomerFactory,
    MessageFactory,
    OrderFactory,
    UserFactory,
)

DAY = timedelta(days=1)
POST, RELATIONSHIP = "survey_after_delivery", "survey_regularly"


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
    asking = automation.asking
    survey = asking.survey
    days = {name: changes.pop(name) for name in OF_ASKING & changes.keys()}
    rhythms = {asking.pk: days}
    return edit_survey(
        survey, version=survey.version, changes=changes, rhythms=rhythms, now=NOW
    )


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


def test_a_copy_asks_the_survey_of_its_original_in_the_same_rhythm(noa):
    rhythm(first(POST), after_days=9)

    copied = second(POST, noa)

    asking = Asking.objects.get(automation=copied)
    assert asking.survey == first(POST).asking.survey
    assert (asking.after_days, asking.trigger) == (9, "after_delivery")


def test_a_survey_has_a_name_of_its_own(noa):
    copied = second(POST, noa)
    fields = ("audience", "send_hour", "offset_days", "life_days", "params")

    automations.edit(
        copied,
        name="Core",
        version=copied.version,
        now=NOW,
        **{name: getattr(copied, name) for name in fields},
    )

    assert copied.asking.survey.name == "After delivery"


def test_a_new_automation_has_a_survey_to_ask_at_once(noa):
    made = automation_rows.create(kinds.get(POST), name="Parcels", now=NOW)

    survey = made.asking.survey
    assert (survey.name, survey.kind, survey.state) == ("Parcels", "nps", "live")
    assert survey.live_version.content == to_json(NPS)


def test_each_asks_so_many_days_after_delivery_as_its_own_rhythm_sets(noa):
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
    assert ScheduledAsk.objects.count() == 4


def test_an_invitation_says_which_automation_asked(noa):
    hers = second(POST, noa)
    for automation in (first(POST), hers):
        automations.switch_on(automation, now=NOW - 20 * DAY)
    mine = delivered(4, customer=CustomerFactory(owner=noa))
    other = delivered(4)
    sweep(POST)

    kinds.get(POST).prepare(list(Message.objects.order_by("id")), NOW)

    asked = dict(Invitation.objects.values_list("order", "asking__automation"))
    assert asked == {mine.pk: hers.pk, other.pk: first(POST).pk}


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


def test_one_that_never_ran_goes_and_leaves_its_survey(noa):
    copied = second(POST, noa)
    survey = copied.asking.survey

    automation_rows.delete(copied, now=NOW)

    assert [one.automation for one in survey.askings.all()] == [first(POST)]
