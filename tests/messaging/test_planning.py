"""Planning: windows instead of equality, and twice is once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.models import Business, Customer
from crm.services import customers
from crm.services.business import update_business
from messaging.kinds import Window
from messaging.models import Message, Sweep
from messaging.rules.choices import Category
from messaging.rules.clock import sending_clock
from messaging.rules.send_decision import Go
from messaging.services import holds, permission, planning
from tests.factories import AutomationFactory, CustomerFactory, MessageFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def automation(db, small_kind):
    return AutomationFactory(
        send_hour=9, life_days=3, priority=40, switched_on_at=utc(2026, 10, 30)
    )


def due_on(*parts, **more):
    return CustomerFactory(since_on=date(*parts), **more)


def planned():
    return list(Message.objects.order_by("not_before", "id"))


# --- What a row holds ----------------------------------------------------------------


def test_a_row_holds_all_the_delivery_needs(automation):
    customer = due_on(2026, 11, 22, time_zone="Asia/Jerusalem", language="he")

    planning.sweep(now=NOW)

    (row,) = planned()
    assert (row.customer, row.automation) == (customer, automation)
    assert (row.kind, row.category, row.state) == ("test_kind", "survey", "planned")
    assert (row.occurrence, row.due_on) == ("day-%-2026-11-22", date(2026, 11, 22))
    assert (row.priority, row.language, row.on_uncertain) == (40, "he", "park")
    assert row.why == {"since": "2026-11-22"}
    # 09:00 in Tel Aviv.
    assert row.not_before == utc(2026, 11, 22, 7)
    assert row.expires_at == row.not_before + 3 * DAY
    assert (row.planned_at, row.is_reminder) == (NOW, False)


def test_every_row_has_its_own_message_id(automation):
    due_on(2026, 11, 22)
    due_on(2026, 11, 22)

    planning.sweep(now=NOW)

    assert len({row.message_uuid for row in planned()}) == 2


@pytest.mark.parametrize("zone", ["", "Mars/Phobos"])
def test_a_zone_that_is_unknown_is_the_shops(automation, zone):
    Business.objects.update(time_zone="Asia/Tokyo", language="zh-hant")
    due_on(2026, 11, 22, time_zone=zone, language="tlh")

    planning.sweep(now=NOW)

    (row,) = planned()
    assert row.not_before == utc(2026, 11, 22, 0)
    assert row.language == "zh-hant"


def test_an_hour_that_comes_twice_is_the_first(automation):
    automation.send_hour = 1
    automation.save()
    due_on(2026, 11, 1, time_zone="America/New_York")

    planning.sweep(now=utc(2026, 10, 31, 12))

    assert [row.not_before for row in planned()] == [utc(2026, 11, 1, 5)]


def test_customers_who_are_gone_are_not_planned(automation):
    kept = due_on(2026, 11, 22)
    due_on(2026, 11, 22, merged_into=kept)
    due_on(2026, 11, 22, erased_at=NOW)

    planning.sweep(now=NOW)

    assert [row.customer for row in planned()] == [kept]


# --- Twice is once -------------------------------------------------------------------


def test_planning_twice_is_once(automation):
    due_on(2026, 11, 22)

    first = planning.sweep(now=NOW)
    second = planning.sweep(now=NOW)

    assert first == {"test_kind": {"planned": 1, "expired": 0}}
    assert second == {"test_kind": {"planned": 0, "expired": 0}}
    assert len(planned()) == 1


def test_nine_and_five_past_nine_are_once(automation):
    due_on(2026, 11, 22)

    for minute in (0, 5):
        planning.sweep(now=utc(2026, 11, 22, 9, minute))

    assert len(planned()) == 1


def test_a_superseded_row_frees_its_key_and_a_cancelled_one_keeps_it(automation):
    moved, refused = due_on(2026, 11, 22), due_on(2026, 11, 22)
    planning.sweep(now=NOW)
    Message.objects.filter(customer=moved).update(state="superseded", final_at=NOW)
    Message.objects.filter(customer=refused).update(state="cancelled", final_at=NOW)

    planning.sweep(now=NOW)

    assert Message.objects.filter(customer=moved).count() == 2
    assert Message.objects.filter(customer=refused).count() == 1


def test_a_dry_run_counts_and_leaves_nothing(automation):
    due_on(2026, 11, 22)

    counts = planning.sweep(now=NOW, dry_run=True)

    assert counts == {"test_kind": {"planned": 1, "expired": 0}}
    assert planned() == []
    assert not Sweep.objects.filter(automation=automation).exists()


# --- The window ----------------------------------------------------------------------


def test_the_window_reaches_thirty_six_hours_ahead(automation):
    due_on(2026, 11, 23, time_zone="Asia/Tokyo")
    due_on(2026, 11, 23, time_zone="America/New_York")

    planning.sweep(now=NOW)

    # 09:00 in Tokyo is midnight UTC and in; 14:00 UTC in New York is two hours too far.
    assert [row.not_before for row in planned()] == [utc(2026, 11, 23, 0)]


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_the_days_of_a_window_are_those_on_which_some_zone_sends(hour):
    # Over both changes of summer time in Europe, and a leap day.
    for start in (utc(2026, 3, 28), utc(2026, 10, 24), utc(2028, 2, 28)):
        around = sending_clock(
            start.date() - 3 * DAY, start.date() + 6 * DAY, hour, "UTC"
        )
        for after in (start + timedelta(hours=ahead) for ahead in range(0, 48, 5)):
            window = Window(after=after, until=after + timedelta(hours=40), hour=hour)

            sending = {
                day
                for day, moment in zip(around.days, around.moments, strict=True)
                if window.after < moment <= window.until
            }

            assert window.first_on <= min(sending)
            assert max(sending) <= window.last_on
            assert (window.last_on - window.first_on).days <= 2


def test_switching_on_never_sends_the_past(automation):
    automation.switched_on_at = utc(2026, 11, 21, 9)
    automation.save()
    due_on(2026, 11, 20)
    due_on(2026, 11, 21)
    after = due_on(2026, 11, 21, time_zone="America/New_York")

    planning.sweep(now=NOW)

    assert [row.customer for row in planned()] == [after]


def test_a_fact_that_comes_late_is_caught_while_there_is_life(automation):
    planning.sweep(now=NOW)
    due_on(2026, 11, 18)
    late = due_on(2026, 11, 19)

    planning.sweep(now=NOW + timedelta(minutes=1))

    assert [row.customer for row in planned()] == [late]


def test_a_clock_that_ran_ahead_does_no_lasting_harm(automation):
    planning.sweep(now=NOW + 400 * DAY)
    due_on(2026, 11, 22)

    planning.sweep(now=NOW)

    assert [row.due_on for row in planned()] == [date(2026, 11, 22)]


def test_a_shop_that_wakes_after_a_year_looks_back_sixty_days(automation):
    planning.sweep(now=NOW)
    year_later = NOW + 365 * DAY
    due_on(2027, 3, 1)
    lapsed = due_on(2027, 11, 1)

    planning.sweep(now=year_later)

    assert [(row.customer, row.state) for row in planned()] == [(lapsed, "expired")]


def test_automations_that_are_off_plan_nothing(automation):
    automation.is_on = False
    automation.save()
    due_on(2026, 11, 22)

    assert planning.sweep(now=NOW) == {}
    assert planned() == []


# --- A stop of four days -------------------------------------------------------------


def test_four_days_without_a_beat_are_caught_up_once(automation):
    """Life 3 days, 09:00 UTC; stopped from the 21st 12:00 to the 25th 12:00.

    Swept through the 23rd 00:00 before the stop.

    | day | planned        | life ends     | at the catch-up |
    | 20  | before (late)  | 23rd 09:00    | too late        |
    | 22  | before         | 25th 09:00    | too late        |
    | 23  | catch-up       | 26th 09:00    | may go          |
    | 24  | catch-up       | 27th 09:00    | may go          |
    | 26  | catch-up       | 29th 09:00    | waits for 09:00 |
    | 27  | not yet: the window ends on the 27th 00:00      |
    """
    for day in (20, 22, 23, 24, 26, 27):
        due_on(2026, 11, day, external_id=str(day))
    planning.sweep(now=NOW)
    before = [row.due_on.day for row in planned()]

    counts = planning.sweep(now=NOW + 4 * DAY)
    again = planning.sweep(now=NOW + 4 * DAY)

    assert before == [20, 22]
    assert counts == {"test_kind": {"planned": 3, "expired": 2}}
    assert again == {"test_kind": {"planned": 0, "expired": 0}}
    assert {row.due_on.day: (row.state, row.reason_code) for row in planned()} == {
        20: ("expired", "too_late"),
        22: ("expired", "too_late"),
        23: ("planned", ""),
        24: ("planned", ""),
        26: ("planned", ""),
    }


def test_a_stop_longer_than_a_life_leaves_no_gap_in_the_ledger(automation):
    """Life 1 day: the 23rd and 24th fell due and lapsed while nothing ran."""
    automation.life_days = 1
    automation.save()
    planning.sweep(now=NOW)
    for day in (23, 24, 25):
        due_on(2026, 11, day)

    planning.sweep(now=NOW + 4 * DAY)

    assert {row.due_on.day: (row.state, row.reason_code) for row in planned()} == {
        23: ("expired", "too_late"),
        24: ("expired", "too_late"),
        25: ("planned", ""),
    }


def test_what_is_too_much_for_one_statement_goes_on_with_the_next_sweep(
    automation, small_kind, monkeypatch
):
    """Nobody is passed by: neither of the days before, nor by the look that holds."""
    automation.life_days = 1
    automation.save()
    planning.sweep(now=NOW)
    for _ in range(5):
        due_on(2026, 11, 23)
    monkeypatch.setattr(planning.sql, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(small_kind, "look_holds_for", timedelta(hours=1))
    minutes = [NOW + 4 * DAY + timedelta(minutes=minute) for minute in range(4)]

    found = [planning.sweep(now=now)["test_kind"]["planned"] for now in minutes]

    assert found == [2, 2, 1, 0]
    assert len({row.customer_id for row in planned()}) == 5
    assert Sweep.objects.get(automation=automation).looked_at == minutes[2]


def test_what_waited_for_a_reason_ends_with_it(automation):
    due_on(2026, 11, 22)
    planning.sweep(now=NOW)
    Message.objects.update(deferred_reason="on_hold", reason_data={"hold": 3})

    planning.sweep(now=NOW + 5 * DAY)

    (row,) = planned()
    assert (row.state, row.reason_code, row.reason_data) == (
        "expired",
        "on_hold",
        {"hold": 3},
    )
    assert row.final_at == NOW + 5 * DAY


def test_after_four_days_each_goes_waits_or_is_over_by_its_own_reason(automation):
    """Life 3 days; the catch-up is on the 25th at 12:00 UTC.

    | who      | due | what stands in the way        | then                       |
    | free     | 24  | nothing                       | goes                       |
    | held     | 24  | an open complaint             | looked at at 13:00         |
    | asked    | 24  | a survey on the 20th (1 / 30) | waits to the end of life   |
    | sleeping | 24  | 23:00 in Sydney, until 08:00  | 21:00 UTC                  |
    | lapsed   | 21  | its life ended on the 24th    | too late                   |
    """
    who = {
        name: due_on(2026, 11, 21 if name == "lapsed" else 24, external_id=name)
        for name in ("free", "held", "asked", "sleeping", "lapsed")
    }
    Customer.objects.filter(external_id="sleeping").update(time_zone="Australia/Sydney")
    asked_at = utc(2026, 11, 20, 9)
    MessageFactory(
        customer=who["asked"], state="sent", counted_at=asked_at, final_at=asked_at
    )
    holds.place(
        who["held"],
        categories=[Category.SURVEY],
        reason="open_complaint",
        source_key="complaint:31",
        now=NOW,
    )
    noon = NOW + 4 * DAY

    planning.sweep(now=noon)

    rows = list(Message.objects.exclude(state="sent").select_related("customer"))
    waiting = [row for row in rows if row.state == "planned"]
    answers = permission.decisions(waiting, now=noon)
    found = {row.customer.external_id: answers[row.pk] for row in waiting}
    assert {row.customer.external_id for row in rows} - set(found) == {"lapsed"}
    assert isinstance(found.pop("free"), Go)
    assert {name: (one.until, one.reason.code) for name, one in found.items()} == {
        "held": (utc(2026, 11, 25, 13), "on_hold"),
        "asked": (utc(2026, 11, 27, 8, 59), "contact_limit"),
        "sleeping": (utc(2026, 11, 25, 21), "quiet_hours"),
    }


# --- One kind that breaks ------------------------------------------------------------


def test_a_kind_that_breaks_is_counted_and_leaves_its_mark_where_it_was(
    automation, small_kind, monkeypatch, caplog
):
    monkeypatch.setattr(small_kind, "refresh", lambda *_: 1 / 0)

    counts = planning.sweep(now=NOW)

    assert counts == {"test_kind": {"planned": 0, "failed": 1, "expired": 0}}
    assert not Sweep.objects.filter(automation=automation).exists()
    assert "ZeroDivisionError" in caplog.text


def test_no_one_due_is_no_error(automation, small_kind, monkeypatch):
    none = Customer.objects.none().values("id", "notes", "since_on", "custom")
    monkeypatch.setattr(small_kind, "due", lambda *_: none)

    assert planning.sweep(now=NOW) == {"test_kind": {"planned": 0, "expired": 0}}


# --- When the customer moves ---------------------------------------------------------


def test_planned_rows_follow_a_customer_who_moved(automation):
    customer = due_on(2026, 11, 22, time_zone="UTC")
    planning.sweep(now=NOW)
    Customer.objects.update(time_zone="Asia/Tokyo", language="he")

    planning.retime_all(customer_ids=[customer.pk])

    (row,) = planned()
    assert (row.not_before, row.language) == (utc(2026, 11, 22, 0), "he")
    assert row.expires_at == row.not_before + 3 * DAY


def test_the_customers_own_page_moves_the_mail_too(automation):
    customer = due_on(2026, 11, 22)
    planning.sweep(now=NOW)

    customers.update_customer(customer, changes={"time_zone": "Asia/Tokyo"}, now=NOW)

    assert planned()[0].not_before == utc(2026, 11, 22, 0)


def test_a_shop_that_moves_takes_along_who_has_no_zone_of_their_own(automation):
    for zone in ("", "UTC"):
        due_on(2026, 11, 22, time_zone=zone, language="")
    planning.sweep(now=NOW)
    shop = Business.objects.get()
    changes = {"time_zone": "Asia/Tokyo", "language": "he"}

    update_business(changes=changes, version=shop.version, now=NOW)

    rows = {row.customer.time_zone: row for row in planned()}
    assert rows[""].not_before == utc(2026, 11, 22, 0)
    assert rows["UTC"].not_before == utc(2026, 11, 22, 9)
    assert {row.language for row in rows.values()} == {"he"}


def test_a_shop_that_only_changes_its_name_moves_nothing(automation, monkeypatch):
    asked = []
    monkeypatch.setattr(planning, "retime_all", lambda **_: asked.append(1))
    version = Business.objects.get().version

    shop = update_business(changes={"name": "New"}, version=version, now=NOW)
    assert asked == []

    update_business(changes={"language": "he"}, version=shop.version, now=NOW)
    assert asked == [1]


def test_a_deferred_row_keeps_its_later_time(automation):
    due_on(2026, 11, 22)
    planning.sweep(now=NOW)
    later = NOW + 2 * DAY
    Message.objects.update(not_before=later, deferred_reason="contact_limit")
    Customer.objects.update(time_zone="Asia/Tokyo")

    planning.retime_all()

    assert planned()[0].not_before == later
