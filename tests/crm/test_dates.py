"""Local days, hours and zones: every change of the clocks, and 29 February."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.rules import dates
from crm.rules.choices import LeapDay

NEW_YORK = ZoneInfo("America/New_York")
ZONES = sorted(available_timezones() - {"localtime"})


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


# --- Zones ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Phobos", "America", "../etc/passwd", "a\x00b", "\ud800", "localtime"],
)
def test_a_zone_that_is_unknown_falls_back(name):
    assert dates.zone_of(name, "Asia/Jerusalem").key == "Asia/Jerusalem"


def test_two_unknown_zones_are_utc():
    assert dates.zone_of("Mars/Phobos", "Venus/North").key == "UTC"


# --- Hours of a day ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment"),
    [
        ("Asia/Jerusalem", (2026, 11, 21), 9, (2026, 11, 21, 7)),
        # Clocks go forward: 02:00 does not come, 03:00 is the next that does.
        ("America/New_York", (2026, 3, 8), 2, (2026, 3, 8, 7)),
        # Clocks go back: the first of the two.
        ("America/New_York", (2026, 11, 1), 1, (2026, 11, 1, 5)),
        # Half an hour: at 02:00 it is 02:30.
        ("Australia/Lord_Howe", (2026, 10, 4), 2, (2026, 10, 3, 15, 30)),
        # Back by half an hour: 01:30 to 02:00 comes twice, 02:00 once.
        ("Australia/Lord_Howe", (2026, 4, 5), 2, (2026, 4, 4, 15, 30)),
        # 45 minutes off the hour; forward at 02:45.
        ("Pacific/Chatham", (2026, 9, 27), 3, (2026, 9, 26, 14)),
        # Two hours at once: at 01:00 it is 03:00.
        ("Antarctica/Troll", (2026, 3, 29), 2, (2026, 3, 29, 1)),
        # A whole day was skipped: the next moment is the start of the day after.
        ("Pacific/Apia", (2011, 12, 30), 9, (2011, 12, 30, 10)),
        # Midnight itself was skipped.
        ("Asia/Beirut", (2026, 3, 29), 0, (2026, 3, 28, 22)),
    ],
)
def test_an_hour_of_a_day_is_one_moment(zone, day, hour, moment):
    assert dates.moment_at(date(*day), hour, ZoneInfo(zone)) == utc(*moment)


def change_days(zone):
    """Local days of 2024 to 2030 whose length is not 24 hours."""
    day, last = date(2024, 1, 1), date(2030, 12, 31)
    found = []
    while day <= last:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        before = (noon - timedelta(days=1)).replace(fold=0)
        if noon.utcoffset() != before.utcoffset():
            found.append(day)
        day += timedelta(days=1)
    return found


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(ZONES), hour=st.integers(0, 23))
@example(name="Australia/Lord_Howe", hour=2)
@example(name="Pacific/Chatham", hour=3)
@example(name="Antarctica/Troll", hour=2)
@example(name="Africa/Casablanca", hour=2)
def test_every_local_day_has_one_moment_in_order(name, hour):
    zone = ZoneInfo(name)
    for change in change_days(zone):
        around = [change + timedelta(days=days) for days in (-2, -1, 0, 1, 2)]
        moments = [dates.moment_at(day, hour, zone) for day in around]

        assert moments == sorted(set(moments))
        for day, moment in zip(around, moments, strict=True):
            shown = moment.astimezone(zone)
            assert shown.date() == day
            # Right on the hour, or the first minute after the clocks jumped over it.
            earlier = (moment - timedelta(seconds=1)).astimezone(zone)
            wanted = datetime(day.year, day.month, day.day, hour)
            assert shown.replace(tzinfo=None) >= wanted
            assert earlier.replace(tzinfo=None) < wanted


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(
        [*ZONES, *["Australia/Lord_Howe", "Pacific/Chatham", "Antarctica/Troll"] * 40]
    ),
    moment=st.datetimes(datetime(2011, 12, 1), datetime(2030, 12, 31)),
    quiet_from=st.integers(0, 23),
    quiet_end=st.integers(0, 23),
)
def test_quiet_hours_end_later_and_outside_themselves(
    name, moment, quiet_from, quiet_end
):
    zone, moment = ZoneInfo(name), moment.replace(tzinfo=UTC)

    until = dates.quiet_until(moment, zone, quiet_from, quiet_end)

    hour = moment.astimezone(zone).hour
    assert (until is not None) == dates.is_quiet(hour, quiet_from, quiet_end)
    if until is not None:
        assert moment < until <= moment + timedelta(hours=50)
        after = until.astimezone(zone).hour
        assert not dates.is_quiet(after, quiet_from, quiet_end)


# --- Quiet hours ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "ends", "until"),
    [
        ((2026, 11, 21, 14), (21, 8), None),
        # 23:30 there: until 08:00 of the next day.
        ((2026, 11, 22, 4, 30), (21, 8), (2026, 11, 22, 13)),
        # 03:00 there: until 08:00 of the same day.
        ((2026, 11, 22, 8), (21, 8), (2026, 11, 22, 13)),
        # The end itself is not quiet.
        ((2026, 11, 22, 13), (21, 8), None),
        # The start itself is.
        ((2026, 11, 22, 2), (21, 8), (2026, 11, 22, 13)),
        # 13:30 inside a siesta.
        ((2026, 11, 22, 18, 30), (13, 15), (2026, 11, 22, 20)),
        # Equal ends are never quiet.
        ((2026, 11, 22, 8), (9, 9), None),
        ((2026, 11, 22, 8), (0, 0), None),
        # The night in which clocks go back is an hour longer.
        ((2026, 11, 1, 4), (21, 8), (2026, 11, 1, 13)),
        # Quiet until 02:00, an hour that does not come: 03:00 is its moment.
        ((2026, 3, 8, 5), (22, 2), (2026, 3, 8, 7)),
    ],
)
def test_quiet_hours_in_new_york(moment, ends, until):
    found = dates.quiet_until(utc(*moment), NEW_YORK, *ends)

    assert found == (utc(*until) if until else None)


def test_quiet_hours_before_a_skipped_day_end_on_the_day_after():
    apia = ZoneInfo("Pacific/Apia")
    late_on_the_29th = utc(2011, 12, 30, 9, 30)

    until = dates.quiet_until(late_on_the_29th, apia, 21, 8)

    assert until == utc(2011, 12, 30, 18)
    assert dates.local_day(until, apia) == date(2011, 12, 31)


# --- 29 February ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "setting", "falls_on"),
    [
        (2027, LeapDay.FEB_28, (2, 28)),
        (2027, LeapDay.MAR_1, (3, 1)),
        (2028, LeapDay.FEB_28, (2, 29)),
        (2028, LeapDay.MAR_1, (2, 29)),
        # Divisible by 100 and not by 400: a common year.
        (2100, LeapDay.FEB_28, (2, 28)),
        (2100, LeapDay.MAR_1, (3, 1)),
        (2000, LeapDay.MAR_1, (2, 29)),
    ],
)
def test_the_29th_of_february_falls_where_the_setting_asks(year, setting, falls_on):
    assert dates.yearly(2, 29, year, setting) == date(year, *falls_on)


def test_other_days_fall_on_themselves():
    assert dates.yearly(2, 28, 2027, LeapDay.MAR_1) == date(2027, 2, 28)


def test_the_local_day_is_the_customers():
    assert dates.local_day(utc(2026, 11, 21, 23), ZoneInfo("Asia/Tokyo")) == date(
        2026, 11, 22
    )
