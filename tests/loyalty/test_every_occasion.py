"""What holds of every occasion: its own day once a year, at the hour of that day where
the person is, also where clocks change, a day is missing, or two records become one."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from crm.models import Business, Customer, CustomField
from crm.rules.choices import LeapDay
from crm.rules.dates import moment_at, yearly
from crm.services import merging
from loyalty.rules.feasts import feast_day
from loyalty.rules.name_days import Listed
from loyalty.rules.yearly import milestone_on
from loyalty.services import name_days
from messaging import kinds
from messaging.models import Automation, Consent, Message
from messaging.rules.clock import sending_clock
from messaging.services import automation_rows, automations, planning
from messaging.services.delivery import deliver
from messaging.sql.next_due import next_due
from messaging.sql.reach import Reach
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
OWN = ["anniversary", "milestone", "first_order", "birthday", "name_day", "custom_date"]
FEASTS = [kind.name for kind in kinds.swept_kinds() if hasattr(kind, "feast")]


def facts(kind, day):
    """What makes this somebody's day."""
    return {
        "anniversary": {"since_on": day.replace(year=day.year - 4)},
        "milestone": {"since_on": day.replace(year=day.year - 20)},
        "first_order": {"first_order_on": day.replace(year=day.year - 4)},
        "birthday": {
            "birth_month": day.month,
            "birth_day": day.day,
            "birth_recorded_at": LONG_AGO,
        },
        "name_day": {"given_name": "Zane", "country": "LV"},
        "custom_date": {"custom": {"moved": f"{day.year - 4}-{day:%m-%d}"}},
    }.get(kind, {}) | {"mail_ground": "Bought"}


def automation_of(kind, *listed, at=LONG_AGO, **values):
    """Switched on, with the field and the calendar that it asks."""
    row = automation_rows.create(kinds.get(kind), now=at)
    field, _ = CustomField.objects.get_or_create(
        key="moved", label="Moved in", kind="date", position=1,
        defaults={"created_at": at, "updated_at": at},
    )  # fmt: skip
    if listed:
        name_days.add(
            listed, name="A calendar", country="LV", language="lv", source="A book",
            licence="CC0", is_orthodox=False, now=at,
        )  # fmt: skip
    params = row.params | ({"field": str(field.pk)} if kind == "custom_date" else {})
    Automation.objects.filter(pk=row.pk).update(params=params, **values)
    return automations.switch_on(row, now=at)


def say_yes(people):
    """To greetings on their birthday."""
    Consent.objects.bulk_create(
        Consent(
            customer=person, category="birthday", granted=True, at=LONG_AGO,
            how="preference_page",
        )
        for person in people
    )  # fmt: skip


# --- Once a year, whatever the windows ------------------------------------------------


def days_by_hand(kind, born, year, leap_day):
    """(occurrence, day) of a year of whoever began on 29 February `born`."""
    if kind in FEASTS:
        day = feast_day(kinds.get(kind).feast, year)
        return [(str(year), day)] if day else []
    if kind == "milestone":
        found = [(n, milestone_on(born, n, leap_day)) for n in ("5y", "10y", "20y")]
        return [(name, day) for name, day in found if day.year == year]
    if kind == "name_day":
        return [(str(year), date(year, 12, 31))]
    return [(str(year), yearly(2, 29, year, leap_day))]


# 2096 is a leap year, 2100 is none. Days in fields are asked value by value: that takes
# a second for each of these.
YEARS = (
    (2100, LeapDay.MAR_1, 10),
    (2100, LeapDay.FEB_28, 0),
    (2096, LeapDay.MAR_1, -3),
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*OWN, *FEASTS])
def test_each_occasion_is_due_once_a_year_whatever_the_windows(kind):
    """Also three days before and ten after it, over the ends of years."""
    listed = [Listed("Zane", 12, 31)] if kind == "name_day" else []
    automation = automation_of(kind, *listed)
    for year, leap_day, shift in YEARS[:1] if kind == "custom_date" else YEARS:
        with transaction.atomic():
            Business.objects.update(leap_day=leap_day.value)
            # A leap year of theirs: twenty years before a year with a milestone.
            born = date(2096 - 20 if year == 2096 else 2080, 2, 29)
            person = CustomerFactory(**facts(kind, date(born.year + 4, 2, 29)))
            if kind == "milestone":
                Customer.objects.filter(pk=person.pk).update(since_on=born)
            say_yes([person])
            automation.offset_days = shift

            found = list(due_within(automation, year))

            expected = [
                (occurrence, day + shift * DAY)
                for each in (year - 1, year, year + 1)
                for occurrence, day in days_by_hand(kind, born, each, leap_day)
            ]
            first, last = date(year - 1, 12, 1), date(year + 1, 1, 31)
            assert found == [one for one in expected if first <= one[1] <= last]
            # The tables of the Chinese calendar end before 2100.
            assert found or kind in FEASTS
            transaction.set_rollback(True)


def due_within(automation, year):
    """From December to January in spans of 61 days, as the forecast asks."""
    kind = kinds.get(automation.kind)
    first, last = date(year - 1, 12, 1), date(year + 1, 1, 31)
    while first <= last:
        until = min(first + 60 * DAY, last)
        window = SimpleNamespace(first_on=first, last_on=until)
        due = kind.due(automation, window, LONG_AGO)
        for row in next_due(due, reach=Reach(), most=9):
            yield row.occurrence, row.due_on
        first = until + DAY


# --- Everywhere, at the hour of its own day -------------------------------------------

# 30 December 2011 never came in Apia; on the others 02:00 does not come in Paris.
SKIPPED, CHANGED = date(2011, 12, 30), date(2026, 3, 29)
EVERYWHERE = [
    *((kind, SKIPPED) for kind in OWN),
    *((kind, CHANGED) for kind in OWN),
    ("easter", date(2024, 3, 31)),
    ("lunar_new_year", date(2026, 2, 17)),
    ("new_year", date(2012, 1, 1)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "day"), EVERYWHERE)
def test_everywhere_it_comes_once_at_the_hour_of_its_own_day(kind, day):
    begins = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    clock = sending_clock(day - DAY, day + DAY, 2, "UTC")
    # Of zones that agree on these days one is enough.
    zones = dict(zip(clock.zone_classes, clock.zones, strict=True)).values()
    zones = {*zones, "Pacific/Apia", "Europe/Paris"}
    listed = [Listed("Zane", day.month, day.day)] if kind == "name_day" else []
    automation_of(
        kind, *listed, at=begins - 20 * DAY, send_hour=2, rests=False, life_days=3
    )
    people = Customer.objects.bulk_create(
        CustomerFactory.build(time_zone=zone, **facts(kind, day)) for zone in zones
    )
    say_yes(people)

    for hours in range(-60, 61, 12):
        planning.sweep(now=begins + timedelta(hours=hours), kinds=[kind])

    rows = Message.objects.select_related("customer")
    assert rows.count() == len(people)
    assert {row.person.time_zone: (row.due_on, row.not_before) for row in rows} == {
        zone: (day, moment_at(day, 2, ZoneInfo(zone))) for zone in zones
    }


# --- Two records that become one ------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*OWN[1:], "new_year"])
def test_two_records_that_become_one_get_one_mail(kind, settings, tmp_path):
    settings.MAIL_TRANSPORT, settings.JOURNAL_FOLDER = "outbox", tmp_path
    day = date(2027, 1, 1)
    now = datetime(2026, 12, 31, 6, tzinfo=UTC)
    listed = [Listed("Zane", 1, 1)] if kind == "name_day" else []
    automation_of(kind, *listed, at=now - 5 * DAY, rests=False)
    kept, dropped = (
        CustomerFactory(
            email=f"ana@{name}.example", time_zone="UTC", **facts(kind, day)
        )
        for name in ("home", "work")
    )
    say_yes([kept, dropped])
    if kind == "first_order":
        for person in (kept, dropped):
            OrderFactory(customer=person, ordered_on=person.first_order_on)
    planning.sweep(now=now, kinds=[kind])
    assert Message.objects.filter(state="planned").count() == 2

    merging.merge(kept, dropped, now=now)
    for hours in (1, 27, 28):
        planning.sweep(now=now + timedelta(hours=hours), kinds=[kind])
        deliver(now=now + timedelta(hours=hours))

    sent = Message.objects.filter(state="sent")
    assert [row.customer_id for row in sent] == [kept.pk]
    assert not Message.objects.filter(state="planned").exists()
