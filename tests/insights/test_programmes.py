"""A programme in figures: each the sum of the rows behind it, reckoned here anew."""

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from crm.services import merging
from insights import programme_figures
from insights.metrics.measures import Why
from insights.models import Definition, Held, StaleMembership
from insights.selectors import people as people_selectors
from insights.selectors import programmes as selectors
from insights.services import breakage, held, kept_answers
from insights.sql import breakage as breakage_sql
from insights.sql import programmes as sql
from loyalty.models import Entry, Lot, Membership
from loyalty.selectors.programmes import standing as of_member
from loyalty.services.programmes import spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty import programme_shop as shop
from tests.loyalty.programme_shop import at, bring_back, buy, member, work
from tests.pages import read

pytestmark = pytest.mark.django_db

TODAY = date(2026, 12, 1)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def points(db):
    """A unit for each whole euro, good for 60 days, worth a cent."""
    shop.open_shop()
    return shop.programme(expiry="days", expires_after=60, worth=Decimal("0.01"))


def standing(programme, today=TODAY):
    return selectors.outstanding(programme, today=today)


def spend(person, units, key, on, order=""):
    row = member(person)
    wanted = Wanted(amount=Decimal(units), key=key, order=order)
    return spending.spend(row, wanted, now=at(on))


def ids_of(select):
    return {person.pk for person in people_selectors.page(select).customers}


def breakage_of(programme):
    breakage.count(programme, now=at("2026-12-01"))
    return selectors.breakage(programme)


def of_month(programme, month):
    return {one.month: one for one in breakage_of(programme)}[month]


# --- What is outstanding --------------------------------------------------------------


def test_outstanding_is_what_each_member_has_in_units_money_and_months(db):
    shop.open_shop()
    programme = shop.programme(
        expiry="month_end", expires_after=12, worth=Decimal("0.005"), returns_days=14
    )
    dana, omer = shop.people()
    buy(dana, ("TEA", 1, 101), on="2026-10-01")
    buy(omer, ("TEA", 1, 40), order="B-1", on="2026-11-01")
    buy(omer, ("TEA", 1, 30), order="B-2", on="2026-11-25")
    work()

    found = standing(programme)

    # 141 are no longer pending: 0.705 in money, rounded once.
    assert (found.open.units, found.open.people) == (141, 2)
    assert found.open.worth == Decimal("0.71")
    assert (found.pending.units, found.pending.people) == (30, 1)
    assert [(month, held.units) for month, held in found.months] == [
        (date(2027, 10, 1), 101),
        (date(2027, 11, 1), 40),
    ]
    pending = sql.with_part(programme, TODAY, "pending", month=None, any_month=True)
    assert ids_of(pending) == {omer.pk}
    october = sql.with_part(
        programme, TODAY, "open", month=date(2027, 10, 1), any_month=False
    )
    assert ids_of(october) == {dana.pk}


def test_what_ran_out_and_what_is_owed_stand_apart_and_all_is_the_sum(points):
    dana, omer = shop.people()
    sale = buy(dana, ("TEA", 1, 100), on="2026-03-01")
    work("2026-03-02")
    spend(dana, 80, "T-1", "2026-03-03")
    bring_back(sale, ("TEA", 1, 100), on="2026-03-10")
    buy(omer, ("TEA", 1, 50), order="B-1", on="2026-03-01")
    shop.orders.process_pending(now=at("2026-03-11", 15))

    found = standing(points, date(2026, 6, 1))

    # The tick that lets things run out has not run.
    assert (found.over.units, found.open.units, found.owed.units) == (50, 0, 80)
    assert ids_of(sql.who_owes(points)) == {dana.pk}
    sum_of = found.open.units + found.pending.units + found.over.units
    assert sum_of - found.owed.units == found.balance == shop.everything() == -30


def test_of_silence_the_last_day_is_that_of_the_member(db):
    shop.open_shop()
    programme = shop.programme(expiry="inactivity", expires_after=90)
    (dana,) = shop.people(1)
    buy(dana, ("TEA", 1, 10), on="2026-10-15")
    work("2026-11-01")

    [(month, held)] = standing(programme, date(2026, 11, 1)).months

    # Since the day on which they became a member, and 90 days: 30 January.
    assert (month, held.units) == (date(2027, 1, 1), 10)
    assert standing(programme, date(2027, 1, 31)).over.units == 10


# --- By month -------------------------------------------------------------------------


def test_every_month_adds_up_by_kind_and_leads_to_its_people(points):
    dana, omer = shop.people()
    buy(dana, ("TEA", 1, 100), on="2026-03-01")
    buy(omer, ("TEA", 1, 50), order="B-1", on="2026-04-01")
    work("2026-04-02")
    spend(dana, 30, "T-1", "2026-04-03")
    work("2026-07-01")

    found = {one.month: one for one in selectors.by_month(points)}

    assert found[MARCH].sums == {"earned": 100}
    assert found[APRIL].sums == {"earned": 50, "spent": -30}
    assert found[date(2026, 7, 1)].sums == {"expired": -120}
    assert [one.closing for one in found.values()] == [100, 120, 0]
    assert ids_of(sql.with_entry(points, "earned", (MARCH, APRIL))) == {dana.pk}


@pytest.mark.parametrize("is_counted", [False, True])
def test_a_balance_at_the_end_of_a_month_leads_to_whoever_had_some_of_it(
    points, is_counted
):
    dana, omer, lior = shop.people(3)
    buy(dana, ("TEA", 1, 100), on="2026-03-01")
    owes = buy(lior, ("TEA", 1, 20), order="B-2", on="2026-03-02")
    buy(omer, ("TEA", 1, 50), order="B-1", on="2026-04-01")
    work("2026-04-02")
    spend(lior, 20, "T-1", "2026-04-03")
    bring_back(owes, ("TEA", 1, 20), on="2026-04-05")
    shop.orders.process_pending(now=at("2026-04-06"))
    # What Dana's record had is Omer's, in every month.
    merging.merge(omer, dana, now=at("2026-04-07"))
    work("2026-07-01")
    # Until the next tick it is added up on the spot.
    assert StaleMembership.objects.count() == 3
    if is_counted:
        held.process_pending()
        assert not StaleMembership.objects.exists()

    found = {one.month: one.closing for one in selectors.by_month(points)}

    months = (MARCH, APRIL, date(2026, 7, 1))
    people = ({omer.pk, lior.pk}, {omer.pk, lior.pk}, {lior.pk})
    for month, closing, after, who in zip(
        months, (120, 130, -20), (APRIL, date(2026, 5, 1), date(2026, 8, 1)), people,
        strict=True,
    ):  # fmt: skip
        ids = ids_of(selectors.with_balance(points, after))
        rows = Entry.objects.filter(on__lt=after)
        sums = [
            sum((e.amount for e in rows.filter(membership__customer__in=them)), 0)
            for them in ([dana.pk, omer.pk], [lior.pk])
        ]
        assert found[month] == sum(sums) == closing
        assert (ids, len(ids)) == (who, len([one for one in sums if one]))


def test_an_entry_of_an_earlier_month_is_counted_where_it_belongs(points):
    """Nothing at the end of April; then something is told of March after all."""
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 10), on="2026-03-05")
    work("2026-03-06")
    spend(dana, 10, "T-1", "2026-04-03")
    held.process_pending()
    before = list(Held.objects.values_list("first_month", "until_month"))
    buy(dana, ("TEA", 1, 7), order="A-2", on="2026-03-20")
    shop.orders.process_pending(now=at("2026-05-01"))
    held.process_pending()

    assert before == [(MARCH, APRIL)]
    assert list(Held.objects.values_list("first_month", "until_month")) == [
        (MARCH, None)
    ]


# --- What ran out ---------------------------------------------------------------------


def test_breakage_is_said_of_months_of_which_nothing_is_left(points):
    dana, omer = shop.people()
    buy(dana, ("TEA", 1, 100), on="2026-03-01")
    work("2026-03-02")
    spend(dana, 75, "T-1", "2026-03-03")
    buy(omer, ("TEA", 1, 300), order="B-1", on="2026-04-20")
    work("2026-05-05")

    march, april = of_month(points, MARCH), of_month(points, APRIL)

    assert (march.used, march.ran_out, march.share.value) == (75, 25, 0.25)
    assert (april.left, april.share.value, april.share.why) == (300, None, Why.NOT_OVER)
    assert ids_of(breakage_sql.whose_ran_out(points, MARCH)) == {dana.pk}
    page = {one.key: one for one in programme_figures.breakages(points, [march, april])}
    assert page[f"programme.{points.pk}.breakage.2026-04"].shown == "–"


def test_what_came_back_or_went_to_another_record_is_of_its_first_month(points):
    dana, omer = shop.people()
    buy(dana, ("TEA", 1, 100), on="2026-03-01")
    work("2026-03-02")
    used = spend(dana, 60, "T-1", "2026-03-03")
    spending.release(member(dana), used.key, now=at("2026-04-04"))
    merging.merge(omer, dana, now=at("2026-04-05"))
    spend(omer, 10, "T-2", "2026-04-06")
    work("2026-07-01")

    [march] = breakage_of(points)

    assert (march.month, march.used, march.ran_out) == (MARCH, 10, 90)
    assert ids_of(breakage_sql.whose_ran_out(points, MARCH)) == {omer.pk}


def test_what_a_return_takes_away_was_neither_used_nor_ran_out(points):
    dana, omer = shop.people()
    back = buy(dana, ("TEA", 1, 100), on="2026-03-01")
    late = buy(omer, ("TEA", 1, 40), order="B-1", on="2026-03-01")
    buy(omer, ("TEA", 1, 20), order="B-2", on="2026-03-02")
    work("2026-03-03")
    bring_back(back, ("TEA", 1, 100), on="2026-03-10")
    work("2026-07-01")
    # After it ran out.
    bring_back(late, ("TEA", 1, 40), order="R-2", on="2026-08-01")
    work("2026-08-02")

    [march] = breakage_of(points)

    assert (march.left, march.used, march.ran_out) == (0, 0, 20)


def test_what_ran_out_is_counted_once_an_hour(points):
    (dana,) = shop.people(1)
    buy(dana, ("TEA", 1, 100), on="2026-03-01")
    work("2026-03-02")
    before = breakage.keep_up(now=at("2026-03-02", 10))
    work("2026-07-01")
    soon = breakage.keep_up(now=at("2026-03-02", 10) + timedelta(minutes=59))
    kept = selectors.breakage(points)[0].ran_out
    later = breakage.keep_up(now=at("2026-03-02", 11))

    assert (before, soon, later) == (1, 0, 1)
    assert (kept, selectors.breakage(points)[0].ran_out) == (0, 100)
    assert selectors.breakage_counted_at(points) == at("2026-03-02", 11)


def test_what_takes_long_is_counted_once_an_hour_and_the_page_says_when(points, client):
    dana, omer = shop.people()
    buy(dana, ("TEA", 1, 100), on="2026-11-01")
    buy(omer, ("TEA", 1, 40), order="B-1", on="2026-12-01")
    work("2026-12-01")
    spend(dana, 30, "T-1", "2026-12-01")
    asked = standing(points), selectors.by_month(points)
    Definition.objects.update(counted_at=at("2026-12-01"))
    client.force_login(UserFactory(role="owner"))
    url = f"/insights/programmes/{points.pk}/"
    assert "counted once an hour" not in read(client.get(url))

    kept_answers.keep_up(now=at("2026-12-01"), slow=0)
    with CaptureQueriesContext(connection) as queries:
        kept = standing(points), selectors.by_month(points)
    spend(dana, 5, "T-2", "2026-12-01")

    assert kept == asked == (standing(points), selectors.by_month(points))
    assert "counted once an hour, the last time on 1 Dec" in read(client.get(url))
    assert not any("loyalty_entry" in one["sql"] for one in queries)
    kept_answers.keep_up(now=at("2026-12-01") + kept_answers.EVERY, slow=0)
    assert standing(points).open.units == asked[0].open.units - 5


@pytest.mark.parametrize("seed", range(3))
def test_all_sums_are_those_of_the_rows_reckoned_one_by_one(points, seed):
    chance = random.Random(seed)
    people = shop.people(4)
    for at_, day in enumerate(sorted(chance.sample(range(300), 24))):
        on = (date(2026, 1, 2) + timedelta(days=day)).isoformat()
        work(on)
        person = chance.choice(people)
        rows = Membership.objects.filter(customer=person)
        can = rows and can_spend(rows.get(), on)
        if chance.random() < 0.3:
            held.process_pending()
        if can and chance.random() < 0.5:
            spend(person, chance.randint(1, int(can)), f"T-{at_}", on)
        else:
            price = chance.randint(1, 90)
            sale = buy(person, ("TEA", 2, price), order=f"A-{at_}", on=on)
            if chance.random() < 0.3:
                bring_back(sale, ("TEA", 1, price), order=f"R-{at_}", on=on)
    work("2026-11-20")

    months, now_held = selectors.by_month(points), standing(points)

    expected = defaultdict(Decimal)
    for entry in Entry.objects.all():
        expected[entry.on.replace(day=1), entry.kind] += entry.amount
    assert {
        (one.month, kind): units for one in months for kind, units in one.sums.items()
    } == expected
    assert months[-1].closing == shop.everything() == now_held.balance
    lots = Lot.objects.filter(left__gt=0)
    usable = [one.left for one in lots if one.expires_on >= TODAY]
    assert now_held.open.units == sum(usable)
    assert sum(part.units for _month, part in now_held.months) == sum(usable)
    held.process_pending()
    for one in months:
        after = (one.month + timedelta(days=31)).replace(day=1)
        sums = Entry.objects.filter(on__lt=after).values_list("membership__customer")
        had = {pk for pk, units in sums.annotate(Sum("amount")) if units}
        assert ids_of(selectors.with_balance(points, after)) == had
    earned = Entry.objects.filter(kind="earned")
    for one in breakage_of(points):
        theirs = [e for e in earned if e.on.replace(day=1) == one.month]
        gone = defaultdict(Decimal)
        for entry in theirs:
            for part in entry.went_to.all():
                gone[part.spent.kind] += part.amount
        left = sum(entry.lot.left for entry in theirs)
        assert (one.left, one.used, one.ran_out) == (
            left, gone["spent"], gone["expired"]
        )  # fmt: skip


def can_spend(row, on):
    return of_member(row, today=date.fromisoformat(on)).spendable


# --- Members beside the others --------------------------------------------------------


def compared_shop(programme):
    """Forty members and forty others who bought in the spring; of the first 30 order
    again for 10, of the others 10, one of them in pounds."""
    sides = [[CustomerFactory() for _ in range(40)] for _ in range(2)]
    Membership.objects.bulk_create(
        Membership(
            programme=programme, customer=one, joined_at=at("2026-05-01"),
            active_on=date(2026, 5, 1),
        )
        for one in sides[0]
    )  # fmt: skip
    for number, (side, again) in enumerate(zip(sides, (30, 10), strict=True)):
        for nth, person in enumerate(side):
            buy(person, ("TEA", 1, 5), order=f"{number}-{nth}-a", on="2026-04-01")
            if nth < again:
                money = {"currency": "GBP"} if number and not nth else {}
                buy(
                    person, ("TEA", 1, 10), order=f"{number}-{nth}-b",
                    on="2026-11-01", **money,
                )  # fmt: skip
    return sides


@pytest.mark.slow
def test_members_stand_beside_the_others_with_a_margin_and_a_warning(points):
    members, _others = compared_shop(points)
    bring_back(
        members[0].orders.get(external_id="0-0-b"), ("TEA", 1, 10), on="2026-11-05"
    )
    asked = selectors.last_days(TODAY)

    others, theirs = selectors.compared(points, asked)
    shown = programme_figures.comparison(points, asked, (others, theirs))

    assert (theirs.people, theirs.again, others.people, others.again) == (
        40,
        30,
        40,
        10,
    )
    share, orders, euros, pounds = shown.rows
    assert (share.first.value, share.second.value) == (0.25, 0.75)
    assert share.apart.startswith("+50")
    assert "beyond chance" in share.verdict
    assert share.doubt
    assert (orders.first.value, orders.second.value) == (0.25, 0.75)
    # 29 of 40 kept what they bought for ten euros; nine of the others paid in euros.
    assert (euros.first.value, euros.second.value) == (90 / 40, 290 / 40)
    assert (pounds.first.value, pounds.second.value) == (10 / 40, 0.0)
    assert "from the start" in share.first.how
    again = sql.of_side(points, asked, is_member=True, again=True)
    assert ids_of(again) == {one.pk for one in members[:30]}


def test_too_few_are_told_and_nobody_is_no_number(points):
    (dana,) = shop.people(1)
    buy(dana, ("TEA", 1, 5), on="2026-04-01")
    asked = selectors.last_days(TODAY)

    shown = programme_figures.comparison(
        points, asked, selectors.compared(points, asked)
    )

    share, orders = shown.rows
    assert share.first.value is None
    assert share.first.shown == "0 of 1"
    assert orders.second.value is None
    assert "Not enough" in share.verdict
    assert "nan" not in json.dumps([one.as_data() for one in shown.figures]).casefold()


# --- Entry points -------------------------------------------------------------------


@pytest.mark.slow
def test_page_file_command_and_people_say_the_same(client, points, time_machine):
    time_machine.move_to(at("2026-12-01"), tick=False)
    compared_shop(points)
    work()
    breakage.count(points, now=at("2026-12-01"))
    client.force_login(UserFactory(role="owner"))
    here = f"/insights/programmes/{points.pk}/"

    page = read(client.get(here))
    file = client.get(f"{here}?as=csv").content.decode()
    out = StringIO()
    call_command("report", "programmes", "--json", stdout=out)

    assert "Figures" in read(client.get(f"/programmes/{points.pk}/"))
    # 39 parts of ten units: the order in pounds earns nothing.
    assert "390" in page
    assert "€3.90" in page
    assert "Members differ from the others from the start" in page
    figures = {one["key"]: one for one in json.loads(out.getvalue())["figures"]}
    key = f"programme.{points.pk}"
    assert figures[f"{key}.open"]["value"] == 390
    assert f"{key}.earned.2026-11" in file
    assert f"{key}.breakage.2026-04" in figures
    spring = StringIO()
    span = ("--from", "2026-04-01", "--to", "2026-04-30")
    call_command("report", "programmes", *span, stdout=spring)
    assert "Others (0)" in spring.getvalue()
    with pytest.raises(CommandError, match="not_of_this_report"):
        call_command("report", "programmes", "--by", "country")
    # What ran out leaves the balances with a tick of December.
    before = Entry.objects.filter(on__lt=TODAY).values("membership")
    had = before.annotate(units=Sum("amount")).exclude(units=0)
    assert figures[f"{key}.closing.2026-11"]["value"] == 790
    assert sum(one["units"] for one in had) == 790
    closing = "people/?what=closing&month=2026-11"
    assert f"{here}{closing}".replace("&", "&amp;") in page
    assert client.get(f"{here}{closing}").context["page"].count == len(had)
    for what in ("open", "open&month=2026-12", "earned&month=2026-11", "member-again"):
        answer = client.get(f"{here}people/?what={what}")
        assert len(answer.context["page"].customers) in (30, 39), what
    for wrong in ("?what=earned", "?what=open&month=2026-13", "?what=x"):
        assert client.get(f"{here}people/{wrong}").status_code == 404


@pytest.mark.slow
def test_the_page_asks_as_much_of_many_members_as_of_one(client, points):
    client.force_login(UserFactory(role="owner"))
    here = f"/insights/programmes/{points.pk}/"
    buy(CustomerFactory(), ("TEA", 1, 5), on="2026-04-01")
    work()
    client.get(here)

    with CaptureQueriesContext(connection) as few:
        client.get(here)
    compared_shop(points)
    work()
    with CaptureQueriesContext(connection) as many:
        client.get(here)

    assert len(many) == len(few)
