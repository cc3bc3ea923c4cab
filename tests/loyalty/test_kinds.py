"""Anniversaries through the pipeline: who, when, once, and the words of the mail."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils.translation import override

from crm.models import Business, Customer
from loyalty.kinds import Anniversary
from loyalty.rules import yearly
from loyalty.sql import yearly as sql
from messaging import kinds
from messaging.models import Automation, Message
from messaging.rendering import sample
from messaging.services import automations, planning
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
)

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def automation(db):
    automations.ensure_automations()
    row = Automation.objects.get(kind="anniversary")
    return automations.switch_on(row, now=utc(2000, 1, 1))


def sweep(now=NOW):
    return planning.sweep(now=now, kinds=["anniversary"])


def planned():
    messages = Message.objects.select_related("customer")
    return list(messages.order_by("not_before", "id"))


def kind():
    return kinds.get("anniversary")


# --- Who is due ----------------------------------------------------------------------


def test_the_day_is_planned_for_nine_where_the_customer_is(automation):
    customer = CustomerFactory(since_on=date(2020, 5, 12), time_zone="Asia/Jerusalem")

    sweep()

    (row,) = planned()
    assert (row.customer, row.occurrence) == (customer, "2026")
    assert (row.due_on, row.not_before) == (date(2026, 5, 12), utc(2026, 5, 12, 6))
    assert (row.category, row.priority) == ("loyalty", automation.priority)
    assert row.expires_at == row.not_before + 3 * DAY
    assert row.why == {"since": "2020-05-12", "on": "2026-05-12"}


def test_two_sweeps_plan_one_mail(automation):
    CustomerFactory(since_on=date(2020, 5, 12))

    first, second = sweep(), sweep(NOW + timedelta(minutes=5))

    assert (first["anniversary"]["planned"], second["anniversary"]["planned"]) == (1, 0)


@pytest.mark.parametrize(
    "customer",
    [
        {"since_on": date(2026, 5, 12)},
        {"since_on": date(2027, 5, 12)},
        {"since_on": None},
        {"since_on": date(2020, 5, 19)},
        {"since_on": date(2020, 5, 12), "erased_at": NOW},
    ],
)
def test_no_one_else_is_planned(automation, customer):
    CustomerFactory(**customer)

    assert sweep()["anniversary"]["planned"] == 0


def test_a_merged_customer_is_not_thanked_twice(automation):
    kept = CustomerFactory(since_on=date(2020, 5, 12))
    CustomerFactory(since_on=date(2020, 5, 12), merged_into=kept)

    sweep()

    assert [row.customer_id for row in planned()] == [kept.pk]


@pytest.mark.parametrize(
    ("leap_day", "year", "day"),
    [
        ("feb_28", 2027, date(2027, 2, 28)),
        ("mar_1", 2027, date(2027, 3, 1)),
        ("feb_28", 2028, date(2028, 2, 29)),
        ("mar_1", 2028, date(2028, 2, 29)),
    ],
)
def test_29_february_is_thanked_once_on_the_shops_day(automation, leap_day, year, day):
    Business.objects.update(leap_day=leap_day)
    CustomerFactory(since_on=date(2024, 2, 29))

    for step in range(10):
        sweep(utc(year, 2, 24, 12) + step * DAY)

    assert [(row.occurrence, row.due_on) for row in planned()] == [(str(year), day)]


def test_auckland_and_los_angeles_have_it_on_their_own_day(automation):
    zones = ("Pacific/Auckland", "America/Los_Angeles")
    for zone in zones:
        CustomerFactory(since_on=date(2020, 5, 12), time_zone=zone)

    sweep()

    # 09:00 on 12 May: UTC+12 in Auckland (winter), UTC-7 in Los Angeles (summer).
    assert [row.not_before for row in planned()] == [
        utc(2026, 5, 11, 21),
        utc(2026, 5, 12, 16),
    ]


def test_the_window_ends_36_hours_ahead(automation):
    CustomerFactory(since_on=date(2020, 5, 12), time_zone="UTC")
    at_nine = utc(2026, 5, 12, 9)

    early = sweep(at_nine - timedelta(hours=36, minutes=1))
    assert early["anniversary"]["planned"] == 0

    assert sweep(at_nine - timedelta(hours=36))["anniversary"]["planned"] == 1


def test_switching_on_does_not_thank_for_yesterday(automation):
    automations.switch_off(automation, now=NOW)
    CustomerFactory(since_on=date(2020, 5, 10))
    automations.switch_on(automation, now=NOW)

    assert sweep()["anniversary"]["planned"] == 0


def test_a_stop_of_two_days_is_caught_up(automation):
    CustomerFactory(since_on=date(2020, 5, 12))
    sweep(utc(2026, 5, 9, 12))

    counts = sweep(utc(2026, 5, 14, 12))["anniversary"]

    assert (counts["planned"], counts["expired"]) == (1, 0)


def test_a_stop_longer_than_its_life_leaves_a_row_that_shows_too_late(automation):
    CustomerFactory(since_on=date(2020, 5, 12))
    sweep(utc(2026, 5, 9, 12))

    counts = sweep(utc(2026, 5, 20, 12))["anniversary"]

    assert (counts["planned"], counts["expired"]) == (1, 1)
    assert planned()[0].reason_code == "too_late"


@pytest.mark.parametrize(
    ("offset", "since", "due", "occurrence"),
    [
        (-3, date(2020, 5, 15), date(2026, 5, 12), "2026"),
        (7, date(2020, 5, 5), date(2026, 5, 12), "2026"),
    ],
)
def test_an_offset_moves_the_day(automation, offset, since, due, occurrence):
    Automation.objects.filter(pk=automation.pk).update(offset_days=offset)
    CustomerFactory(since_on=since)

    sweep()

    assert [(row.due_on, row.occurrence) for row in planned()] == [(due, occurrence)]


def test_over_new_year_the_occurrence_is_the_year_of_the_anniversary(automation):
    Automation.objects.filter(pk=automation.pk).update(offset_days=5)
    CustomerFactory(since_on=date(2020, 12, 30))

    sweep(utc(2027, 1, 3, 12))

    assert [(row.due_on, row.occurrence) for row in planned()] == [
        (date(2027, 1, 4), "2026")
    ]


def test_who_became_a_customer_on_new_years_day_is_not_thanked_that_day(automation):
    CustomerFactory(since_on=date(2026, 1, 1))
    earlier = CustomerFactory(since_on=date(2025, 1, 1))

    sweep(utc(2025, 12, 31, 12))
    sweep(utc(2026, 1, 1, 8))

    assert [(row.customer, row.occurrence) for row in planned()] == [(earlier, "2026")]


def test_a_window_over_new_year_finds_both_years(automation):
    for since in (date(2020, 12, 31), date(2020, 1, 1), date(2026, 1, 1)):
        CustomerFactory(since_on=since)

    sweep(utc(2026, 12, 30, 23))

    assert sorted(row.occurrence for row in planned()) == ["2026", "2027", "2027"]


def test_the_sweep_uses_the_index_on_month_and_day(automation):
    days = (date(2018, 1, 1) + timedelta(days=ahead) for ahead in range(3_000))
    everybody = Customer.objects.bulk_create(
        CustomerFactory.build(since_on=day) for day in days
    )
    days = yearly.whole_years(date(2026, 7, 10), date(2026, 7, 13), "feb_28")
    found = sql.due(sql.Began.SINCE, days, 0 * DAY, unless=["milestone"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_customer")
        cursor.execute(f"EXPLAIN {found.sql}", found.params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert len(everybody) == 3_000
    assert "customer_since_day" in plan


# --- Once, whatever happens to the date ----------------------------------------------


def change_date(customer, day, now):
    from crm.services import customers

    fresh = Customer.objects.get(pk=customer.pk)
    customers.update_customer(
        fresh, changes={"since_on": day}, version=fresh.version, now=now
    )


def test_a_date_changed_before_sending_is_planned_anew(automation):
    customer = CustomerFactory(since_on=date(2020, 5, 12))
    sweep()

    change_date(customer, date(2020, 5, 13), NOW)
    sweep(NOW + timedelta(hours=12))

    assert [(row.state, row.due_on) for row in planned()] == [
        ("superseded", date(2026, 5, 12)),
        ("planned", date(2026, 5, 13)),
    ]
    assert planned()[0].reason_code == "superseded_date_changed"


def test_a_date_changed_to_a_day_behind_us_is_not_thanked_for(automation):
    customer = CustomerFactory(since_on=date(2020, 5, 12))
    sweep()

    change_date(customer, date(2020, 3, 1), NOW)
    sweep(NOW + timedelta(hours=1))

    assert [row.state for row in planned()] == ["superseded"]


def test_a_date_changed_after_sending_sends_nothing_more_this_year(automation):
    customer = CustomerFactory(since_on=date(2020, 5, 12))
    sweep()
    Message.objects.update(state="sent", final_at=NOW)

    change_date(customer, date(2020, 5, 20), NOW)
    for step in range(12):
        sweep(NOW + step * DAY)

    assert [row.state for row in planned()] == ["sent"]


def test_the_next_year_thanks_again(automation):
    CustomerFactory(since_on=date(2020, 5, 12))
    sweep()
    Message.objects.update(state="sent", final_at=NOW)

    sweep(NOW + 365 * DAY)

    assert [row.occurrence for row in planned()] == ["2026", "2027"]


def test_another_year_of_the_same_day_keeps_the_plan(automation):
    customer = CustomerFactory(since_on=date(2020, 5, 12))
    sweep()

    change_date(customer, date(2018, 5, 12), NOW)

    (row,) = planned()
    assert row.state == "planned"
    assert kind().prepare([row], NOW)[row.pk].values["years"] == 8


def test_a_name_changed_keeps_the_plan(automation):
    from crm.services import customers

    customer = CustomerFactory(since_on=date(2020, 5, 12))
    sweep()

    customers.update_customer(
        customer, changes={"given_name": "Noa"}, version=customer.version, now=NOW
    )

    assert planned()[0].state == "planned"


@pytest.mark.parametrize("since", [None, date(2020, 6, 1), date(2026, 5, 12)])
def test_the_claim_asks_again_whether_it_is_still_the_day(automation, since):
    customer = CustomerFactory(since_on=date(2020, 5, 12))
    sweep()
    # As an import does before its signal is sent.
    Customer.objects.filter(pk=customer.pk).update(since_on=since)

    (reason,) = kind().no_longer_due(planned(), NOW).values()

    assert reason.code == "superseded_date_changed"


def test_on_the_day_nothing_speaks_against_it(automation):
    CustomerFactory(since_on=date(2020, 5, 12))
    sweep()

    assert kind().no_longer_due(planned(), NOW) == {}


# --- Its words -----------------------------------------------------------------------


def test_why_is_one_sentence(automation):
    CustomerFactory(since_on=date(2020, 5, 12))
    sweep()

    assert list(kind().explain(planned()).values()) == [
        "Customer for 6 years on 12 May 2026."
    ]


def test_one_year_is_shown_in_the_singular(automation):
    CustomerFactory(since_on=date(2025, 5, 12))
    sweep()
    (row,) = planned()

    assert kind().prepare([row], NOW)[row.pk].words["years"] == "1 year"
    assert kind().explain([row])[row.pk] == "Customer for 1 year on 12 May 2026."


def test_the_mail_knows_what_it_began_with(automation):
    customer = CustomerFactory(since_on=date(2020, 5, 12))
    order = OrderFactory(customer=customer, ordered_on=date(2020, 5, 12))
    OrderLineFactory(order=order, amount=5, product=ProductFactory(name="Filter"))
    OrderLineFactory(order=order, amount=50, product=ProductFactory(name="Grinder"))
    later = OrderFactory(customer=customer, ordered_on=date(2021, 1, 1))
    OrderLineFactory(order=later, amount=500, product=ProductFactory(name="Machine"))
    sweep()
    (row,) = planned()

    context = kind().prepare([row], NOW)[row.pk]

    assert context.values["first_product"] == "Grinder"
    assert context.values["since_day"] == "12 May 2020"


def test_preparing_many_asks_the_database_as_often_as_preparing_one(
    automation, django_assert_num_queries
):
    CustomerFactory.create_batch(20, since_on=date(2020, 5, 12))
    sweep()
    rows = planned()

    with django_assert_num_queries(2):
        kind().prepare(rows, NOW)


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_the_mail_renders_in_every_language(db, language):
    mail = sample(kind(), language, NOW)

    assert mail.subject
    assert "{" not in mail.subject + mail.text
    assert f'dir="{"rtl" if language == "he" else "ltr"}"' in mail.html


def test_the_mail_offers_nothing_to_buy(db):
    mail = sample(kind(), "en", NOW)

    assert "For 6 years" in mail.text
    assert "%" not in mail.text
    assert "discount" not in mail.text.lower()


def test_a_product_cannot_write_into_the_mail(automation):
    from messaging.rendering import MailUrls, render

    customer = CustomerFactory(since_on=date(2020, 5, 12))
    order = OrderFactory(customer=customer, ordered_on=date(2020, 5, 12))
    name = "<script>alert(1)</script>{{7*7}}{shop}"
    OrderLineFactory(order=order, product=ProductFactory(name=name))
    sweep()
    (row,) = planned()
    context = kind().prepare([row], NOW)[row.pk]

    urls = MailUrls(links={}, stop="", preferences="")
    mail = render(row, kind(), context, urls=urls, business=Business.objects.get())

    assert "<script>" not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}{shop}" in mail.html


def test_the_kind_is_what_the_contract_requires():
    assert (Anniversary.category, Anniversary.priority) == ("loyalty", 30)
    assert (Anniversary.life_days, Anniversary.send_hour) == (3, 9)


def test_the_sample_stands_on_29_february(db):
    with override("en"):
        context = kind().sample("en", utc(2028, 2, 29, 12))

    assert context.values["years"] == 6
