"""The days of occasions against published tables, and over leap years and zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Business, Customer
from crm.rules.choices import LeapDay
from crm.rules.dates import moment_at, zone_names
from loyalty.rules.feasts import Feast, feast_day, feast_days
from loyalty.rules.yearly import milestone_on, milestones, whole_years
from messaging import kinds
from messaging.models import Consent, Message
from messaging.services import automation_rows, automations, planning
from tests.factories import CustomerFactory

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
YEARS = range(2020, 2036)


def table(text):
    days = [tuple(map(int, day.split("-"))) for day in text.split()]
    return {year: date(year, *day) for year, day in zip(YEARS, days, strict=True)}


# Easter: U.S. Naval Observatory, "The Date of Easter". Chinese days: Hong Kong
# Observatory, "Gregorian-Lunar Calendar Conversion Table". Hebrew days (15 Nisan and
# 1 Tishri): hebcal.com.
PUBLISHED = {
    Feast.EASTER: table(
        "4-12 4-4 4-17 4-9 3-31 4-20 4-5 3-28 4-16 4-1 4-21 4-13 3-28 4-17 4-9 3-25"
    ),
    Feast.ORTHODOX_EASTER: table(
        "4-19 5-2 4-24 4-16 5-5 4-20 4-12 5-2 4-16 4-8 4-28 4-13 5-2 4-24 4-9 4-29"
    ),
    Feast.LUNAR_NEW_YEAR: table(
        "1-25 2-12 2-1 1-22 2-10 1-29 2-17 2-6 1-26 2-13 2-3 1-23 2-11 1-31 2-19 2-8"
    ),
    Feast.MID_AUTUMN: table(
        "10-1 9-21 9-10 9-29 9-17 10-6 9-25 9-15 10-3 9-22 9-12 10-1 9-19 9-8 9-27 9-16"
    ),
    Feast.PASSOVER: table(
        "4-9 3-28 4-16 4-6 4-23 4-13 4-2 4-22 4-11 3-31 4-18 4-8 3-27 4-14 4-4 4-24"
    ),
    Feast.ROSH_HASHANAH: table(
        "9-19 9-7 9-26 9-16 10-3 9-23 9-12 10-2 9-21 9-10 9-28 9-18 9-6 9-24 9-14 10-4"
    ),
    Feast.NEW_YEAR: {year: date(year, 1, 1) for year in YEARS},
}
EVES = {Feast.PASSOVER, Feast.ROSH_HASHANAH}


@pytest.mark.parametrize("feast", list(Feast))
def test_feasts_fall_on_the_days_of_published_tables(feast):
    eve = timedelta(days=feast in EVES)

    found = {year: feast_day(feast, year) for year in YEARS}

    assert found == {year: day - eve for year, day in PUBLISHED[feast].items()}
    assert list(feast_days(feast, date(2020, 1, 1), date(2035, 12, 31))) == sorted(
        found.values()
    )


@given(
    began=st.dates(date(1950, 1, 1), date(2027, 12, 31)),
    year=st.sampled_from([2028, 2096, 2097, 2100, 2101]),
    leap_day=st.sampled_from(LeapDay),
    step=st.integers(1, 60),
)
@settings(max_examples=60, deadline=None)
def test_each_day_of_the_year_comes_once_a_year_whatever_the_windows(
    began, year, leap_day, step
):
    key = began.month * 100 + began.day
    first, last, days = date(year, 1, 1), date(year, 12, 31), []
    while first <= last:
        until = min(first + timedelta(days=step - 1), last)
        days += [one for one in whole_years(first, until, leap_day) if one.key == key]
        first = until + timedelta(days=1)

    (only,) = days
    assert only.occurrence == str(year)
    if (began.month, began.day) != (2, 29):
        assert (only.on.month, only.on.day) == (began.month, began.day)
    elif year in (2028, 2096):
        assert only.on == date(year, 2, 29)
    else:
        kept = {LeapDay.FEB_28: date(year, 2, 28), LeapDay.MAR_1: date(year, 3, 1)}
        assert only.on == kept[leap_day]


@given(
    since=st.dates(date(2000, 1, 1), date(2080, 12, 31)),
    leap_day=st.sampled_from(LeapDay),
)
@settings(max_examples=30, deadline=None)
def test_each_milestone_is_found_on_its_day_and_on_no_other(since, leap_day):
    found = []
    # Half years: a span of a sweep is never longer than a year.
    halves = [
        (date(year, *first), date(year, *last))
        for year in range(since.year, since.year + 22)
        for first, last in (((1, 1), (6, 30)), ((7, 1), (12, 31)))
    ]
    for half in halves:
        found += [
            (one.occurrence, one.on)
            for one in milestones(*half, leap_day)
            if one.key == since.month * 100 + since.day
            and one.since <= since <= one.until
        ]

    expected = {name: milestone_on(since, name, leap_day) for name in ("100d", "5y")}
    assert [name for name, _on in sorted(found, key=lambda one: one[1])] == [
        *("100d", "5y", "10y", "20y"),
    ]
    assert expected.items() <= dict(found).items()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("year", [2028, 2096, 2100])
def test_in_every_zone_a_birthday_is_greeted_once_at_the_hour_of_its_day(year):
    Business.objects.update(leap_day="feb_28", time_zone="UTC")
    row = automation_rows.create(kinds.get("birthday"), now=LONG_AGO)
    automations.switch_on(row, now=LONG_AGO)
    people = Customer.objects.bulk_create(
        CustomerFactory.build(
            birth_month=2, birth_day=29, birth_recorded_at=LONG_AGO, time_zone=zone
        )
        for zone in zone_names()
    )
    Consent.objects.bulk_create(
        Consent(
            customer=person,
            category="birthday",
            granted=True,
            at=LONG_AGO,
            how="preference_page",
        )
        for person in people
    )
    day = date(year, 2, 28 if year == 2100 else 29)

    for hours in range(-48, 96, 12):
        moment = datetime(year, 2, 28, tzinfo=UTC) + timedelta(hours=hours)
        planning.sweep(now=moment, kinds=["birthday"])

    rows = Message.objects.select_related("customer")
    assert {one.person.time_zone: (one.due_on, one.not_before) for one in rows} == {
        zone: (day, moment_at(day, 9, ZoneInfo(zone))) for zone in zone_names()
    }
    assert rows.count() == len(people)
