"""Mails of programmes: what was earned, what runs out, what is ready, and the month."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils.translation import override

from crm.models import Business
from crm.services import merging, personal_data
from loyalty.models import Lot, Reward
from loyalty.services import rewards
from loyalty.services.programmes import joining, members, offers, spending
from loyalty.services.programmes.spending import Wanted
from messaging import kinds, starting_points
from messaging.models import Automation, ForecastMail, Message
from messaging.rules.choices import Category
from messaging.services import automation_rows, automations, consent, forecast, planning
from messaging.services.delivery import deliver
from tests.factories import CustomerFactory
from tests.journeys.support import open_business
from tests.loyalty.programme_shop import bring_back, buy, earn, programme, work
from tests.loyalty.reward_shop import make
from tests.pages import read

pytestmark = pytest.mark.django_db
BEFORE = datetime(2026, 10, 1, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(autouse=True)
def shop(db, settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    open_business()
    Business.objects.update(currency="EUR")


def on(name, point="", since=BEFORE, **changes):
    """An automation of this kind that is on, and goes at nine on every day."""
    kind = kinds.get(name)
    found = starting_points.find(kind, point)
    row = automation_rows.create(kind, point=found, now=since)
    Automation.objects.filter(pk=row.pk).update(send_hour=9, rests=False, **changes)
    row.refresh_from_db()
    return automations.switch_on(row, now=since)


def somebody(**values):
    return CustomerFactory(mail_ground="Bought", time_zone="", **values)


def give(person, made, units, when, available=None, expires=None):
    """So many units, written down at a moment."""
    days = [day and date.fromisoformat(day) for day in (available, expires)]
    return earn(person, made, units, at(when), available=days[0], expires=days[1])


def use(person, made, units, when, key="K-1"):
    member = made.memberships.get(customer=person)
    wanted = Wanted(amount=Decimal(units), key=key)
    return spending.spend(member, wanted, now=at(when))


def sweep(when, name):
    """Plan what is due, twice, and send it; what there is of the kind."""
    for _ in range(2):
        planning.sweep(now=at(when), kinds=[name])
    deliver(now=at(when))
    return list(Message.objects.filter(kind=name).order_by("customer", "pk"))


def ends(rows):
    return sorted(
        (row.customer_id, row.occurrence, row.state, row.reason_code) for row in rows
    )


def text(message):
    return message.body.text


# --- Soon to run out -----------------------------------------------------------------


def test_thirty_and_seven_days_before_the_end_of_the_year_once_each():
    on("balance_expiring", "month_before")
    on("balance_expiring", "week_before")
    made, dana = programme(), somebody()
    give(dana, made, 40, "2026-06-01T10:00", expires="2026-12-31")
    give(dana, made, 80, "2026-07-01T10:00", expires="2026-12-31")
    give(dana, made, 5, "2026-07-02T10:00", expires="2027-06-30")

    # 31 December less 30 days is the 1st, less 7 the 24th; neither a day before.
    early = sweep("2026-11-29T08:00", "balance_expiring")
    month = sweep("2026-12-01T09:00", "balance_expiring")
    again = sweep("2026-12-02T09:00", "balance_expiring")
    week = sweep("2026-12-24T09:00", "balance_expiring")

    assert (early, len(month), len(again)) == ([], 1, 1)
    assert ends(week) == [
        (dana.pk, "2026-12-28:30", "sent", ""),
        (dana.pk, "2026-12-28:7", "sent", ""),
    ]
    assert [row.due_on for row in week] == [date(2026, 12, 1), date(2026, 12, 24)]
    assert week[0].category == "loyalty"
    assert "120 points can be used until 31 December 2026." in text(week[0])


def test_a_week_of_last_days_is_one_mail_before_its_first():
    on("balance_expiring", "week_before")
    made, dana = programme(), somebody()
    # A Tuesday and a Friday of one week, and the Monday after.
    for day, units in (("2026-11-17", 10), ("2026-11-20", 20), ("2026-11-23", 40)):
        give(dana, made, units, f"2026-10-0{units // 10}T10:00", expires=day)

    rows = sweep("2026-11-10T09:00", "balance_expiring")
    later = sweep("2026-11-16T09:00", "balance_expiring")

    assert [row.due_on for row in later] == [date(2026, 11, 10), date(2026, 11, 16)]
    assert "10 points can be used until 17 November 2026." in text(rows[0])
    assert "20 points can be used until 20 November 2026." in text(rows[0])
    assert "40 points" not in text(rows[0])


def test_what_was_used_meanwhile_is_asked_again_at_the_claim():
    on("balance_expiring", "week_before")
    made, dana, noa = programme(), somebody(), somebody()
    for person in (dana, noa):
        give(person, made, 10, "2026-10-02T10:00", expires="2026-11-20")
    planning.sweep(now=at("2026-11-12T09:00"), kinds=["balance_expiring"])
    use(dana, made, 10, "2026-11-12T20:00")
    use(noa, made, 4, "2026-11-12T20:00")

    rows = sweep("2026-11-13T09:00", "balance_expiring")

    assert ends(rows) == [
        (dana.pk, "2026-11-16:7", "cancelled", "balance_used"),
        (noa.pk, "2026-11-16:7", "sent", ""),
    ]
    assert "6 points can be used until" in text(rows[1])


def test_what_runs_out_with_silence_is_told_from_the_last_move():
    on("balance_expiring", "week_before")
    made = programme(start=at("2026-01-01"), expiry="inactivity", expires_after=30)
    dana = somebody()
    give(dana, made, 10, "2026-11-01T10:00")

    # 30 days after 1 November: 1 December; a week before that: 24 November.
    early = sweep("2026-11-22T08:00", "balance_expiring")
    rows = sweep("2026-11-24T09:00", "balance_expiring")

    assert early == []
    assert ends(rows) == [(dana.pk, "2026-11-30:7", "sent", "")]
    assert "10 points can be used until 1 December 2026." in text(rows[0])


def test_left_and_erased_people_hear_nothing_and_merged_ones_once():
    on("balance_expiring", "week_before")
    made = programme(takes_part="joining")
    left, gone, kept, dropped = (somebody() for _ in range(4))
    for person in (left, gone, kept, dropped):
        joining.join(made, person, now=at("2026-10-02T09:00"))
        give(person, made, 10, "2026-10-02T10:00", expires="2026-11-20")
    planning.sweep(now=at("2026-11-12T09:00"), kinds=["balance_expiring"])
    joining.leave(made.memberships.get(customer=left), now=at("2026-11-12T10:00"))
    personal_data.erase(gone, now=at("2026-11-12T10:00"))
    merging.merge(kept, dropped, now=at("2026-11-12T10:00"))

    rows = sweep("2026-11-13T09:00", "balance_expiring")

    sent = [row for row in rows if row.state == "sent"]
    assert [row.customer_id for row in sent] == [kept.pk]
    assert "20 points can be used until" in text(sent[0])
    reasons = {row.customer_id: row.reason_code for row in rows if row.state != "sent"}
    assert reasons[left.pk] == "no_membership"


# --- What was earned -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "due"),
    # 22:30 in UTC is half past midnight in Jerusalem, 00:30 of the 12th.
    [("UTC", "2026-11-11", date(2026, 11, 12)),
     ("Asia/Jerusalem", "2026-11-12", date(2026, 11, 13))],
)  # fmt: skip
def test_all_of_a_day_is_one_mail_the_day_after_by_the_shops_calendar(zone, day, due):
    Business.objects.update(time_zone=zone)
    on("balance_earned", "each_day")
    made, dana = programme(), somebody()
    give(dana, made, 10, "2026-11-11T22:30")
    give(dana, made, 30, "2026-11-11T22:40", available="2026-11-25")

    planned = sweep("2026-11-11T23:00", "balance_earned")
    waiting = [row.state for row in planned]
    rows = sweep(f"{due}T09:00", "balance_earned")

    assert (len(planned), waiting) == (1, ["planned"])
    assert [(row.occurrence, row.due_on, row.state) for row in rows] == [
        (day, due, "sent")
    ]
    for words in (
        "40 points earned.", "30 points can be used from 25 November 2026 on.",
        "Balance now: 40 points.",
    ):  # fmt: skip
        assert words in text(rows[0])


def test_all_of_a_week_is_one_mail_on_monday():
    on("balance_earned", "each_week")
    made, dana = programme(), somebody()
    # Monday 9 to Sunday 15 November 2026, and the Monday after.
    for number, day in enumerate(("09", "12", "15", "16"), start=1):
        give(dana, made, number, f"2026-11-{day}T10:00")

    rows = sweep("2026-11-16T11:00", "balance_earned")

    assert [(row.occurrence, row.due_on, row.state) for row in rows] == [
        ("2026-W46", date(2026, 11, 16), "sent")
    ]
    assert "6 points earned." in text(rows[0])


def test_what_was_taken_back_meanwhile_is_not_told():
    on("balance_earned", "each_day", since=at("2026-03-01T00:00"))
    programme()
    dana, noa = somebody(), somebody()
    sales = [
        buy(dana, ("TEA", 2, 10), order="A-1"),
        buy(noa, ("TEA", 2, 10), order="A-2"),
    ]
    work("2026-03-01")
    planning.sweep(now=at("2026-03-01T16:00"), kinds=["balance_earned"])
    bring_back(sales[0], ("TEA", 2, 10), order="R-1", on="2026-03-01")
    bring_back(sales[1], ("TEA", 1, 10), order="R-2", on="2026-03-01")
    work("2026-03-02")

    rows = sweep("2026-03-02T16:00", "balance_earned")

    assert ends(rows) == [
        (dana.pk, "2026-03-01", "cancelled", "earning_taken_back"),
        (noa.pk, "2026-03-01", "sent", ""),
    ]
    assert "10 points earned." in text(next(one for one in rows if one.state == "sent"))


# --- A reward is ready ---------------------------------------------------------------


def offering(price=10, **values):
    made = programme()
    words = {"en": rewards.Words("Free coffee")}
    reward = make("Coffee", kind="product", fulfilment="desk", words=words, **values)
    offers.offer(made, reward, price=Decimal(price), now=at("2026-10-01T00:00"))
    return made, reward


def test_a_reward_is_ready_once_until_it_was_spent():
    on("reward_ready")
    made, _reward = offering()
    dana = somebody()
    give(dana, made, 6, "2026-11-01T10:00")
    # Pending until the 12th: that is the day.
    give(dana, made, 6, "2026-11-02T10:00", available="2026-11-12")

    early = sweep("2026-11-09T09:00", "reward_ready")
    first = sweep("2026-11-12T09:00", "reward_ready")
    # 14 now, and 12 were enough; 2 are left of 14, and 3 more are not.
    give(dana, made, 2, "2026-11-13T08:00")
    more = sweep("2026-11-13T09:00", "reward_ready")
    use(dana, made, 12, "2026-11-14T10:00")
    give(dana, made, 3, "2026-11-15T10:00")
    less = sweep("2026-11-15T11:00", "reward_ready")
    give(dana, made, 5, "2026-11-16T08:00")
    again = sweep("2026-11-16T09:00", "reward_ready")

    assert (early, len(first), len(more), len(less)) == ([], 1, 1, 1)
    assert [(row.occurrence, row.state) for row in again] == [
        ("2026-11-12", "sent"), ("2026-11-16", "sent"),
    ]  # fmt: skip
    assert "Free coffee, for 10 points." in text(first[0])
    assert "You can use 12 points." in text(first[0])


def test_two_records_that_are_enough_together_are_told_once_they_are_one():
    """6 and 5 are 11, and the reward takes 10: ready on the day of the merge. Noa had
    enough before, and Adam's 3 make nothing new."""
    on("reward_ready")
    made, _reward = offering()
    dana, twin, noa, adam = (somebody() for _ in range(4))
    for person, units in ((dana, 6), (twin, 5), (noa, 12), (adam, 3)):
        give(person, made, units, "2026-10-05T10:00")
    before = sweep("2026-10-05T11:00", "reward_ready")
    merging.merge(dana, twin, now=at("2026-11-12T08:00"))
    merging.merge(noa, adam, now=at("2026-11-12T08:00"))

    rows = sweep("2026-11-12T09:00", "reward_ready")

    assert [row.customer_id for row in before] == [noa.pk]
    assert ends(rows) == [
        (dana.pk, "2026-11-12", "sent", ""), (noa.pk, "2026-10-05", "sent", ""),
    ]  # fmt: skip


def test_the_undo_of_a_merge_gives_each_lot_its_old_day_back():
    made, _reward = offering()
    dana, twin = somebody(), somebody()
    give(dana, made, 6, "2026-10-05T10:00")
    give(twin, made, 5, "2026-10-06T10:00", expires="2027-10-06")
    lots = Lot.objects.filter(membership__customer=twin, left__gt=0)
    days = ("left", "available_on", "expires_on")
    before = list(lots.values(*days))

    row = merging.merge(dana, twin, now=at("2026-11-12T08:00"))
    came = Lot.objects.get(membership__customer=dana, available_on="2026-11-12")
    merging.undo(row, now=at("2026-11-13T08:00"))

    assert came.left == 5
    assert list(lots.values(*days)) == before


def test_whoever_still_has_enough_after_spending_is_not_told_again():
    on("reward_ready")
    made, _reward = offering()
    dana = somebody()
    give(dana, made, 25, "2026-11-10T10:00")
    sweep("2026-11-10T11:00", "reward_ready")
    use(dana, made, 10, "2026-11-11T10:00")
    give(dana, made, 1, "2026-11-12T10:00")

    assert len(sweep("2026-11-12T11:00", "reward_ready")) == 1


def test_what_cannot_be_had_waits_and_goes_once_it_is_there_again():
    on("reward_ready")
    made, reward = offering(stock=1)
    Reward.objects.filter(pk=reward.pk).update(taken=1)
    dana = somebody()
    give(dana, made, 10, "2026-11-10T08:00")

    (waits,) = sweep("2026-11-10T09:00", "reward_ready")
    Reward.objects.filter(pk=reward.pk).update(taken=0)
    (goes,) = sweep("2026-11-11T09:30", "reward_ready")

    assert (waits.state, waits.deferred_reason) == ("planned", "reward_out_of_stock")
    assert goes.state == "sent"


def test_with_an_offer_among_the_rewards_it_is_marketing():
    on("reward_ready")
    made, _reward = offering()
    ten_off = make(words={"en": rewards.Words("Ten off")})
    offers.offer(made, ten_off, price=Decimal(10), now=at("2026-10-01T00:00"))
    dana, noa = somebody(), somebody()
    consent.grant(
        dana, categories=[Category.MARKETING], how="preference_page",
        now=at("2026-10-01T00:00"),
    )  # fmt: skip
    for person in (dana, noa):
        give(person, made, 10, "2026-11-10T08:00")

    rows = sweep("2026-11-10T09:00", "reward_ready")

    found = {
        row.customer_id: (row.category, row.state, row.reason_code) for row in rows
    }
    assert found[dana.pk] == ("marketing", "sent", "")
    assert found.get(noa.pk, ("marketing", "suppressed", "no_consent")) == (
        "marketing", "suppressed", "no_consent",
    )  # fmt: skip
    assert "Ten off, for 10 points." in text(rows[0])


# --- The month -----------------------------------------------------------------------


def test_a_statement_adds_up_and_begins_where_the_last_one_ended():
    on("balance_statement")
    made, dana, noa, new = programme(), somebody(), somebody(), somebody()
    give(dana, made, 100, "2026-10-10T10:00", expires="2026-11-20")
    give(dana, made, 60, "2026-11-05T10:00", expires="2027-01-31")
    use(dana, made, 70, "2026-11-10T10:00")
    # What is left of the first 100 runs out: 30.
    work("2026-11-21")
    # Noa had something and used it in November; nobody else has or had anything.
    give(noa, made, 5, "2026-10-10T10:00")
    use(noa, made, 5, "2026-11-30T23:30")
    members.ensure(made, [new.pk], now=at("2026-11-01T10:00"))

    october = sweep("2026-11-01T09:00", "balance_statement")
    rows = sweep("2026-12-01T09:00", "balance_statement")
    january = sweep("2027-01-01T09:00", "balance_statement")

    # Dana 60, and the month before 100: 100 + 60 - 70 - 30 = 60.
    november = [row for row in rows if row.occurrence == "2026-11"]
    assert [row.customer_id for row in november] == [dana.pk, noa.pk]
    for words in (
        "Opening balance: 100 points", "Earned: +60 points", "Used: −70 points",
        "Ran out: −30 points", "Closing balance: 60 points",
        "60 points can be used until 31 January 2027.",
    ):  # fmt: skip
        assert words in text(november[0])
    assert "Opening balance: 5 points" in text(november[1])
    assert "Closing balance: 0 points" in text(november[1])
    assert {row.customer_id for row in october} == {dana.pk, noa.pk}
    # Of December: nothing moved, and Noa has nothing.
    december = [row for row in january if row.occurrence == "2026-12"]
    assert [row.customer_id for row in december] == [dana.pk]
    assert "Opening balance: 60 points" in text(december[0])


@pytest.mark.parametrize(
    ("zone", "opening"),
    # 23:30 of 29 February in UTC is 1 March in Jerusalem, and so of the next month.
    [("UTC", "Closing balance: 7 points"), ("Asia/Jerusalem", "Closing balance: 0")],
)
def test_a_month_ends_at_the_shops_midnight(zone, opening):
    Business.objects.update(time_zone=zone)
    on("balance_statement", since=at("2028-02-01T00:00"))
    made, dana = programme(), somebody()
    give(dana, made, 1, "2028-02-03T10:00")
    use(dana, made, 1, "2028-02-04T10:00")
    give(dana, made, 7, "2028-02-29T23:30")

    (row,) = sweep("2028-03-01T09:00", "balance_statement")

    assert (row.occurrence, row.due_on) == ("2028-02", date(2028, 3, 1))
    assert opening in text(row)


# --- All of them ---------------------------------------------------------------------

POINTS = {
    "balance_earned": "each_day",
    "balance_expiring": "week_before",
    "reward_ready": "reward_ready",
    "balance_statement": "statement",
}
WORDS = {
    "en": ("See your balance", "take part in a programme"),
    "he": ("לצפייה ביתרה", "משתתפים בתוכנית"),
    "zh-hans": ("查看余额", "会员计划"),
    "zh-hant": ("查看餘額", "會員計畫"),
}


@pytest.mark.parametrize("name", POINTS)
def test_each_goes_over_smtp_in_every_language_and_leads_to_their_page(name, sink):
    on(name, POINTS[name])
    made, _reward = offering(price=5)
    people = {code: somebody(language=code) for code in WORDS}
    for person in people.values():
        give(person, made, 10, "2026-11-30T08:00", expires="2026-12-08")

    rows = sweep("2026-12-01T09:00", name)

    assert [row.state for row in rows] == ["sent"] * 4
    mails = {mail["To"]: mail for mail in sink.mails}
    for code, person in people.items():
        (mail,) = [one for to, one in mails.items() if person.email in to]
        plain = mail.get_body(("plain",)).get_content()
        html = mail.get_body(("html",)).get_content()
        for words in WORDS[code]:
            assert words in plain
            assert words in unescape(html)
        assert f'dir="{"rtl" if code == "he" else "ltr"}"' in html
        (path,) = set(re.findall(r"http://testserver(/m/[^\s\"<]+/)", plain))
        assert path in html
        read(Client().get(path), "</h1>")


@pytest.mark.parametrize("name", POINTS)
def test_the_forecast_knows_what_is_coming(name):
    automation = on(name, POINTS[name])
    made, _reward = offering(price=5)
    dana = somebody()
    give(dana, made, 10, "2026-11-30T08:00", "2026-12-10", expires="2026-12-31")
    now = at("2026-11-30T12:00")

    found = forecast.work_out(None, now=now)

    rows = ForecastMail.objects.filter(forecast=found)
    assert {row.goes_at.date() for row in rows} == {
        "balance_earned": {date(2026, 12, 1)},
        "balance_expiring": {date(2026, 12, 24)},
        "reward_ready": {date(2026, 12, 10)},
        "balance_statement": {date(2026, 12, 1), date(2027, 1, 1)},
    }[name]
    assert automation.is_on


def test_each_says_to_staff_why_it_was_planned():
    made, _reward = offering(price=5)
    dana = somebody()
    for name, point in POINTS.items():
        on(name, point)
    give(dana, made, 10, "2026-11-30T08:00", expires="2026-12-08")
    for name in POINTS:
        planning.sweep(now=at("2026-12-01T09:00"), kinds=[name])

    rows = {row.kind: row for row in Message.objects.all()}
    with override("en"):
        found = {
            name: kinds.get(name).explain([row])[row.pk] for name, row in rows.items()
        }

    assert found == {
        "balance_earned": "Earned something from 30 November 2026 to 30 November 2026.",
        "balance_expiring": "Something runs out from 7 December 2026 to"
        " 13 December 2026.",
        "reward_ready": "The balance is enough for Coffee.",
        "balance_statement": "The statement of November 2026.",
    }
