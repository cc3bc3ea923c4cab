"""Every setting that only some kinds have does something: each field of the forms of
kinds has a case here that sees, with and without it, who is due or what is asked."""

from datetime import date

import pytest

from crm.models import CustomField
from loyalty.forms.campaigns import DayForm, NatureForm
from loyalty.models import Campaign
from loyalty.rules.name_days import Listed
from loyalty.services import campaigns, complements, name_days
from messaging import kinds
from messaging.models import Automation
from messaging.services import automation_rows, automations, planning
from surveys.choices import SurveyKind
from surveys.models import Invitation
from surveys.rules.questionnaire import NPS
from surveys.services import making
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    UserFactory,
)
from tests.journeys.due_people import DUE
from tests.loyalty.programme_shop import earn, programme
from tests.messaging.setting_shop import DAY, NOBODY, START, Shop, moments


def test_a_field_of_days_and_how_often_they_come_decide_who_is_due(db):
    """`field` and `repeats` of the days that stand in fields of staff."""
    day = date(2020, 11, 22)
    key = CustomField.objects.create(
        key="Moved in", label="Moved in", kind="date", position=1, created_at=START,
        updated_at=START,
    )  # fmt: skip
    CustomerFactory(custom={"Moved in": day.isoformat()}, time_zone="UTC")
    row = automation_rows.create(kinds.get("custom_date"), now=START - 2 * DAY)
    shop = Shop(automations.switch_on(row, now=START - 2 * DAY), None)

    found = [moments(shop)]
    for values in ({"field": str(key.pk)}, {"repeats": "once"}):
        shop.edit(**values)
        found.append([*moments(shop)])

    # Due on a Sunday, it rests until Monday.
    assert found == [[], [(1, 2, 9)], []]


def test_the_day_and_the_nature_of_a_campaign_decide_when_and_what_it_is(db):
    """`on` and `reason`."""
    row = automation_rows.create(kinds.get("campaign"), now=START)
    campaign = Campaign.objects.get(pk=row.pk)
    for form, change in (
        (DayForm({"on": "2026-12-24"}), campaigns.set_day),
        (NatureForm({"reason": "We move"}), campaigns.set_nature),
    ):
        assert form.is_valid()
        change(campaign, **form.cleaned_data, now=START)
    kind, stored = kinds.get("campaign"), Automation.objects.get(pk=row.pk)
    window = planning.Window(START, START + 40 * DAY, 9)
    CustomerFactory()

    assert str(kind.due(stored, window, START).params[0]) == "2026-12-24"
    assert kind.category_of(stored) == "transactional"


@pytest.mark.parametrize("kind", ["goes_with", "same_kind"])
def test_the_days_of_a_suggestion_count_from_the_delivery(db, kind):
    """`offset_days`; what is suggested is chosen by staff, or costs what they pay."""
    tea, cup = (
        ProductFactory(category="Tea", price=5, currency="EUR") for _ in range(2)
    )
    complements.choose(tea, cup, now=START)
    order = OrderFactory(
        customer=CustomerFactory(time_zone="UTC"),
        ordered_at=START - 9 * DAY,
        delivered_on=(START - 6 * DAY).date(),
    )
    OrderLineFactory(order=order, product=tea, unit_price=5)
    row = automation_rows.create(kinds.get(kind), now=START - 8 * DAY)
    shop = Shop(automations.switch_on(row, now=START - 8 * DAY), None)

    found = []
    for days in (6, 7):
        shop.edit(offset_days=str(days), rests="")
        found.append([(day, hour) for _, day, hour in moments(shop)])

    assert found == [[(0, 10)], [(1, 10)]]


def test_what_was_earned_is_told_by_the_day_or_by_the_week(db):
    """`every`."""
    dana = CustomerFactory(mail_ground="Bought", time_zone="UTC")
    earn(dana, programme(), 5, START - DAY)
    row = automation_rows.create(kinds.get("balance_earned"), now=START - 2 * DAY)
    shop = Shop(automations.switch_on(row, now=START - 2 * DAY), None)

    found = []
    for every in ("week", "day"):
        shop.edit(every=every)
        found.append(moments(shop))

    # By the week on Monday, which is not planned yet. By the day on Saturday: it rests
    # until Monday.
    assert found == [[], [(1, 2, 10)]]


def test_the_names_that_are_chosen_decide_on_which_days_somebody_is_greeted(db):
    """`names`."""
    name_days.add(
        [Listed("Anna", 11, 21), Listed("Zane", 11, 22)],
        name="A calendar", country="LV", language="lv", source="A book", licence="CC0",
        is_orthodox=False, now=START,
    )  # fmt: skip
    CustomerFactory(given_name="Anna Zane", country="LV", time_zone="UTC")
    row = automation_rows.create(kinds.get("name_day"), now=START - 2 * DAY)
    shop = Shop(automations.switch_on(row, now=START - 2 * DAY), None)

    found = []
    for names in ("first", "each"):
        shop.edit(names=names)
        found.append(sorted(moments(shop)))

    assert found == [[(1, 0, 9)], [(1, 0, 9), (1, 1, 9)]]


def own_fields(kind):
    return {*kind.params_form.base_fields} if kind.params_form else set()


ASKING = [kind.name for kind in kinds.swept_kinds() if "survey" in own_fields(kind)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ASKING)
def test_the_survey_that_is_chosen_is_the_one_that_is_asked(kind, db):
    """`survey`; and `month` and `day` of the one that has them."""
    row = Automation.objects.filter(kind=kind).first()
    row = row or automation_rows.create(kinds.get(kind), now=START - 10 * DAY)
    Automation.objects.filter(pk=row.pk).update(send_hour=9, rests=False)
    shop = Shop(row, None)
    other = making.make_live(
        name="Other", kind=SurveyKind.NPS, questionnaire=NPS, now=START
    )
    shop.edit(survey=str(other.pk))
    dated = (
        {"month": "11", "day": "21"} if "month" in own_fields(kinds.get(kind)) else {}
    )
    if dated:
        automations.switch_on(row, now=START - 10 * DAY)
        CustomerFactory(mail_ground="Bought")
        assert moments(shop) == NOBODY
        shop.edit(**dated)
    elif kind == campaigns.SURVEY:
        campaign = Campaign.objects.get(pk=row.pk)
        campaigns.set_day(campaign, on=START.date(), now=START)
        CustomerFactory(mail_ground="Bought")
        campaigns.start(campaign, staff=UserFactory(role="manager"), now=START)
    else:
        automations.switch_on(row, now=START - 10 * DAY)
        DUE[kind](START.date(), Automation.objects.get(pk=row.pk))

    shop.live(0)

    [invitation] = Invitation.objects.filter(message__automation=row)
    assert invitation.survey == other


# Those of kinds that have a test above.
ONLY_OF_SOME = {
    "balance_earned": {"every"},
    "custom_date": {"field", "repeats"},
    "name_day": {"names"},
    "campaign": {"on", "reason"},
    **{kind: {"survey"} for kind in ASKING},
    "survey_on_date": {"survey", "month", "day"},
}


def test_no_field_of_a_form_of_a_kind_is_without_a_case():
    of_kinds = {
        kind.name: own_fields(kind) for kind in kinds.swept_kinds() if kind.params_form
    }
    of_campaigns = {*DayForm.base_fields, *NatureForm.base_fields}

    assert of_kinds | {"campaign": of_campaigns} == ONLY_OF_SOME
