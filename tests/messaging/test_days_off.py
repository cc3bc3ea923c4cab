"""Mail that is due on a day off, or on a weekday that its automation leaves out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.models import AuditEntry, Business, Customer
from crm.rules import dates, days_off
from crm.services import customers
from messaging.models import Automation, Message
from messaging.rules.choices import State
from messaging.rules.resting import AllowedDays
from messaging.rules.send_decision import End, Go
from messaging.selectors import ledger
from messaging.selectors.forecasts import coming as forecast
from messaging.selectors.outlooks import outlooks
from messaging.services import automation_rows, automations, permission, planning
from tests.factories import AutomationFactory, CustomerFactory
from tests.messaging.small_kind import SmallKind
from web.errors import InvalidValue

# A Friday; the window of a sweep ends when Sunday begins.
FRIDAY = datetime(2026, 11, 20, 6, tzinfo=UTC)
DAY = timedelta(days=1)
SATURDAY = date(2026, 11, 21)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def resting(db, small_kind):
    Business.objects.update(country="IL", time_zone="UTC", quiet_from=0, quiet_until=0)
    return AutomationFactory(
        send_hour=9, life_days=3, rests=True, switched_on_at=FRIDAY - 20 * DAY
    )


def due_on(day, **more):
    return CustomerFactory(since_on=day, mail_ground="Bought", **more)


def goes_at():
    return {
        row.customer.external_id: row.not_before
        for row in Message.objects.select_related("customer")
    }


def answer(now):
    messages = list(Message.objects.select_related("customer"))
    (found,) = permission.decisions(messages, now=now).values()
    return found


def edit(automation, **changes):
    automation.refresh_from_db()
    names = ("name", "audience", "send_hour", "offset_days", "life_days")
    fields = {name: getattr(automation, name) for name in names}
    fields |= {"version": automation.version, "params": automation.params, **changes}
    return automations.edit(automation, now=FRIDAY, **fields)


# --- Planning ------------------------------------------------------------------------


def test_what_is_due_on_a_day_off_is_planned_for_the_next_day_at_its_hour(resting):
    """Life 3 days; the day on which each is due, and the hour at which it goes.

    | who           | due      | goes                                     |
    | gb            | Friday   | then: nobody has it off                  |
    | gb-saturday   | Saturday | Monday                                   |
    | il            | Friday   | Sunday, at 9 in Jerusalem                |
    | shop's (il)   | Friday   | Sunday                                   |
    | unknown       | Friday   | Sunday: as without a country             |
    | new-york      | Saturday | Monday, at 9 there                       |
    """
    friday = FRIDAY.date()
    who = {
        "gb": due_on(friday, country="GB"),
        "gb-saturday": due_on(SATURDAY, country="GB"),
        "il": due_on(friday, country="IL", time_zone="Asia/Jerusalem"),
        "shop's": due_on(friday, country=""),
        "unknown": due_on(friday, country="XX"),
        "new-york": due_on(SATURDAY, country="US", time_zone="America/New_York"),
    }
    for name, customer in who.items():
        Customer.objects.filter(pk=customer.pk).update(external_id=name)

    planning.sweep(now=FRIDAY)
    again = planning.sweep(now=FRIDAY)

    assert again == {"test_kind": {"planned": 0, "expired": 0}}
    assert goes_at() == {
        "gb": utc(2026, 11, 20, 9),
        "gb-saturday": utc(2026, 11, 23, 9),
        "il": utc(2026, 11, 22, 7),
        "shop's": utc(2026, 11, 22, 9),
        "unknown": utc(2026, 11, 22, 9),
        "new-york": utc(2026, 11, 23, 14),
    }
    for row in Message.objects.select_related("customer"):
        zone = dates.zone_of(row.customer.time_zone, "UTC")
        due_at = dates.moment_at(row.due_on, 9, zone)
        # The life counts from the day on which it was due; and one place in Python
        # says the same as the statement.
        assert row.expires_at == due_at + 3 * DAY
        assert row.not_before == resting.allowed.goes_at(
            row.due_on,
            zone=zone,
            country=days_off.country_of(row.customer.country, "IL"),
            hour=9,
            life_days=3,
        )


def test_weekdays_are_kept_too_and_both_together(resting):
    Automation.objects.update(weekdays=[2, 7], rests=False, life_days=7)
    due_on(SATURDAY, country="GB", external_id="weekday")
    planning.sweep(now=FRIDAY)
    assert goes_at() == {"weekday": utc(2026, 11, 22, 9)}

    edit(resting, rests=True)

    assert goes_at() == {"weekday": utc(2026, 11, 24, 9)}

    # Friday 25 to Monday 28 December are off in Britain.
    due_on(date(2026, 12, 25), country="GB", external_id="christmas")
    planning.sweep(now=utc(2026, 12, 24, 12))
    assert goes_at()["christmas"] == utc(2026, 12, 29, 9)


def test_what_no_allowed_day_comes_for_in_time_says_so_and_lapses(resting):
    """Due on Saturday at 9; a life of one day ends on Sunday."""
    short = edit(resting, life_days=1)
    due_on(SATURDAY, country="GB")
    planning.sweep(now=FRIDAY)
    message = Message.objects.select_related("customer").get()
    (coming,) = outlooks([message], now=FRIDAY).values()
    forecasted = forecast(short, now=FRIDAY)

    assert message.not_before == utc(2026, 11, 21, 9)
    assert (coming.lapses, coming.reason.code) == (True, "day_off")
    assert forecasted.lapsing == {"day_off": 1}
    assert answer(utc(2026, 11, 21, 9)).until == utc(2026, 11, 22, 8, 59)
    last = answer(utc(2026, 11, 22, 8, 59))
    assert isinstance(last, End)
    assert (last.state, last.reason.code) == (State.EXPIRED, "day_off")


# --- The claim -----------------------------------------------------------------------


def test_what_became_late_does_not_go_on_a_day_off_either(resting):
    """Due on Friday in Britain; nothing ran until Saturday at noon."""
    due_on(FRIDAY.date(), country="GB")
    planning.sweep(now=FRIDAY)

    assert answer(utc(2026, 11, 20, 9)) == Go()
    found = answer(utc(2026, 11, 21, 12))
    # Its life ends on Monday at 9: it goes when the day begins.
    assert (found.until, found.reason.code) == (utc(2026, 11, 23), "day_off")
    assert answer(utc(2026, 11, 23)) == Go()
    Message.objects.update(expires_at=utc(2026, 11, 27, 9))
    assert answer(utc(2026, 11, 21, 12)).until == utc(2026, 11, 23, 9)


def test_why_says_that_it_waits_for_another_day(resting):
    due_on(SATURDAY, country="GB")
    planning.sweep(now=FRIDAY)
    message = Message.objects.select_related("customer").get()

    moved = ledger.why(message, now=FRIDAY)[-1].text
    edit(resting, life_days=1)
    message.refresh_from_db()
    lapsing = ledger.why(message, now=FRIDAY)[-1].text

    assert moved == (
        "Goes 23 Nov, 09:00 in UTC, 09:00 here; not on the day it was due, a day "
        "off there or one that the automation leaves out"
    )
    assert lapsing.startswith("Will lapse: it does not go on that day there, and")


# --- Settings ------------------------------------------------------------------------


def test_planned_mail_follows_the_settings_and_the_customers_country(resting):
    customer = due_on(SATURDAY, country="GB", external_id="dana")
    planning.sweep(now=FRIDAY)
    assert goes_at() == {"dana": utc(2026, 11, 23, 9)}

    edit(resting, rests=False)
    assert goes_at() == {"dana": utc(2026, 11, 21, 9)}

    edit(resting, weekdays=[7, 7, 3])
    assert goes_at() == {"dana": utc(2026, 11, 22, 9)}
    assert Automation.objects.get(pk=resting.pk).weekdays == [3, 7]
    assert AuditEntry.objects.latest("id").fields == ["weekdays"]

    edit(resting, weekdays=[1, 2, 3, 4, 5, 6, 7], rests=True)
    customers.update_customer(customer, changes={"country": "IL"}, now=FRIDAY)
    assert goes_at() == {"dana": utc(2026, 11, 22, 9)}


def test_what_waited_for_another_day_goes_when_that_day_is_allowed(resting):
    due_on(SATURDAY, country="GB", external_id="dana")
    planning.sweep(now=FRIDAY)
    until = utc(2026, 11, 23, 9)
    Message.objects.update(
        not_before=until,
        deferred_reason="day_off",
        reason_data={"until": until.isoformat()},
    )

    edit(resting, rests=False)

    message = Message.objects.get()
    assert (message.deferred_reason, message.reason_data) == ("", {})
    assert message.not_before == utc(2026, 11, 21, 9)


def test_new_automations_rest_where_their_kind_says_so(db, small_kind):
    class RestingKind(SmallKind):
        rests = True

    assert automation_rows.as_suggested(RestingKind()).rests
    assert not automation_rows.as_suggested(small_kind).rests
    assert Automation(kind="x").allowed == AllowedDays()


def test_weekdays_are_some_of_seven(resting):
    for weekdays, code in (([], "required"), ([0], "invalid"), ([1, 8], "invalid")):
        with pytest.raises(InvalidValue) as refused:
            edit(resting, weekdays=weekdays)
        with pytest.raises(IntegrityError), transaction.atomic():
            Automation.objects.update(weekdays=weekdays)

        assert refused.value.fields == {"weekdays": code}
