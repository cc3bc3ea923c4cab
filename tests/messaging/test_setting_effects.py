"""Every setting of an automation that staff may choose does something: each field of
the forms has a case here that sees, with and without it, what is planned or sent.
What only some kinds have is in test_kind_settings.py, texts of mails in
test_word_effects.py."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction

from crm.models import FollowUp
from crm.services import segments
from loyalty.models import Grant, Reward
from messaging import kinds
from messaging.forms.automations import AutomationForm
from messaging.forms.holdout import HoldoutForm
from messaging.forms.steps import StepChangeForm
from messaging.models import Automation, Message
from messaging.services import automation_rows, automations, holdout
from tests.factories import CustomerFactory, MessageFactory, OrderFactory, UserFactory
from tests.messaging.setting_shop import DAY, NOBODY, START, Shop, moments

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


def test_no_field_of_a_form_is_without_a_case():
    forms = (AutomationForm, StepChangeForm, HoldoutForm)
    known = {name for form in forms for name in form.base_fields} - {"version"}

    assert known == {name.partition(",")[0] for name in CASES}
