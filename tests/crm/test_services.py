"""One service per change: customers, interactions, follow-ups, orders."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.errors import CustomerGone, FollowUpClosed, FollowUpTaken
from crm.models import (
    AuditEntry,
    Customer,
    FollowUp,
    Interaction,
    Product,
    ProductRule,
)
from crm.rules.choices import ProductNature
from crm.selectors import returned_in_full
from crm.services import customers, follow_ups, interactions, orders
from crm.services.orders import OrderLineInput
from crm.signals import customers_changed
from tests.factories import OrderFactory, UserFactory
from web.errors import AlreadyExists, InvalidValue, StaleVersion

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def dana(db):
    return customers.create_customer(
        now=NOW, given_name="Dana", family_name="Levi", email="Dana@Example.org"
    )


def line(sku="ETH-1", quantity="1", price="12.50", **more):
    return OrderLineInput(
        sku=sku, quantity=Decimal(quantity), unit_price=Decimal(price), **more
    )


def record(customer, order_id="1001", at=NOW, lines=None, **more):
    order, _ = orders.record_order(
        now=NOW,
        customer=customer,
        order_id=order_id,
        ordered_at=at,
        lines=lines or [line()],
        **more,
    )
    return order


def test_a_customer_is_found_by_any_spelling_of_the_address(dana):
    assert dana.email == "Dana@Example.org"
    assert dana.email_norm == "dana@example.org"


def test_a_customer_needs_a_name_or_an_address(db):
    with pytest.raises(InvalidValue) as refused:
        customers.create_customer(now=NOW)

    assert refused.value.fields == {"given_name": "required"}


def test_an_external_id_is_unique_in_its_source(dana):
    with pytest.raises(AlreadyExists):
        customers.create_customer(
            now=NOW, given_name="Other", external_id=dana.external_id
        )


def test_a_change_leaves_field_names_and_no_values_in_the_audit(dana):
    customers.update_customer(dana, changes={"given_name": "Dina"}, now=NOW)

    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.fields) == ("customer.changed", ["given_name"])


def test_the_audit_names_what_changed_and_not_what_was_sent(dana):
    """A form sends every field, also the unchanged ones."""
    customers.update_customer(
        dana,
        changes={"given_name": "Dana", "family_name": "Cohen", "notes": ""},
        now=NOW,
    )

    assert AuditEntry.objects.latest("id").fields == ["family_name"]


def test_a_change_based_on_an_old_version_is_refused(dana):
    customers.update_customer(dana, changes={"notes": "one"}, version=1, now=NOW)

    with pytest.raises(StaleVersion):
        customers.update_customer(dana, changes={"notes": "two"}, version=1, now=NOW)


def test_an_unknown_field_is_refused(dana):
    with pytest.raises(InvalidValue):
        customers.update_customer(dana, changes={"is_staff": True}, now=NOW)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("02-29", (None, 2, 29)),
        ("1980-05-12", (1980, 5, 12)),
        ("", (None, None, None)),
    ],
)
def test_a_birthday_needs_no_year(dana, given, stored):
    found = customers.update_customer(dana, changes={"birthday": given}, now=NOW)

    assert (found.birth_year, found.birth_month, found.birth_day) == stored


@pytest.mark.parametrize("given", ["02-30", "1981-02-29", "13-01", "5-1", "٠٢-٢٩"])
def test_a_day_that_does_not_exist_is_no_birthday(dana, given):
    with pytest.raises(InvalidValue):
        customers.update_customer(dana, changes={"birthday": given}, now=NOW)


def test_news_of_a_change_is_sent_once_with_the_fields(dana):
    heard = []
    customers_changed.connect(
        lambda **news: heard.append((news["ids"], news["fields"])), weak=False
    )

    customers.update_customer(dana, changes={"since_on": date(2019, 5, 12)}, now=NOW)

    assert heard == [([dana.pk], frozenset({"since_on"}))]


def test_the_same_source_is_one_interaction(dana):
    for _ in range(2):
        interactions.log_interaction(
            customer=dana,
            channel="call",
            body="Asked for decaf",
            now=NOW,
            source_key="phone:1",
        )

    assert Interaction.objects.count() == 1


def test_an_edit_keeps_the_old_text(dana):
    contact = interactions.log_interaction(
        customer=dana, channel="note", body="Old", now=NOW
    )

    interactions.edit_interaction(contact, version=1, body="New", now=NOW)

    assert [old.body for old in contact.versions.all()] == ["Old"]


def test_a_conversation_is_not_in_the_future(dana):
    with pytest.raises(InvalidValue):
        interactions.log_interaction(
            customer=dana,
            channel="call",
            body="x",
            now=NOW,
            happened_at=NOW + timedelta(hours=1),
        )


def test_nothing_is_logged_for_an_erased_customer(dana):
    dana.erased_at = NOW
    dana.save()

    with pytest.raises(CustomerGone):
        interactions.log_interaction(customer=dana, channel="note", body="x", now=NOW)


def test_the_same_source_is_one_follow_up(dana):
    for _ in range(2):
        follow_ups.open_follow_up(
            customer_id=dana.pk,
            why="Scored 2 of 10",
            due_on=NOW.date(),
            now=NOW,
            source_key="response:1",
        )

    assert FollowUp.objects.count() == 1


def test_done_can_be_undone_but_not_done_twice(dana):
    owed = follow_ups.open_follow_up(
        customer_id=dana.pk, why="Call", due_on=NOW.date(), now=NOW
    )
    follow_ups.finish(owed, now=NOW, staff=None)

    with pytest.raises(FollowUpClosed):
        follow_ups.finish(owed, now=NOW, staff=None)
    assert follow_ups.reopen(owed, now=NOW).state == "open"


def test_of_two_who_take_a_follow_up_the_second_is_refused(dana):
    owed = follow_ups.open_follow_up(
        customer_id=dana.pk, why="Call", due_on=NOW.date(), now=NOW
    )
    first, second = UserFactory(), UserFactory()
    follow_ups.take(owed, staff=first, now=NOW)

    with pytest.raises(FollowUpTaken):
        follow_ups.take(owed, staff=second, now=NOW)
    owed.refresh_from_db()
    assert (owed.assignee, owed.state) == (first, "taken")


def test_what_was_given_back_or_given_on_may_be_taken(dana):
    owed = follow_ups.open_follow_up(
        customer_id=dana.pk,
        why="Call",
        due_on=NOW.date(),
        assignee=UserFactory(),
        now=NOW,
    )
    first, second = UserFactory(), UserFactory()

    follow_ups.take(owed, staff=first, now=NOW)
    follow_ups.take(owed, staff=first, now=NOW)
    follow_ups.assign(owed, assignee=None, now=NOW)

    assert follow_ups.take(owed, staff=second, now=NOW).assignee == second


@pytest.mark.parametrize(
    ("returns", "is_returned"),
    [
        ([("placed", -24)], True),
        ([("placed", -12), ("placed", -12)], True),
        ([("placed", -12)], False),
        ([("cancelled", -24)], False),
        ([("placed", -12), ("cancelled", -12)], False),
        ([], False),
    ],
)
def test_an_order_came_back_in_full_by_the_money_of_returns_that_stand(
    dana, returns, is_returned
):
    order = OrderFactory(customer=dana, total=24)
    for state, total in returns:
        OrderFactory(
            customer=dana,
            nature="return",
            returns_order=order,
            state=state,
            total=total,
        )

    assert returned_in_full([order.pk]) == ({order.pk} if is_returned else set())


def test_an_order_of_no_money_did_not_come_back_in_full(dana):
    order = OrderFactory(customer=dana, total=0)
    OrderFactory(customer=dana, nature="return", returns_order=order, total=0)

    assert returned_in_full([order.pk]) == set()


def test_a_purchase_makes_a_customer_since_its_day(dana):
    record(dana, at=NOW - timedelta(days=400))

    dana.refresh_from_db()
    assert dana.since_on == date(2025, 10, 17)


def test_a_since_day_that_was_given_stays(dana):
    customers.update_customer(dana, changes={"since_on": date(2019, 5, 12)}, now=NOW)

    record(dana)

    dana.refresh_from_db()
    assert dana.since_on == date(2019, 5, 12)


def test_an_order_recorded_again_is_replaced_as_a_whole(dana):
    record(dana, lines=[line("A"), line("B")])

    order = record(dana, lines=[line("A", quantity="2", price="0.125")])

    assert [(row.product.sku, row.amount) for row in order.lines.all()] == [
        ("A", Decimal("0.25"))
    ]


def test_a_cancelled_order_is_no_longer_the_last_one(dana):
    record(dana, "1", at=NOW - timedelta(days=9))
    record(dana, "2")

    record(dana, "2", status="cancelled")

    dana.refresh_from_db()
    assert dana.last_order_on == date(2026, 11, 12)


def test_postage_is_a_charge_and_a_return_is_no_purchase(dana):
    Product.objects.create(sku="POST", nature=ProductNature.POSTAGE.value)

    order = record(dana, lines=[line("POST"), line("A", "-1"), line("B", price="0")])

    natures = {row.product.sku: row.nature for row in order.lines.all()}
    assert natures == {"POST": "charge", "A": "return", "B": "writeoff"}


def test_an_order_of_a_merged_customer_is_refused(dana):
    other = customers.create_customer(now=NOW, given_name="Kept")
    Customer.objects.filter(pk=dana.pk).update(merged_into=other)

    with pytest.raises(CustomerGone):
        record(dana)


@pytest.mark.parametrize(
    ("rules", "nature"),
    [((), "purchase"), (("other",), "purchase"), (("other", "main"), "charge")],
)
def test_a_rule_counts_for_its_own_source_and_no_other(dana, rules, nature):
    for source in rules:
        ProductRule.objects.create(source=source, pattern="POST", nature="postage")

    order = record(dana, lines=[line("POST")])

    assert order.lines.get().nature == nature
