"""Greetings on a day through the pipeline: who, when, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.models import Business, CustomField
from crm.services import customers
from messaging import kinds
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from messaging.services import automation_rows, automations, consent, planning
from tests.factories import CustomerFactory

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop(db):
    Business.objects.update(time_zone="UTC")


def switched_on(kind, **settings):
    row = automation_rows.create(kinds.get(kind), now=LONG_AGO)
    Automation.objects.filter(pk=row.pk).update(**settings)
    return automations.switch_on(row, now=LONG_AGO)


def sweep(now=NOW):
    return planning.sweep(now=now)


def planned(**which):
    rows = Message.objects.filter(**which).order_by("not_before", "id")
    return [(row.kind, row.occurrence, row.due_on.isoformat()) for row in rows]


def agrees(customer, now=LONG_AGO):
    consent.grant(
        customer, categories=[Category.BIRTHDAY], how="preference_page", now=now
    )


def born(month=5, day=12, told=LONG_AGO, **more):
    return CustomerFactory(
        birth_month=month, birth_day=day, birth_recorded_at=told, **more
    )


# --- Milestones and the first order --------------------------------------------------


def test_100_days_and_5_10_20_years_are_milestones_and_no_other():
    switched_on("milestone")
    for since in ("2026-02-01", "2021-05-12", "2016-05-12", "2006-05-12"):
        CustomerFactory(since_on=date.fromisoformat(since), time_zone="UTC")
    for since in ("2026-02-09", "2020-05-12", "2011-05-12", "2026-05-12"):
        CustomerFactory(since_on=date.fromisoformat(since), time_zone="UTC")

    sweep()
    sweep(NOW + timedelta(minutes=1))

    assert sorted(planned()) == [
        ("milestone", "100d", "2026-05-12"),
        ("milestone", "10y", "2026-05-12"),
        ("milestone", "20y", "2026-05-12"),
        ("milestone", "5y", "2026-05-12"),
    ]


def test_of_three_thanks_for_one_day_the_milestone_goes_alone():
    day = date(2021, 5, 12)
    CustomerFactory(since_on=day, first_order_on=day)
    CustomerFactory(since_on=date(2020, 5, 12), first_order_on=date(2019, 5, 12))
    # In the worst order: what says it best is switched on last.
    for kind in ("first_order", "anniversary", "milestone"):
        switched_on(kind)
        sweep()

    assert planned(state="planned") == [
        ("anniversary", "2026", "2026-05-12"),
        ("milestone", "5y", "2026-05-12"),
    ]
    # Nothing is planned and taken back again each minute.
    count = Message.objects.count()
    for minute in range(3):
        sweep(NOW + timedelta(minutes=minute))
    assert Message.objects.count() == count


def test_what_said_it_already_is_not_said_again_in_other_words():
    CustomerFactory(since_on=date(2021, 5, 12))
    switched_on("anniversary")
    sweep()
    Message.objects.update(state="sent", final_at=NOW)
    switched_on("milestone")
    sweep()
    (row,) = Message.objects.filter(state="planned").select_related("customer")

    (reason,) = kinds.get("milestone").no_longer_due([row], NOW).values()

    # Its key stays taken: no sweep plans it anew.
    assert reason.code == "said_already"


# --- Birthdays -----------------------------------------------------------------------


def test_a_birthday_is_greeted_only_with_a_yes_of_its_own():
    switched_on("birthday")
    agreed, other = born(), born()
    agrees(agreed)
    consent.grant(
        other,
        categories=[Category.LOYALTY, Category.MARKETING],
        how="preference_page",
        now=LONG_AGO,
    )

    sweep()

    assert [row.customer_id for row in Message.objects.all()] == [agreed.pk]
    consent.withdraw(
        agreed, categories=[Category.BIRTHDAY], how="preference_page", now=NOW
    )
    (row,) = Message.objects.all()
    assert (row.category, row.state, row.reason_code) == (
        "birthday",
        "suppressed",
        "opted_out",
    )


@pytest.mark.parametrize(
    ("told", "greeted"),
    [
        (datetime(2026, 4, 11, 23, 59, tzinfo=UTC), ["2026", "2027"]),
        (datetime(2026, 4, 12, tzinfo=UTC), ["2027"]),
    ],
)
def test_told_less_than_30_days_before_it_waits_a_year(told, greeted):
    switched_on("birthday")
    agrees(born(told=told))

    sweep()
    sweep(NOW + 365 * DAY)

    assert [occurrence for _kind, occurrence, _on in planned()] == greeted


def test_a_birthday_that_moved_after_its_greeting_waits_for_the_next_year():
    switched_on("birthday")
    person = born()
    agrees(person)
    sweep()
    Message.objects.update(state="sent", final_at=NOW)

    customers.update_customer(person, changes={"birthday": "08-01"}, now=NOW)
    for day in (30, 60, 80, 81):
        sweep(NOW + day * DAY)

    assert planned() == [("birthday", "2026", "2026-05-12")]


def test_a_birthday_deleted_or_moved_is_not_greeted_on_the_old_day():
    switched_on("birthday")
    gone, moved = born(), born()
    agrees(gone)
    agrees(moved)
    sweep()

    customers.update_customer(gone, changes={"birthday": ""}, now=NOW)
    customers.update_customer(moved, changes={"birthday": "05-13"}, now=NOW)
    sweep(NOW + timedelta(minutes=1))

    assert planned(state="planned") == []


def test_with_an_offer_in_it_the_yes_to_greetings_counts_as_well():
    switched_on("birthday")
    person = born()
    agrees(person)
    sweep()
    Message.objects.update(category=Category.MARKETING.value)
    (row,) = Message.objects.select_related("customer")
    kind = kinds.get("birthday")
    assert kind.no_longer_due([row], NOW) == {}

    consent.withdraw(
        person, categories=[Category.BIRTHDAY], how="preference_page", now=NOW
    )

    assert kind.no_longer_due([row], NOW)[row.pk].code == "no_consent"


# --- Feasts --------------------------------------------------------------------------


def test_a_feast_is_planned_once_for_everybody_on_its_day():
    switched_on("easter")
    people = [CustomerFactory(time_zone="UTC") for _ in range(3)]
    now = datetime(2027, 3, 27, 12, tzinfo=UTC)

    for step in range(5):
        sweep(now + step * DAY)

    assert planned() == [("easter", "2027", "2027-03-28")] * len(people)


def test_several_feasts_go_to_the_same_people():
    for kind in ("new_year", "rosh_hashanah", "passover", "mid_autumn"):
        switched_on(kind)
    CustomerFactory(time_zone="UTC")

    for month, day in ((12, 31), (4, 20), (9, 14), (9, 30)):
        sweep(datetime(2026 if month == 12 else 2027, month, day, 12, tzinfo=UTC))

    # Pesach 5787 begins in the evening of 21 April 2027, Rosh Hashanah 5788 in that of
    # 1 October (hebcal.com).
    assert planned() == [
        ("new_year", "2027", "2027-01-01"),
        ("passover", "2027", "2027-04-21"),
        ("mid_autumn", "2027", "2027-09-15"),
        ("rosh_hashanah", "2027", "2027-10-01"),
    ]


@pytest.mark.parametrize(
    ("again", "edit", "is_found"),
    [
        pytest.param("12:01", {}, False, id="a minute later"),
        pytest.param("12:59", {}, False, id="almost an hour later"),
        pytest.param("13:00", {}, True, id="an hour later"),
        pytest.param("12:01", {"life_days": 4}, True, id="it was changed"),
        pytest.param("11:59", {}, True, id="the clock was set back"),
    ],
)
def test_a_look_at_everybody_holds_for_an_hour(again, edit, is_found):
    row = switched_on("easter")
    sweep(at("12:00"))
    CustomerFactory(time_zone="UTC")
    if edit:
        automations.edit(row, version=row.version, now=NOW, **edit)

    sweep(at(again))

    assert bool(planned()) is is_found


def test_a_day_that_comes_into_the_window_is_looked_at_at_once():
    switched_on("easter")
    sweep(at("06:59", day=25))
    CustomerFactory(time_zone="Pacific/Kiritimati")

    sweep(at("06:59", day=26))
    sweep(at("07:01", day=26))

    assert len(planned()) == 1


def at(time, day=27):
    """A moment before Easter Sunday, 28 March 2027."""
    hour, minute = map(int, time.split(":"))
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


# --- Days in fields of staff ---------------------------------------------------------


@pytest.fixture
def field():
    return CustomField.objects.create(
        key="Warranty ends",
        label="Warranty ends",
        kind="date",
        position=1,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


def test_a_field_is_written_about_before_and_on_the_day_by_two_automations(field):
    params = {"field": str(field.pk), "repeats": "once"}
    switched_on("custom_date", params=params, offset_days=-30)
    switched_on("custom_date", params=params)
    CustomerFactory(custom={"Warranty ends": "2026-06-11"}, time_zone="UTC")
    CustomerFactory(custom={"Warranty ends": "2025-06-11"})

    for step in (0, 10, 29, 30, 31):
        sweep(NOW + step * DAY)

    assert [on for _kind, _occurrence, on in planned()] == ["2026-05-12", "2026-06-11"]


def test_a_field_that_repeats_comes_each_year_and_not_before_its_first(field):
    switched_on("custom_date", params={"field": str(field.pk), "repeats": "yearly"})
    for held in ("1931-05-12", "2026-05-12", "2027-05-12", "2026-05-13"):
        CustomerFactory(custom={"Warranty ends": held}, time_zone="UTC")

    sweep()

    assert [on for _kind, _occurrence, on in planned()] == ["2026-05-12"] * 2
    CustomField.objects.update(archived_at=NOW)
    rows = Message.objects.select_related("customer")
    assert len(kinds.get("custom_date").no_longer_due(list(rows), NOW)) == len(rows)


def test_a_value_that_changes_is_planned_anew(field):
    switched_on("custom_date", params={"field": str(field.pk), "repeats": "once"})
    person = CustomerFactory(custom={"Warranty ends": "2026-05-12"}, time_zone="UTC")
    sweep()

    customers.update_customer(
        person, changes={"custom.Warranty ends": "2026-05-13"}, now=NOW
    )
    sweep(NOW + DAY)

    assert planned(state="planned") == [
        ("custom_date", f"{Automation.objects.get(is_on=True).pk}:2026", "2026-05-13")
    ]


# --- 29 February ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leap_day", "year", "day"),
    [
        ("feb_28", 2027, "2027-02-28"),
        ("mar_1", 2027, "2027-03-01"),
        ("feb_28", 2028, "2028-02-29"),
        ("mar_1", 2096, "2096-02-29"),
        ("mar_1", 2100, "2100-03-01"),
    ],
)
def test_29_february_is_kept_once_on_the_shops_day(field, leap_day, year, day):
    Business.objects.update(leap_day=leap_day)
    switched_on("birthday")
    switched_on("first_order")
    switched_on("custom_date", params={"field": str(field.pk), "repeats": "yearly"})
    person = born(
        2,
        29,
        first_order_on=date(2024, 2, 29),
        custom={"Warranty ends": "2024-02-29"},
        time_zone="UTC",
    )
    agrees(person)

    for step in (0, 2, 4, 6):
        sweep(datetime(year, 2, 25, 12, tzinfo=UTC) + step * DAY)

    assert sorted((kind, on) for kind, _, on in planned()) == [
        ("birthday", day),
        ("custom_date", day),
        ("first_order", day),
    ]
