"""A merge is undone: each record has again what it had, and nothing is loosened."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from crm.errors import CustomerGone, MergedOnSince, MergeOver
from crm.models import (
    AuditEntry,
    Customer,
    CustomerMerge,
    MergeMove,
    Order,
    OrderLine,
    OrderSum,
)
from crm.personal_rows import Merged, all_rows
from crm.rules.choices import SinceFrom
from crm.services import (
    customers,
    merging,
    order_sums,
    orders,
    personal_data,
    retention,
)
from crm.services.merge_facts import Side
from loyalty.models import Membership, StaleCustomer
from messaging.models import Consent, Message
from messaging.rules.choices import Category
from messaging.services import consent, suppression
from surveys.models import Invitation, Response, ScheduledAsk
from tests.crm.personal_shop import customer_with_everything
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    ProductFactory,
    ResponseFactory,
    survey_asked_by,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOW + HOUR
# Counted, worked out or appended anew; what an undo must not touch is told apart below.
APPENDED = ("customer", "consents", "changes", "merges", "merge_moves",
            # What was transferred is posted back; balances are compared below.
            "programme_entries", "programme_allocations", "programme_lots",
            "memberships", "stale_memberships")  # fmt: skip


def merge(kept, dropped, **more):
    return merging.merge(kept, dropped, now=NOW, **more)


def undo(row, now=LATER):
    merging.undo(row, now=now)


def state_of(*people):
    """Every row of these records, of each table, as the database has it."""
    ids = [one.pk for one in people]
    return {
        rows.name: list(rows.of(ids).values())
        for rows in all_rows()
        if rows.name not in APPENDED and rows.merged is not Merged.DELETE
    }


def facts(customer):
    found = Customer.objects.filter(pk=customer.pk).values().get()
    return {key: value for key, value in found.items()
            if key not in ("version", "updated_at")}  # fmt: skip


def balances(*people):
    """What each has and owes; a member who has nothing has none."""
    rows = Membership.objects.filter(customer__in=people).exclude(balance=0, owed=0)
    return sorted(rows.values_list("customer_id", "programme_id", "balance", "owed"))


def test_every_table_is_as_before():
    kept, dropped = customer_with_everything("Ann"), customer_with_everything("Beth")
    for one in (kept, dropped):
        # What waits is planned anew by the sweeps.
        Message.objects.filter(customer=one, state="planned").delete()
        customers.refresh_search(one)
        one.save()
    orders.remember_days({kept.pk, dropped.pk}, NOW)
    before, ours, theirs = state_of(kept, dropped), facts(kept), facts(dropped)
    had = balances(kept, dropped)
    assert len(had) == 2

    undo(merge(kept, dropped))

    assert balances(kept, dropped) == had
    assert state_of(kept, dropped) == before
    assert facts(kept) == ours
    assert facts(dropped) == theirs


def test_rows_of_one_key_have_their_own_names_again():
    kept, dropped = CustomerFactory(), CustomerFactory()
    survey = survey_asked_by()
    most = Invitation._meta.get_field("occurrence").max_length
    for customer in (kept, dropped):
        for occurrence in ("2026", "x" * most):
            InvitationFactory(customer=customer, survey=survey, message=None,
                              occurrence=occurrence)  # fmt: skip

    row = merge(kept, dropped)
    assert Invitation.objects.filter(customer=kept).count() == 4
    undo(row)

    names = Invitation.objects.filter(customer=dropped).values_list("occurrence")
    assert {name for (name,) in names} == {"2026", "x" * most}


def test_later_rows_stay_with_the_kept_record():
    kept, dropped = CustomerFactory(), CustomerFactory()
    row = merge(kept, dropped)
    order = OrderFactory(customer=kept)

    undo(row)

    order.refresh_from_db()
    assert order.customer_id == kept.pk


def test_what_went_to_the_others_address_goes_back_with_it():
    kept, dropped = CustomerFactory(), CustomerFactory()
    ours, theirs = (suppression.address_hash(one.email_norm) for one in (kept, dropped))
    earlier = MessageFactory(customer=kept, state="sent", final_at=NOW,
                             address_hash=theirs, occurrence="0")  # fmt: skip
    row = merge(kept, dropped)
    later = [MessageFactory(customer=kept, state="sent", final_at=LATER,
                            address_hash=address, occurrence=occurrence)
             for address, occurrence in ((ours, "1"), (theirs, "2"))]  # fmt: skip

    undo(row)

    owners = [Message.objects.get(pk=one.pk).customer_id for one in (earlier, *later)]
    assert owners == [kept.pk, kept.pk, dropped.pk]


def test_an_address_of_both_moves_nothing():
    kept, dropped = CustomerFactory(), CustomerFactory()
    for one in (kept, dropped):
        Customer.objects.filter(pk=one.pk).update(email="a@x.org", email_norm="a@x.org")
    row = merge(kept, dropped)
    address = suppression.address_hash("a@x.org")
    later = MessageFactory(
        customer=kept, state="sent", final_at=LATER, address_hash=address
    )

    undo(row)

    later.refresh_from_db()
    assert later.customer_id == kept.pk


def test_what_hangs_on_a_row_goes_where_that_goes():
    kept, dropped = CustomerFactory(), CustomerFactory()
    order, tea = OrderFactory(customer=dropped), ProductFactory()
    invitation = InvitationFactory(customer=dropped, message=None)
    row = merge(kept, dropped)
    # A file replaces the lines of the order; the customer answers.
    OrderLine.objects.create(
        order=order, line_key="1", customer=kept, product=tea, ordered_on=NOW.date(),
        quantity=1, unit_price=5, amount=5, nature="purchase",
    )  # fmt: skip
    ResponseFactory(invitation=invitation, customer=kept)

    undo(row)

    assert OrderLine.objects.get().customer_id == dropped.pk
    assert Response.objects.get().customer_id == dropped.pk


def test_sums_and_days_are_right_on_both_sides():
    kept, dropped = CustomerFactory(), CustomerFactory()
    for one, total in ((kept, 10), (dropped, 32)):
        OrderFactory(customer=one, total=total)
    order_sums.count([kept.pk, dropped.pk])
    before = set(OrderSum.objects.values_list("customer", "total", "orders"))
    row = merge(kept, dropped)
    assert [one.total for one in OrderSum.objects.all()] == [42]

    undo(row)

    assert set(OrderSum.objects.values_list("customer", "total", "orders")) == before
    assert {one.customer_id for one in StaleCustomer.objects.all()} == {
        kept.pk, dropped.pk
    }  # fmt: skip


def test_the_later_turn_counts_and_each_has_its_own_again():
    kept, dropped, survey = CustomerFactory(), CustomerFactory(), survey_asked_by()
    for one, day in ((kept, 1), (dropped, 20)):
        ScheduledAsk.objects.create(
            asking=survey.askings.get(), customer=one, next_on=date(2026, 9, day)
        )

    row = merge(kept, dropped)
    assert ScheduledAsk.objects.get(customer=kept).next_on == date(2026, 9, 20)
    undo(row)

    days = ScheduledAsk.objects.order_by("customer_id").values_list(
        "next_on", flat=True
    )
    assert [day.day for day in days] == [1, 20]


# --- Facts ---------------------------------------------------------------------------


def test_the_chosen_values_count():
    kept = CustomerFactory(given_name="Dana", notes="Tea", custom={"size": "S"})
    dropped = CustomerFactory(given_name="D.", notes="Milk", custom={"size": "L"})

    chosen = dict.fromkeys(("given_name", "email", "custom.size"), Side.DROPPED)
    merge(kept, dropped, choices={**chosen, "notes": Side.BOTH})

    found = Customer.objects.get(pk=kept.pk)
    assert (found.given_name, found.notes) == ("D.", "Tea\n\nMilk")
    assert (found.email_norm, found.custom) == (dropped.email_norm, {"size": "L"})
    assert "d levi" in found.search_text


def test_an_empty_value_can_be_chosen():
    kept = CustomerFactory(notes="Wrong", since_on=date(2020, 1, 1), since_from="given")
    dropped = CustomerFactory(notes="", since_on=None, since_from="entered")

    merge(kept, dropped, choices={"notes": Side.DROPPED, "since_on": Side.DROPPED})

    found = Customer.objects.get(pk=kept.pk)
    assert (found.notes, found.since_on) == ("", None)
    assert found.since_from == SinceFrom.ENTERED


def test_what_was_changed_since_stays():
    kept, dropped = CustomerFactory(notes=""), CustomerFactory(notes="Milk")
    Customer.objects.filter(pk=kept.pk).update(phone_text="", phone_e164="")
    Customer.objects.filter(pk=dropped.pk).update(phone_text="5", phone_e164="+5")
    row = merge(kept, dropped)
    customers.update_customer(
        Customer.objects.get(pk=kept.pk), changes={"notes": "Oats"}, now=LATER
    )

    undo(row)

    found = Customer.objects.get(pk=kept.pk)
    assert (found.notes, found.phone_text) == ("Oats", "")


# --- Consent -------------------------------------------------------------------------


def allowed(customer):
    states = consent.states([customer.pk])[customer.pk]
    return {category.value for category in Category if states[category].allowed}


@pytest.mark.parametrize("when", ["before", "between"])
@pytest.mark.parametrize("side", ["kept", "dropped"])
def test_what_was_stopped_stays_stopped_on_both_sides(side, when):
    both = {"kept": CustomerFactory(), "dropped": CustomerFactory()}
    whose = both[side]
    if when == "before":
        consent.withdraw(whose, categories=[Category.SURVEY], how="stop_page", now=NOW)
    row = merge(both["kept"], both["dropped"])
    if when == "between":
        consent.withdraw(both["kept"], categories=[Category.SURVEY], how="stop_page",
                         now=LATER)  # fmt: skip

    undo(row)

    for one in both.values():
        assert "survey" not in allowed(one)


def test_a_yes_of_the_other_record_goes_back_with_it():
    kept, dropped = CustomerFactory(), CustomerFactory()
    consent.grant(dropped, categories=[Category.MARKETING], how="preference_page",
                  now=NOW)  # fmt: skip
    row = merge(kept, dropped)
    assert "marketing" in allowed(kept)

    undo(row)

    assert "marketing" not in allowed(kept)
    assert "marketing" in allowed(dropped)


def test_a_yes_that_was_given_since_stays_with_the_kept_record_alone():
    kept, dropped = CustomerFactory(), CustomerFactory()
    row = merge(kept, dropped)
    consent.grant(kept, categories=[Category.MARKETING], how="preference_page",
                  now=LATER)  # fmt: skip

    undo(row)

    assert ("marketing" in allowed(kept), "marketing" in allowed(dropped)) == (
        True, False
    )  # fmt: skip


def test_the_ledger_is_only_appended_to():
    kept, dropped = customer_with_everything("Ann"), customer_with_everything("Beth")
    before = list(Consent.objects.order_by("pk").values())

    undo(merge(kept, dropped))

    assert list(Consent.objects.order_by("pk").values())[: len(before)] == before


@pytest.mark.parametrize("state", ["planned", "claimed"])
def test_planned_mail_is_left_to_the_next_sweep(state):
    kept, dropped = CustomerFactory(), CustomerFactory()
    row = merge(kept, dropped)
    lease = {"claim_token": uuid.uuid4(), "lease_until": LATER, "counted_at": NOW}
    mail = MessageFactory(
        customer=kept, state=state, **(lease if state == "claimed" else {})
    )

    undo(row)

    mail.refresh_from_db()
    assert (mail.state, mail.reason_code) == ("superseded", "records_parted")


# --- When it is refused --------------------------------------------------------------


def test_twice_is_refused_and_changes_nothing():
    kept, dropped = CustomerFactory(), CustomerFactory()
    row = merge(kept, dropped)
    undo(row)
    before = Customer.objects.get(pk=kept.pk).version

    with pytest.raises(MergeOver):
        undo(row)

    assert Customer.objects.get(pk=kept.pk).version == before
    assert not MergeMove.objects.exists()
    assert CustomerMerge.objects.get().before == {}


@pytest.mark.parametrize(("age", "works"), [(29, True), (30, False)])
def test_after_thirty_days_it_is_too_late(age, works):
    row = merge(CustomerFactory(), CustomerFactory())
    now = NOW + timedelta(days=age)

    if works:
        retention.purge(now=now)
        undo(row, now=now)
    else:
        # Whether the purge was here already or not.
        with pytest.raises(MergeOver):
            undo(row, now=now)
        retention.purge(now=now)
        with pytest.raises(MergeOver):
            undo(row, now=now)
    assert CustomerMerge.objects.exists() == works


def test_a_record_that_was_merged_on_comes_apart_from_the_outside():
    first, second, third = CustomerFactory(), CustomerFactory(), CustomerFactory()
    order = OrderFactory(customer=third)
    inner = merge(second, third)
    outer = merge(first, second)

    with pytest.raises(MergedOnSince):
        undo(inner)
    undo(outer)
    third.refresh_from_db()
    assert third.merged_into_id == second.pk
    undo(inner)

    order.refresh_from_db()
    third.refresh_from_db()
    assert (order.customer_id, third.is_live) == (third.pk, True)


def test_erasing_the_person_ends_it():
    kept, dropped = CustomerFactory(), CustomerFactory()
    row = merge(kept, dropped)
    personal_data.erase(kept, now=NOW)

    with pytest.raises(MergeOver):
        undo(row)
    assert not CustomerMerge.objects.exists()


def test_a_record_that_is_erased_alone_is_not_brought_back():
    kept, dropped = CustomerFactory(), CustomerFactory()
    row = merge(kept, dropped)
    Customer.objects.filter(pk=dropped.pk).update(erased_at=NOW)

    with pytest.raises(CustomerGone):
        undo(row)


def test_the_audit_names_both_and_keeps_what_was():
    kept, dropped = CustomerFactory(), CustomerFactory()

    undo(merge(kept, dropped))

    found = AuditEntry.objects.filter(action="customer.merge_undone")
    assert {entry.customer_id for entry in found} == {kept.pk, dropped.pk}
    assert AuditEntry.objects.filter(action="customer.merged").count() == 2


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("kept_id = dropped_id", "merge_of_two_records"),
        ("undone_at = merged_at - interval '1 day'", "merge_undone_afterwards"),
    ],
)
def test_the_database_refuses_what_is_wrong(change, name):
    merge(CustomerFactory(), CustomerFactory())

    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE crm_customermerge SET {change}")


def test_a_record_is_merged_once_at_a_time():
    row = merge(CustomerFactory(), CustomerFactory())

    with pytest.raises(IntegrityError, match="merge_standing_once"):
        CustomerMerge.objects.create(
            kept=CustomerFactory(), dropped=row.dropped, merged_at=NOW
        )


def test_orders_of_all_are_still_there():
    kept, dropped = customer_with_everything("Ann"), customer_with_everything("Beth")
    before = set(Order.objects.values_list("pk", "total"))

    undo(merge(kept, dropped))

    assert set(Order.objects.values_list("pk", "total")) == before
