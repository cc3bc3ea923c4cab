"""On which day somebody has been a customer for whole years, worked out by hand."""

from datetime import date, timedelta

import pytest

from crm.rules.choices import LeapDay
from loyalty.rules.anniversary import Falls, anniversary, falls, years_on

FEB_28, MAR_1 = LeapDay.FEB_28, LeapDay.MAR_1
LEAPLING = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("year", "leap_day", "day"),
    [
        (2027, FEB_28, date(2027, 2, 28)),
        (2027, MAR_1, date(2027, 3, 1)),
        (2028, FEB_28, date(2028, 2, 29)),
        (2028, MAR_1, date(2028, 2, 29)),
        (2100, FEB_28, date(2100, 2, 28)),
        (2100, MAR_1, date(2100, 3, 1)),
    ],
)
def test_29_february_has_its_day_in_every_year(year, leap_day, day):
    assert anniversary(LEAPLING, year, leap_day) == day


def test_the_year_somebody_came_has_no_anniversary():
    assert anniversary(date(2026, 1, 1), 2026, FEB_28) is None


def test_a_day_in_the_future_has_no_anniversary():
    assert anniversary(date(2030, 1, 1), 2026, FEB_28) is None


def test_years_are_counted_by_the_calendar():
    assert years_on(date(2020, 5, 12), date(2026, 5, 12)) == 6


def test_28_february_of_a_common_year_belongs_to_two_days():
    assert falls(date(2027, 2, 28), date(2027, 2, 28), FEB_28) == [
        Falls(228, date(2027, 2, 28)),
        Falls(229, date(2027, 2, 28)),
    ]


def test_1_march_of_a_common_year_takes_the_29th_where_the_shop_chose_so():
    assert falls(date(2027, 3, 1), date(2027, 3, 1), MAR_1) == [
        Falls(301, date(2027, 3, 1)),
        Falls(229, date(2027, 3, 1)),
    ]


@pytest.mark.parametrize("leap_day", list(LeapDay))
def test_in_a_leap_year_each_day_stands_alone(leap_day):
    keys = [day.key for day in falls(date(2028, 2, 28), date(2028, 3, 1), leap_day)]

    assert keys == [228, 229, 301]


@pytest.mark.parametrize("leap_day", list(LeapDay))
@pytest.mark.parametrize(
    "last", [date(2026, 7, 1), date(2028, 2, 29), date(2029, 3, 1)]
)
def test_a_long_window_holds_no_day_twice(leap_day, last):
    days = falls(last - timedelta(days=3000), last, leap_day)

    assert len({day.key for day in days}) == len(days)
    assert {day.key for day in days} >= {229, 228, 1231, 101}


@pytest.mark.parametrize("leap_day", list(LeapDay))
def test_the_window_and_the_rule_agree_on_every_day(leap_day):
    since = [date(2020, 1, 1) + timedelta(days=n) for n in range(366)]
    for year in (2027, 2028):
        days = falls(date(year, 1, 1), date(year, 12, 31), leap_day)
        on = {day.key: day.on for day in days}
        # 2028 has 366 days and a window 365: its first day is left out.
        for day in since[1 if year == 2028 else 0 :]:
            assert on[day.month * 100 + day.day] == anniversary(day, year, leap_day)
