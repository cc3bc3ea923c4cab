"""Later, not this product, none at all: each twice is once, and can be taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from crm.errors import CustomerGone
from crm.models import AuditEntry, Customer
from loyalty.errors import NotListed
from loyalty.models import ReminderItem, ReorderRefusal
from loyalty.selectors import reorders as selectors
from loyalty.services import next_purchases
from loyalty.services import reorder_choices as choices
from messaging.models import Automation, Message
from messaging.services import automations, messages, planning
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, ProductFactory
from tests.loyalty.test_reorder_kind import buy, buys_every, product, send
from web.errors import InvalidValue

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = date(2026, 6, 1)


@pytest.fixture(scope="module")
def reminded(django_db_setup, django_db_blocker):
    """Somebody who got one mail on 1 June, about beans and tea."""
    with uncommitted_rows(django_db_blocker):
        yield remind()


@pytest.fixture
def customer(reminded, db):
    return Customer.objects.get(pk=reminded.pk)


@pytest.fixture
def automation(customer):
    return Automation.objects.get(kind="reorder")


@pytest.fixture
def mail(customer):
    return Message.objects.get(customer=customer, state="sent")


def remind():
    automations.ensure_automations()
    row = Automation.objects.get(kind="reorder")
    automations.switch_on(row, now=datetime(2026, 1, 1, tzinfo=UTC))
    buyer = CustomerFactory()
    for sku in ("BEANS", "TEA"):
        buys_every(buyer, 31, sku)
    sweep(NOW - 2 * DAY)
    send(NOW - DAY)
    return buyer


def sweep(now):
    return planning.sweep(now=now, kinds=["reorder"])["reorder"]


def item(sku):
    return ReminderItem.objects.get(product__sku=sku)


def later(mail, sku="BEANS", days=14, now=NOW):
    choices.put_off(mail, product_id=product(sku).pk, days=days, now=now)


def refuse(mail, sku="BEANS"):
    choices.refuse_product(mail, product_id=product(sku).pk, now=NOW)


def planned():
    return list(Message.objects.filter(state="planned"))


def planned_days(first, days):
    """The days on which a sweep a day finds something to plan, and what it lists."""
    found = {}
    for step in range(days):
        if sweep(first + step * DAY)["planned"]:
            (row,) = planned()
            found[row.due_on] = [entry["id"] for entry in row.why["products"]]
            send(datetime.combine(row.due_on + DAY, NOW.time(), tzinfo=UTC))
    return found


# --- Later ---------------------------------------------------------------------------


@pytest.mark.parametrize("days", [7, 14, 28])
def test_later_brings_one_more_mail_on_that_day(mail, days):
    later(mail, days=days)

    again_on = NOW.date() + timedelta(days=days)
    assert item("BEANS").again_on == again_on
    assert planned_days(NOW, 40) == {again_on: [product("BEANS").pk]}


def test_the_day_they_named_is_kept_whatever_the_offset(mail, automation):
    Automation.objects.filter(pk=automation.pk).update(offset_days=-3)
    later(mail, days=14)

    assert list(planned_days(NOW, 25)) == [NOW.date() + 14 * DAY]


def test_the_day_is_counted_where_the_customer_is(mail, customer):
    Customer.objects.filter(pk=customer.pk).update(time_zone="Pacific/Auckland")

    later(mail, days=7)

    assert item("BEANS").again_on == NOW.date() + 8 * DAY


@pytest.mark.parametrize("days", [0, -7, 1, 13, 365, 10**9])
def test_only_the_three_spans_are_taken(mail, days):
    with pytest.raises(InvalidValue):
        later(mail, days=days)

    assert item("BEANS").again_on is None


def test_later_twice_is_once(mail):
    later(mail)
    later(mail)

    assert AuditEntry.objects.filter(action="reorder.put_off").count() == 1


def test_another_span_moves_the_day(mail):
    later(mail, days=7)
    later(mail, days=28)

    assert item("BEANS").again_on == NOW.date() + 28 * DAY


def test_later_taken_back_leaves_no_second_mail(mail):
    later(mail)
    choices.keep_day(mail, product_id=product("BEANS").pk, now=NOW)
    choices.keep_day(mail, product_id=product("BEANS").pk, now=NOW)

    assert item("BEANS").again_on is None
    assert planned_days(NOW, 30) == {}
    assert AuditEntry.objects.filter(action="reorder.put_off_undone").count() == 1


def test_the_second_mail_may_be_put_off_too_by_either_link(mail):
    later(mail, days=7)
    planned_days(NOW, 8)
    first, second = Message.objects.order_by("id")

    later(second, days=7, now=NOW + 8 * DAY)
    assert item("BEANS").again_on == NOW.date() + 15 * DAY
    later(first, days=28, now=NOW + 8 * DAY)
    assert item("BEANS").again_on == NOW.date() + 36 * DAY


def test_putting_off_again_ends_the_second_mail_that_is_planned(mail):
    later(mail, days=7)
    sweep(NOW + 6 * DAY)
    (second,) = planned()

    later(mail, days=28, now=NOW + 6 * DAY)

    second.refresh_from_db()
    assert (second.state, second.reason_code) == ("cancelled", "reminder_put_off")
    assert list(planned_days(NOW + 7 * DAY, 35)) == [NOW.date() + 34 * DAY]


def test_a_new_day_outlives_a_change_of_the_automation(mail, automation):
    """The planned second mail is superseded: what was chosen since then stays."""
    later(mail, days=7)
    sweep(NOW + 6 * DAY)
    ReminderItem.objects.filter(product__sku="BEANS").update(again_on=DUE + 40 * DAY)

    waiting = Message.objects.filter(state="planned")
    assert messages.supersede(waiting, reason_code="test", now=NOW) == 1

    assert item("BEANS").again_on == DUE + 40 * DAY


def test_what_was_bought_again_is_not_put_off(mail, customer):
    buy(customer, NOW.date(), "BEANS")

    later(mail)

    assert item("BEANS").again_on is None


def test_what_was_refused_in_another_tab_is_not_put_off(mail):
    refuse(mail)

    later(mail)

    assert item("BEANS").again_on is None


def test_an_old_link_does_not_touch_a_later_purchase(mail, customer):
    """Bought again and reminded of once more: the first mail speaks of the first."""
    buy(customer, NOW.date(), "BEANS")
    next_purchases.process_pending(now=NOW)
    sweep(NOW + 30 * DAY)
    assert ReminderItem.objects.filter(product__sku="BEANS").count() == 2

    later(mail, now=NOW + 30 * DAY)

    assert not ReminderItem.objects.filter(again_on__isnull=False).exists()


# --- Not this product, none at all ---------------------------------------------------


def test_a_refused_product_is_never_reminded_of_again(mail, customer):
    refuse(mail)
    for sku in ("BEANS", "TEA"):
        buy(customer, NOW.date(), sku)

    mails = planned_days(NOW + DAY, 45)

    assert list(mails.values()) == [[product("TEA").pk]]


def test_refusing_twice_is_once(mail):
    refuse(mail)
    refuse(mail)

    assert ReorderRefusal.objects.count() == 1
    assert AuditEntry.objects.filter(action="reorder.refused").count() == 1


def test_refusing_ends_what_is_planned_at_once(mail):
    later(mail, days=7)
    sweep(NOW + 6 * DAY)
    (second,) = planned()

    refuse(mail)

    second.refresh_from_db()
    assert (second.state, second.reason_code) == ("cancelled", "reminder_refused")


def test_no_reminders_at_all_means_none_of_anything(mail, customer):
    choices.refuse_all(mail, now=NOW)
    choices.refuse_all(mail, now=NOW)
    for sku in ("BEANS", "TEA"):
        buy(customer, NOW.date(), sku)

    assert planned_days(NOW + DAY, 45) == {}
    refusal = ReorderRefusal.objects.get()
    assert (refusal.product, refusal.made_at) == (None, NOW)


def test_a_refusal_taken_back_counts_for_the_next_purchase(mail, customer):
    refuse(mail)
    for _ in range(2):
        choices.allow_again(mail, product_id=product("BEANS").pk, now=NOW)
    buy(customer, NOW.date(), "BEANS")

    assert [product("BEANS").pk] in planned_days(NOW + DAY, 45).values()
    assert AuditEntry.objects.filter(action="reorder.allowed_again").count() == 1


def test_allowing_all_again_keeps_what_was_refused_by_name(mail, customer):
    refuse(mail, "TEA")
    choices.refuse_all(mail, now=NOW)

    choices.allow_again(mail, product_id=None, now=NOW)

    found = selectors.refusals(customer.pk)
    assert (found.is_all, found.products) == (False, {product("TEA").pk})


# --- Who may, and what is written down -----------------------------------------------


def test_a_product_of_another_mail_is_refused(mail):
    other = CustomerFactory()
    buys_every(other, 31, "SENCHA")
    sweep(NOW - 2 * DAY)
    foreign = [product("SENCHA").pk, ProductFactory().pk, 10**12]

    for pk in foreign:
        for choose in (choices.refuse_product, choices.keep_day, choices.allow_again):
            with pytest.raises(NotListed):
                choose(mail, product_id=pk, now=NOW)
        with pytest.raises(NotListed):
            choices.put_off(mail, product_id=pk, days=7, now=NOW)

    assert not ReorderRefusal.objects.exists()
    assert not ReminderItem.objects.filter(again_on__isnull=False).exists()


def test_a_customer_who_is_gone_decides_nothing(mail, customer):
    Customer.objects.filter(pk=customer.pk).update(erased_at=NOW)

    with pytest.raises(CustomerGone):
        choices.refuse_all(mail, now=NOW)


def test_the_audit_names_the_product_and_the_customer(mail, customer):
    later(mail)

    entry = AuditEntry.objects.get(action="reorder.put_off")
    assert entry.subject == f"product:{product('BEANS').pk}"
    assert (entry.customer_id, entry.fields) == (customer.pk, ["again_on"])


@pytest.mark.django_db(transaction=True)
def test_eight_presses_at_once_are_one():
    mail = Message.objects.get(customer=remind(), state="sent")

    def press(_):
        try:
            refuse(mail)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, range(8)))

    assert ReorderRefusal.objects.count() == 1
    assert AuditEntry.objects.filter(action="reorder.refused").count() == 1
