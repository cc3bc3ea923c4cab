"""Every setting of an automation that staff may choose does something: each field of
the forms has a case here that sees, with and without it, what is planned or sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from crm.models import CustomField, FollowUp
from crm.services import segments
from loyalty.forms.campaigns import DayForm, NatureForm
from loyalty.models import Campaign, Grant, Reward
from loyalty.services import campaigns, complements
from messaging import kinds
from messaging.forms.automations import AutomationForm
from messaging.forms.holdout import HoldoutForm
from messaging.forms.steps import StepChangeForm
from messaging.models import Automation, Message
from messaging.services import (
    automation_rows,
    automations,
    holdout,
    planning,
    steps,
)
from messaging.services.delivery import deliver
from tests.factories import (
    CustomerFactory,
    MessageFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    UserFactory,
)
from tests.loyalty.programme_shop import earn, programme

# A Saturday.
START = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY = timedelta(days=1)
NOBODY: list[Any] = []


@dataclass
class Shop:
    """A welcome series that is on for everybody, and Dana, who is due today at nine."""

    row: Automation
    dana: Any

    def edit(self, **values: Any) -> None:
        """By the form of its page, with these values in the place of its own."""
        self.row.refresh_from_db()
        blank = AutomationForm.of(self.row)
        data = {name: blank[name].value() for name in blank.fields} | values
        form = AutomationForm.of(self.row, data)
        assert form.is_valid(), form.errors
        automations.edit(self.row, now=START, **form.changes())

    def change_step(self, position: int, **values: Any) -> None:
        self.row.refresh_from_db()
        step = self.row.steps.get(position=position)
        blank = StepChangeForm.of(step)
        data = {name: blank[name].value() for name in blank.fields} | values
        form = StepChangeForm.of(step, data)
        assert form.is_valid(), form.errors
        kept = {"wait_days": step.wait_days, "stop_on": step.stop_on, "gift": step.gift}
        steps.change(
            self.row, position=position, now=START, **{**kept, **form.cleaned_data}
        )

    def live(self, *days: int) -> None:
        """What happens at ten of these days."""
        for day in days:
            now = START + day * DAY + timedelta(hours=4)
            planning.sweep(now=now, kinds=[self.row.kind])
            deliver(now=now)


Act = Callable[[Shop], object]


@dataclass(frozen=True)
class Case:
    """`given` before the change; `seen` after it: first without the change, then with
    it."""

    change: Act
    seen: Act
    without: object
    with_it: object
    given: Act = lambda shop: None


def moments(shop: Shop) -> list[tuple[int, int, int]]:
    """(step, days after the start, hour) of what is planned or went."""
    planning.sweep(now=START, kinds=[shop.row.kind])
    rows = Message.objects.filter(automation=shop.row, not_before__gte=START)
    rows = rows.exclude(state="superseded")
    return [
        (row.step, (row.not_before.date() - START.date()).days, row.not_before.hour)
        for row in rows.order_by("id")
    ]


def days_waited(shop: Shop) -> int:
    moments(shop)
    row = Message.objects.get(automation=shop.row)
    return (row.expires_at - row.not_before).days


def classes(shop: Shop) -> list[tuple[str, str]]:
    shop.live(0)
    rows = Message.objects.filter(automation=shop.row)
    return list(rows.values_list("category", "reason_code"))


def second_day(shop: Shop) -> list[int]:
    """On which day the second mail is planned."""
    shop.live(0, 1)
    OrderFactory(customer=shop.dana, ordered_at=START + DAY)
    shop.live(2, 3, 4, 5, 6, 7, 8)
    rows = Message.objects.filter(automation=shop.row, step=2)
    return [(row.due_on - START.date()).days for row in rows]


def segment_of(country: str) -> str:
    part = {"field": "country", "is": "any_of", "values": [country]}
    conditions = {"match": "all", "parts": [part]}
    return str(
        segments.create(name=country, conditions=conditions, by=None, now=START).pk
    )


def owes_a_call(shop: Shop) -> None:
    FollowUp.objects.create(
        customer=shop.dana, why="Call", due_on=START.date(), created_at=START
    )


def earlier(shop: Shop) -> None:
    """She got a first mail on another occasion, ten days ago."""
    at = START - 10 * DAY
    MessageFactory(
        customer=shop.dana, automation=shop.row, kind=shop.row.kind, state="sent",
        occurrence="earlier", due_on=at.date(), not_before=at, final_at=at,
        counted_at=at,
    )  # fmt: skip


def again_after(days: int) -> Act:
    return lambda shop: shop.edit(reentry="after_days", reentry_days=days)


def offers(shop: Shop) -> None:
    shop.change_step(1, has_offer=True)


def hold_out(shop: Shop) -> None:
    shop.row.refresh_from_db()
    form = HoldoutForm({"percent": 50, "version": shop.row.version})
    assert form.is_valid()
    holdout.set_percent(shop.row, now=START, **form.cleaned_data)


def lots(shop: Shop) -> int:
    moments(shop)
    return Message.objects.exclude(in_holdout=None).count()


def give(shop: Shop) -> None:
    reward = Reward.objects.create(
        name="A sample", kind="sample", fulfilment="desk", currency="GBP",
        created_at=START,
    )  # fmt: skip
    shop.change_step(1, gift=reward.pk)


def given(shop: Shop) -> int:
    shop.live(0)
    return Grant.objects.count()


FIRST = [(1, 0, 9)]
CASES: dict[str, Case] = {
    "name": Case(
        lambda shop: shop.edit(name="Hello"),
        lambda shop: str(Automation.objects.get(pk=shop.row.pk)),
        "Welcome series",
        "Hello",
    ),
    "owner": Case(
        lambda shop: shop.edit(owner=str(UserFactory().pk)), moments, FIRST, NOBODY
    ),
    "segment": Case(
        lambda shop: shop.edit(segment=segment_of("DE")), moments, FIRST, NOBODY
    ),
    "outside": Case(
        lambda shop: shop.edit(outside=segment_of("GB")), moments, FIRST, NOBODY
    ),
    "open": Case(lambda shop: shop.edit(open=True), moments, FIRST, NOBODY),
    "open, of somebody": Case(
        lambda shop: shop.edit(open=True), moments, FIRST, FIRST, given=owes_a_call
    ),
    "q": Case(lambda shop: shop.edit(q="nobody at all"), moments, FIRST, NOBODY),
    "send_hour": Case(
        lambda shop: shop.edit(send_hour="17"), moments, FIRST, [(1, 0, 17)]
    ),
    "offset_days": Case(
        lambda shop: shop.edit(offset_days=2), moments, FIRST, [(1, 1, 9)]
    ),
    "life_days": Case(lambda shop: shop.edit(life_days=12), days_waited, 5, 12),
    "weekdays": Case(
        lambda shop: shop.edit(weekdays=["2"]), moments, FIRST, [(1, 3, 9)]
    ),
    "rests": Case(lambda shop: shop.edit(rests=True), moments, FIRST, [(1, 2, 9)]),
    "reentry": Case(
        lambda shop: shop.edit(reentry="per_occurrence"),
        moments,
        [],
        FIRST,
        given=earlier,
    ),
    "reentry_days": Case(
        again_after(9),
        moments,
        [],
        FIRST,
        given=lambda shop: [earlier(shop), again_after(11)(shop)],
    ),
    "wait_days": Case(
        lambda shop: shop.change_step(2, wait_days=7), second_day, [4], [7]
    ),
    "stop_on": Case(
        lambda shop: shop.change_step(2, stop_on=["bought"]), second_day, [4], []
    ),
    "has_offer": Case(
        offers, classes, [("loyalty", "")], [("marketing", "no_consent")]
    ),
    "without_offer_allowed": Case(
        lambda shop: shop.change_step(1, has_offer=True, without_offer_allowed=True),
        classes,
        [("marketing", "no_consent")],
        [("loyalty", "")],
        given=offers,
    ),
    "gift": Case(give, given, 0, 1),
    "percent": Case(hold_out, lots, 0, 1),
}


@pytest.fixture
def shop(db, settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    row = automation_rows.create(kinds.get("welcome"), now=START - 2 * DAY)
    Automation.objects.filter(pk=row.pk).update(rests=False)
    dana = CustomerFactory(
        since_on=(START - DAY).date(), time_zone="UTC", mail_ground="asked",
        country="GB",
    )  # fmt: skip
    return Shop(automations.switch_on(row, now=START - 2 * DAY), dana)


@pytest.mark.parametrize("name", CASES)
def test_a_setting_has_an_effect(shop, name):
    case = CASES[name]
    case.given(shop)

    with transaction.atomic():
        without = case.seen(shop)
        transaction.set_rollback(True)
    case.change(shop)

    assert (without, case.seen(shop)) == (case.without, case.with_it)


# --- What only some kinds have -------------------------------------------------------


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


ONLY_OF_SOME = {
    "balance_earned": {"every"},
    "custom_date": {"field", "repeats"},
    "campaign": {"on", "reason"},
}


def test_no_field_of_a_form_is_without_a_case():
    forms = (AutomationForm, StepChangeForm, HoldoutForm)
    known = {name for form in forms for name in form.base_fields} - {"version"}
    of_kinds = {
        kind.name: set(kind.params_form.base_fields)
        for kind in kinds.swept_kinds()
        if kind.params_form and kind.params_form.__module__.startswith("loyalty")
    }
    of_campaigns = {*DayForm.base_fields, *NatureForm.base_fields}

    assert known == {name.partition(",")[0] for name in CASES}
    assert of_kinds | {"campaign": of_campaigns} == ONLY_OF_SOME
