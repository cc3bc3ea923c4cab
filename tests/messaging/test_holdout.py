"""Some people get nothing, by lot, and the comparison with them is fair."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from psycopg.sql import SQL

from crm.models import Customer, Order
from messaging.errors import HoldoutNotHere
from messaging.kinds import Reason
from messaging.models import Automation, Message
from messaging.rules import holdout as rules
from messaging.rules.choices import Category
from messaging.rules.holdout import Block, Group
from messaging.selectors import holdout as selectors
from messaging.selectors.forecasts import coming as forecast
from messaging.selectors.ledger import why
from messaging.selectors.outlooks import outlooks
from messaging.services import automation_rows, delivery, holdout, planning
from messaging.sql.holdout import DRAWN
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.messaging.automation_rows import automation
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import SmallKind, registered

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOMORROW = date(2026, 11, 22)
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
SALT = "6f0a55c5-2ab6-4a0a-8b0f-6d4b9f3c1e11"
PEOPLE = 24


class ThanksKind(PlainKind):
    """Due on the day in `since_on`; over for those who read this Chinese."""

    name = "test_kind"
    category = Category.LOYALTY
    due = SmallKind.due

    def no_longer_due(self, messages, now):
        return {
            message.pk: Reason("already_reordered")
            for message in messages
            if message.language == "zh-hant"
        }


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


@pytest.fixture
def thanks(db):
    with registered(ThanksKind()):
        yield automation("Thanks", holdout_salt=SALT)


def half_of(row, count=PEOPLE, **more):
    """Half of these people are held out; who, by id."""
    people = [
        CustomerFactory(since_on=TOMORROW, mail_ground="agreed", **more)
        for _ in range(count)
    ]
    row = holdout.set_percent(row, version=row.version, percent=50, now=NOW)
    out = {one.pk for one in people if rules.is_held_out(SALT, 50, one.pk)}
    assert 0 < len(out) < count
    return people, out


def drawn(percent, ids):
    """As planning draws them."""
    statement = SQL("SELECT {drawn} FROM unnest(%(ids)s::bigint[]) found (customer_id)")
    values = {"holdout": percent, "salt": SALT, "ids": ids}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(drawn=DRAWN), values)
        return [held for (held,) in cursor.fetchall()]


def test_the_lot_is_the_same_here_and_in_the_database(db):
    ids = [*range(1, 2_000), 2**40, 2**62]

    for percent in (1, 10, 50):
        here = [rules.is_held_out(SALT, percent, pk) for pk in ids]
        assert drawn(percent, ids) == here
        assert sum(here) == pytest.approx(20 * percent, abs=70)
    assert drawn(0, ids) == [None] * len(ids)
    # Whoever is out of a small share is out of a greater one.
    assert all(rules.is_held_out(SALT, 50, pk) for pk in ids if
               rules.is_held_out(SALT, 10, pk))  # fmt: skip


def test_those_held_out_are_the_ones_who_would_have_got_it(thanks):
    people, out = half_of(thanks)
    refused, over, *_ = (one for one in people if one.pk in out)
    Customer.objects.filter(pk=refused.pk).update(email="", email_norm="")
    Customer.objects.filter(pk=over.pk).update(language="zh-hant")

    planning.sweep(now=NOW, kinds=["test_kind"])
    waiting = Message.objects.select_related("customer").get(customer=over)
    ahead = outlooks([waiting], now=NOW)[waiting.pk]
    planned = why(waiting, now=NOW)[-1].text
    delivery.deliver(now=NINE)

    ended = {row.customer_id: (row.state, row.reason_code) for row in
             Message.objects.all()}  # fmt: skip
    assert ended.pop(refused.pk) == ("suppressed", "no_address")
    assert ended.pop(over.pk) == ("cancelled", "already_reordered")
    others = out - {refused.pk, over.pk}
    assert {pk for pk, how in ended.items() if how == ("suppressed", "held_out")} == (
        others
    )
    assert {how for pk, how in ended.items() if pk not in others} == {("sent", "")}
    # It counts against no limit, and takes its occurrence.
    held = Message.objects.select_related("customer").filter(reason_code="held_out")
    assert {row.counted_at for row in held} == {None}
    assert planning.sweep(now=NINE, kinds=["test_kind"])["test_kind"]["planned"] == 0
    assert (ahead.goes_at, ahead.reason.code) == (None, "held_out")
    assert "nothing will be sent" in planned
    assert "nothing was sent" in why(held[0], now=NINE)[-1].text


def test_the_forecast_counts_them_and_a_new_share_plans_again(thanks):
    people, out = half_of(thanks)
    thanks.refresh_from_db()

    assert forecast(thanks, now=NOW).held["held_out"] == len(out)
    planning.sweep(now=NOW, kinds=["test_kind"])
    holdout.set_percent(thanks, version=thanks.version, percent=0, now=NOW)
    planning.sweep(now=NOW, kinds=["test_kind"])

    live = Message.objects.exclude(state="superseded")
    assert set(live.values_list("in_holdout", flat=True)) == {None}
    assert live.count() == PEOPLE
    thanks.refresh_from_db()
    assert thanks.holdout_since == NOW
    copied = automation_rows.copy(thanks, name="Second", now=NOW)
    assert copied.holdout_salt != thanks.holdout_salt


def test_nobody_is_held_out_of_a_survey_or_of_more_than_half(thanks, small_kind_of):
    survey = small_kind_of("asks", Category.SURVEY)

    with pytest.raises(HoldoutNotHere):
        holdout.set_percent(survey, version=1, percent=10, now=NOW)
    with (
        pytest.raises(IntegrityError, match="automation_holdout"),
        transaction.atomic(),
    ):
        Automation.objects.filter(pk=thanks.pk).update(
            holdout_percent=51, holdout_since=NOW
        )


@pytest.fixture
def small_kind_of(db):
    kinds = []

    def make(name, category):
        kind = type("K", (PlainKind,), {"name": name, "category": category})()
        context = registered(kind)
        context.__enter__()
        kinds.append(context)
        return automation(name, kind=name)

    yield make
    for one in kinds:
        one.__exit__(None, None, None)


def fell_due(row, count, *, held, buying=0, on=date(2026, 9, 1)):
    """So many people, the first of whom paid 30 within the month."""
    for number in range(count):
        message = MessageFactory(
            kind="test_kind",
            automation=row,
            state="suppressed" if held else "sent",
            reason_code="held_out" if held else "",
            in_holdout=held,
            final_at=NOW,
            due_on=on,
            planned_at=NOW - timedelta(days=90),
        )
        if number < buying:
            Order.objects.create(
                external_id=f"{held}-{on}-{number}",
                number=str(number),
                customer=message.customer,
                ordered_at=NOW,
                ordered_on=on + timedelta(days=number),
                currency="EUR",
                total=Decimal(30),
            )


def test_the_report_compares_everybody_due_with_everybody_held_out(
    client, thanks, time_machine
):
    time_machine.move_to(NOW, tick=False)
    Automation.objects.filter(pk=thanks.pk).update(
        holdout_percent=50, holdout_since=NOW - timedelta(days=100)
    )
    thanks.refresh_from_db()
    fell_due(thanks, 40, held=False, buying=36)
    fell_due(thanks, 40, held=True, buying=12)
    fell_due(thanks, 3, held=True, on=date(2026, 11, 1))
    # Merged: one person on both sides belongs to neither.
    both = MessageFactory(
        kind="test_kind", automation=thanks, in_holdout=True, due_on=date(2026, 9, 1)
    )
    MessageFactory(
        kind="test_kind", automation=thanks, in_holdout=False,
        due_on=date(2026, 9, 1), customer=both.customer,
    )  # fmt: skip

    found = selectors.report(thanks, days=30, today=date(2026, 11, 21))

    # Six of the 36 ordered after their 30 days.
    assert (found.mailed, found.held) == (Group(40, 30), Group(40, 12))
    assert found.waiting == 3
    assert found.orders.value == pytest.approx(0.45)
    assert found.orders.is_sure
    (euros,) = found.money
    assert (euros.mailed, euros.held) == (22.5, 9.0)
    assert 5 < euros.effect.low < 13.5 < euros.effect.high < 21
    assert found == selectors.report(thanks, days=30, today=date(2026, 11, 21))

    client.force_login(UserFactory(role="marketer"))
    page = client.get(reverse("messaging:automation-holdout", args=[thanks.pk]))
    assert "+45 points" in page.content.decode().replace("\u2066", "").replace(
        "\u2069", ""
    )


def test_formulas_match_published_and_worked_out_figures():
    # The example that the page gives.
    assert rules.expected_margin(5_000, 10, 0.1) == pytest.approx(0.0277, abs=5e-5)
    assert rules.expected_margin(3, 10, 0.1) is None
    # Newcombe (1998), table II, row (a): 56/70 against 48/80, method 10.
    shares = rules.difference_of_shares(Group(70, 56), Group(80, 48))
    assert (shares.low, shares.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert rules.difference_of_shares(Group(29, 9), Group(500, 9)) is None
    few = [Block(1, 5.0)] * 40
    assert rules.difference_of_means(few, few, mailed_buyers=40, held_buyers=9) is None
