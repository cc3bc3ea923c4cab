"""Who is a customer from when until when, counted as it changes and in whole."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.models import Business, Customer, Order
from crm.services import customers, merging, orders, personal_data
from crm.services.orders import OrderLineInput
from insights.models import Buyer, Definition, Spell, Spending, StaleCustomer
from insights.services import counting, money
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import (
    DAYS,
    NOW,
    buy,
    cells_by_hand,
    cohorts_of,
    everything,
    kept_cells,
    kept_cohorts,
    kept_spells,
    spells_of,
    sums_in_whole,
    sums_of_money,
)

FIRST = date(2020, 1, 31)


@pytest.fixture
def dana(db):
    return CustomerFactory(country="IL", heard_from="Friends")


def test_a_spell_ends_the_days_after_its_last_order_and_the_next_one_is_a_return(dana):
    last = FIRST + timedelta(DAYS)
    again = last + timedelta(DAYS + 1)
    buy(dana, FIRST, last, again)

    assert counting.process_pending() == 1

    assert kept_spells(dana) == [
        (FIRST, last + timedelta(DAYS)),
        (again, again + timedelta(DAYS)),
    ]
    assert kept_cells() == cells_by_hand()
    assert kept_cells()["orders", "country", "IL", date(2020, 1, 1)] == {"new": 1}
    assert kept_cohorts() == cohorts_of([[FIRST, last, again]])
    assert not StaleCustomer.objects.exists()


def test_what_was_given_back_whole_or_cancelled_is_no_purchase(dana):
    kept, back, mixed, off = (FIRST + timedelta(10 * n) for n in range(4))
    buy(dana, kept, back, mixed)
    buy(dana, off, status="cancelled")
    buy(dana, back, quantity=-1)  # the same day
    buy(dana, mixed, quantity=-1)  # of which something else is kept
    buy(dana, mixed, sku="TEA")
    named = kept + timedelta(5)
    buy(dana, named, order_id="named")
    buy(dana, named + timedelta(20), quantity=-1, order_id="returned")
    Order.objects.filter(external_id="returned").update(
        returns_order=Order.objects.get(external_id="named")
    )

    counting.process_pending()

    assert Buyer.objects.get(customer=dana).days == [kept, mixed]


def test_an_order_at_night_belongs_to_the_day_of_the_shop(dana):
    Business.objects.update(time_zone="Asia/Jerusalem")
    orders.record_order(
        now=NOW,
        customer=dana,
        order_id="at-night",
        ordered_at=datetime(2025, 12, 31, 22, 30, tzinfo=UTC),
        lines=[OrderLineInput("BEANS", Decimal(1), Decimal(9), product="Beans")],
    )

    counting.process_pending()

    new_year = date(2026, 1, 1)
    assert Buyer.objects.get(customer=dana).days == [new_year]
    assert Spending.objects.get(customer=dana).months == [new_year]
    assert kept_cells()["orders", "all", "", new_year] == {"new": 1}


def test_who_was_erased_or_merged_is_in_no_figure(dana):
    twin, owner = CustomerFactory(), UserFactory(role="owner")
    buy(dana, FIRST)
    buy(twin, FIRST + timedelta(30))
    counting.process_pending()
    merging.merge(dana, twin, by=owner, now=NOW)
    assert kept_cells() == cells_by_hand()  # also before anybody counts again

    counting.process_pending()
    assert kept_spells(dana) == spells_of([FIRST, FIRST + timedelta(30)])
    assert not Spell.objects.filter(customer=twin).exists()

    personal_data.erase(dana, now=NOW)
    assert (Spell.objects.count(), kept_cells(), kept_cohorts()) == (0, {}, {})
    counting.count_all()
    assert (Spell.objects.count(), kept_cells(), kept_cohorts()) == (0, {}, {})


def test_a_change_of_country_takes_somebody_from_one_sum_to_the_other(dana):
    buy(dana, FIRST)
    counting.process_pending()

    customers.update_customer(dana, changes={"country": "FR"}, now=NOW)
    counting.process_pending()

    assert kept_cells() == cells_by_hand()
    countries = {key[2] for key in kept_cells() if key[1] == "country"}
    assert countries == {"FR"}


def test_the_daily_count_finds_what_no_mark_told_of_and_goes_on_where_it_was(
    dana, monkeypatch
):
    buy(dana, FIRST)
    buy(CustomerFactory(), FIRST)
    monkeypatch.setattr(counting, "WHOLE_SLICE", 1)
    StaleCustomer.objects.all().delete()

    counting.keep_up(now=NOW, seconds=0)
    assert not Spell.objects.exists()
    while not (row := Definition.objects.get()).counted_at:
        before = row.counted_to or 0
        counting.whole_slice(now=NOW)
        assert before < (Definition.objects.get().counted_to or before + 1)

    assert Spell.objects.count() == 2
    assert not counting.whole_slice(now=NOW + timedelta(hours=23))
    Spell.objects.all().delete()
    counting.keep_up(now=NOW + timedelta(hours=25), seconds=30)
    assert Spell.objects.count() == 2


TABLES_OF_CUSTOMERS = """
SELECT conrelid::regclass::text, attname FROM pg_constraint
JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
WHERE contype = 'f' AND confrelid = 'crm_customer'::regclass
"""


@transaction.atomic
def remove(customer_id):
    """The customer and all rows that a foreign key would not let go without."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES_OF_CUSTOMERS)
        for table, column in (*cursor.fetchall(), ("crm_customer", "id")):
            assert not table.startswith(("insights_spe", "insights_buyer"))
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [customer_id])


def test_the_rows_of_a_deleted_customer_go_and_the_sums_follow(dana):
    other = CustomerFactory()
    for one in (dana, other):
        buy(one, FIRST, FIRST + timedelta(30))
    Definition.objects.update(counted_at=NOW)
    counting.count_all()
    money.renew_ends(now=NOW)
    assert sums_of_money()[0][-1]["persons"] == 2

    remove(dana.pk)

    for model in (Spell, Buyer, Spending):
        assert model.objects.values_list("customer_id", flat=True).get() == other.pk
    assert kept_cells() == cells_by_hand()
    assert kept_cohorts() == cohorts_of([[FIRST, FIRST + timedelta(30)]])
    assert sums_of_money() == sums_in_whole()


@pytest.mark.django_db(transaction=True)
def test_a_deletion_waits_for_a_count_that_read_the_customer_before():
    dana = CustomerFactory()
    buy(dana, FIRST)

    def delete():
        remove(dana.pk)
        connection.close()

    other = Thread(target=delete)
    with transaction.atomic():
        counting.count_slice(0)
        assert Spell.objects.count() == 1
        other.start()
        other.join(1)
        assert other.is_alive()
    other.join(20)

    assert not Customer.objects.exists()
    for model in (Spell, Buyer, Spending):
        assert not model.objects.exists()
    assert (kept_cells(), kept_cohorts()) == ({}, {})


steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 1500),
        st.sampled_from(["buy", "return", "cancel", "move", "process"]),
    ),
    max_size=12,
)


class Property(TestCase):
    @settings(max_examples=3, deadline=None)
    @example([(0, 0, "buy"), (0, 366, "buy"), (0, 5, "process"), (0, 365, "buy")])
    @given(steps)
    def test_counting_as_it_changes_is_counting_in_whole(self, taken):
        check_steps(taken)


@pytest.mark.slow
class ManyProperties(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(steps)
    def test_counting_as_it_changes_is_counting_in_whole(self, taken):
        check_steps(taken)


def check_steps(taken):
    people = [CustomerFactory(country=country) for country in ("IL", "IL", "")]
    Definition.objects.update(counted_at=NOW)
    for at, offset, what in taken:
        day, who = FIRST + timedelta(offset), people[at]
        if what == "process":
            counting.process_pending()
            money.renew_ends(now=NOW)
        elif what == "move":
            country = "DE" if people[at].country != "DE" else "IL"
            people[at] = customers.update_customer(
                who, changes={"country": country}, now=NOW
            )
        elif what == "return":
            buy(who, day, quantity=-1)
        else:
            buy(who, day, status="cancelled" if what == "cancel" else "")
    counting.process_pending()
    money.renew_ends(now=NOW)
    as_it_changed = everything()
    assert sums_of_money() == sums_in_whole()

    counting.count_all()
    assert everything() == as_it_changed
    for model in (Spell, Buyer, Spending):
        model.objects.all().delete()
    assert (kept_cells(), kept_cohorts(), sums_of_money()) == ({}, {}, [])
    counting.count_all()
    assert everything() == as_it_changed

    days = {row.customer_id: row.days for row in Buyer.objects.all()}
    for person in people:
        assert kept_spells(person) == spells_of(days.get(person.pk, []))
    assert kept_cells() == cells_by_hand()
    assert kept_cohorts() == cohorts_of(days.values())
