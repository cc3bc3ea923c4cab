"""Hours of days in every zone there is, against a clock that is read minute by minute.

What is proved of `moment_at` holds for mail because planning reads its table of moments
(messaging/rules/clock.py), which is compared with it here, too.
"""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.models import Customer
from crm.rules import dates
from crm.rules.choices import LeapDay
from loyalty.rules.anniversary import anniversary, day_key, falls
from messaging.models import Automation, Message
from messaging.rules.clock import sending_clock
from messaging.services import automations, planning
from tests.factories import CustomerFactory

KIND = "anniversary"

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Days that a zone never had, when it changed sides of the date line.
SKIPPED = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Pacific/Enderbury", date(1994, 12, 31)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
]


def changes(name):
    """The moments from 2024 to 2030 at which the clocks of a zone are changed; nowhere
    twice in five days."""
    zone = ZoneInfo(name)
    moment, last = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    while moment < last:
        after = moment + 5 * DAY
        if offset(moment, zone) != offset(after, zone):
            yield first_minute(moment, zone)
        moment = after


def first_minute(moment, zone):
    old = offset(moment, zone)
    for step in (DAY, 60 * MINUTE, MINUTE):
        while offset(moment + step, zone) == old:
            moment += step
    return moment + MINUTE


def offset(moment, zone):
    return moment.astimezone(zone).utcoffset()


def read_minute_by_minute(day, zone):
    """Hour to the first minute at which the clock shows it on this day; where it never
    does, the first at which it shows more.

    From 15 hours before the day begins in UTC to 15 after it ends: no zone is further
    away, but one that skips the day may be on either side of it.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    minutes = [start + count * MINUTE for count in range(54 * 60)]
    shown = [minute.astimezone(zone).replace(tzinfo=None) for minute in minutes]
    found = {}
    for hour in range(24):
        wanted = datetime(day.year, day.month, day.day, hour)
        if wanted in shown:
            found[hour] = minutes[shown.index(wanted)]
        else:
            found[hour] = next(
                minute
                for minute, what in zip(minutes, shown, strict=True)
                if what > wanted
            )
    return found


@pytest.mark.slow
def test_every_hour_is_the_set_one_or_the_next_minute_on_every_day_of_a_change():
    seen, days = set(), 0
    for name in dates.zone_names():
        zone = ZoneInfo(name)
        for change in changes(name):
            # Zones that change at one moment between the same offsets are one case.
            case = (change, offset(change - MINUTE, zone), offset(change, zone))
            if case in seen:
                continue
            seen.add(case)
            day = (change - MINUTE).astimezone(zone).date()
            read = read_minute_by_minute(day, zone)
            for hour, minute in read.items():
                assert dates.moment_at(day, hour, zone) == minute, (name, day, hour)
            days += 1
    # Twice a year where there is summer time; Morocco's are other days each year.
    assert days > 300


def test_a_day_that_a_zone_never_had_is_the_beginning_of_the_next():
    for name, day in SKIPPED:
        is_the_beginning_of_the_next(name, day)


def is_the_beginning_of_the_next(name, day):
    zone = ZoneInfo(name)
    morrow = datetime(day.year, day.month, day.day, tzinfo=zone) + DAY

    for hour, minute in read_minute_by_minute(day, zone).items():
        assert dates.moment_at(day, hour, zone) == minute == morrow, (name, hour)
    # The days around it are there, and begin once.
    assert dates.moment_at(day - DAY, 0, zone) + DAY == morrow
    assert dates.moment_at(day + DAY, 0, zone) == morrow


def test_the_table_that_planning_reads_says_the_same_in_every_zone():
    # Lord Howe, then London change in these days; then Apia loses one.
    for first, last, hour in (
        (date(2026, 10, 2), date(2026, 10, 5), 2),
        (date(2026, 10, 24), date(2026, 10, 26), 0),
        (date(2011, 12, 29), date(2011, 12, 31), 23),
    ):
        clock = sending_clock(first, last, hour, "Asia/Jerusalem")
        places = zip(clock.classes, clock.days, strict=True)
        moments = dict(zip(places, clock.moments, strict=True))
        assert len(moments) == len(clock.moments)
        for name, number in zip(clock.zones, clock.zone_classes, strict=True):
            zone = ZoneInfo(name)
            for more in range((last - first).days + 1):
                day = first + more * DAY
                assert moments[number, day] == dates.moment_at(day, hour, zone), name


# 2028 and 2096 are leap years, 2100 is none.
COMMON = {2100: True, 2096: False, 2028: False, 2027: True}


def test_each_day_of_a_year_comes_once_a_year_until_after_2100():
    for setting, instead in ((LeapDay.FEB_28, (2, 28)), (LeapDay.MAR_1, (3, 1))):
        comes_once_a_year(setting, instead)


def comes_once_a_year(setting, instead):
    """Read from a calendar day by day, as a sweep of every day does."""
    assert {year: not calendar.isleap(year) for year in COMMON} == COMMON
    for year in (2027, 2028, 2096, 2097, 2100, 2101):
        came = {}
        day = date(year, 1, 1)
        while day.year == year:
            for one in falls(day, day, setting):
                assert one.key not in came
                came[one.key] = one.on
            day += DAY
        began = date(2024, 1, 1)
        while began.year == 2024:
            is_moved = began == date(2024, 2, 29) and not calendar.isleap(year)
            expected = date(year, *(instead if is_moved else (began.month, began.day)))
            assert came[day_key(began)] == expected
            assert anniversary(began, year, setting) == expected
            began += DAY
        assert len(came) == 366


@pytest.mark.slow
@pytest.mark.django_db
def test_everybody_everywhere_is_planned_once_for_the_hour_of_their_own_day():
    """02:00 does not come in New York on the first of these days, nor in Paris on the
    second; on the third it is read once and 01:30 twice on Lord Howe."""
    days = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5)]
    automation = Automation.objects.get(kind=KIND)
    Automation.objects.filter(pk=automation.pk).update(send_hour=2)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    automations.switch_on(automation, now=start)
    Customer.objects.bulk_create(
        CustomerFactory.build(
            since_on=day.replace(year=2020), time_zone=name, mail_ground="Bought"
        )
        for name in dates.zone_names()
        for day in days
    )

    for day in days:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        for beat in (-2, -1, 0):
            planning.sweep(now=noon + beat * DAY, kinds=[KIND])

    rows = Message.objects.select_related("customer")
    assert len(rows) == len(days) * len(dates.zone_names())
    for row in rows:
        zone = ZoneInfo(row.customer.time_zone)
        assert row.due_on == row.customer.since_on.replace(year=2026)
        assert row.not_before == dates.moment_at(row.due_on, 2, zone)
        assert row.not_before.astimezone(zone).date() == row.due_on
