"""Two records of one person become one, with everything that hangs on either."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Q

from crm.errors import CustomerGone, SameCustomer
from crm.models import AuditEntry, Customer, Order
from crm.personal_rows import Merged, all_rows
from crm.services import merging, orders, personal_data
from loyalty.models import NextPurchase, ReminderItem, ReorderRefusal, StaleCustomer
from messaging.models import Consent, Message
from messaging.rules.choices import Category
from messaging.services import consent
from surveys.models import Invitation
from tests.crm.personal_shop import LATER, customer_with_everything
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    ProductFactory,
)

pytestmark = pytest.mark.django_db


def merged(kept, dropped):
    merging.merge(kept, dropped, now=NOW)
    return Customer.objects.get(pk=kept.pk)


def keys(customer):
    """Those of each kind of row that this record has, and that a merge cares for."""
    return {
        rows.name: set(rows.of([customer.pk]).values_list("pk", flat=True))
        for rows in all_rows()
        if rows.merged is not Merged.STAY
    }


def test_no_row_is_left_with_the_dropped_record():
    kept, dropped = CustomerFactory(), customer_with_everything()
    before = keys(dropped)
    assert all(before.values()), before

    merged(kept, dropped)

    deleted = {rows.name for rows in all_rows() if rows.merged is Merged.DELETE}
    moved = keys(kept)
    assert keys(dropped) == dict.fromkeys(before, set())
    assert [
        name for name in before.keys() - deleted if not before[name] <= moved[name]
    ] == []


def test_everything_of_two_full_records_fits_together():
    kept, dropped = customer_with_everything("Ann"), customer_with_everything("Anne")
    sold = Order.objects.filter(customer__in=[kept, dropped]).count()

    merged(kept, dropped)

    assert Order.objects.filter(customer=kept).count() == sold
    dropped.refresh_from_db()
    assert (dropped.merged_into_id, dropped.is_live) == (kept.pk, False)


def test_messages_of_one_occurrence_both_stay():
    kept, dropped = CustomerFactory(), CustomerFactory()
    for customer in (kept, dropped):
        MessageFactory(customer=customer, occurrence="2026", state="sent", final_at=NOW)
    other = MessageFactory(
        customer=dropped, occurrence="2025", state="sent", final_at=NOW
    )

    merged(kept, dropped)

    found = Message.objects.filter(customer=kept).order_by("pk")
    assert [row.occurrence for row in found] == [
        "2026", f"2026~merge-{dropped.pk}", other.occurrence
    ]  # fmt: skip


def test_a_long_occurrence_keeps_its_end_free_for_the_suffix():
    kept, dropped = CustomerFactory(), CustomerFactory()
    most = Invitation._meta.get_field("occurrence").max_length
    for customer in (kept, dropped):
        InvitationFactory(customer=customer, occurrence="x" * most, message=None)

    merged(kept, dropped)

    second = Invitation.objects.filter(customer=kept).order_by("pk")[1]
    assert len(second.occurrence) == most
    assert second.occurrence.endswith(f"x~{second.pk}~merge-{dropped.pk}")


def test_a_superseded_message_keeps_its_occurrence():
    kept, dropped = CustomerFactory(), CustomerFactory()
    MessageFactory(customer=kept, occurrence="2026", state="sent", final_at=NOW)
    old = MessageFactory(
        customer=dropped, occurrence="2026", state="superseded", final_at=NOW
    )

    merged(kept, dropped)

    old.refresh_from_db()
    assert (old.customer_id, old.occurrence) == (kept.pk, "2026")


def test_what_waited_for_the_dropped_record_is_superseded():
    kept, dropped = CustomerFactory(), CustomerFactory()
    MessageFactory(customer=dropped)
    MessageFactory(customer=dropped, state="claimed", claim_token=uuid.uuid4(),
                   lease_until=NOW, counted_at=NOW)  # fmt: skip
    mine = MessageFactory(customer=kept)

    merged(kept, dropped)

    states = Message.objects.filter(~Q(pk=mine.pk)).values_list("state", "reason_code")
    assert list(states) == [("superseded", "customer_gone")] * 2
    mine.refresh_from_db()
    assert mine.state == "planned"


def test_the_purchases_of_both_are_worked_out_anew():
    kept, dropped = CustomerFactory(), customer_with_everything()

    merged(kept, dropped)

    assert not NextPurchase.objects.exists()
    assert [row.customer_id for row in StaleCustomer.objects.all()] == [kept.pk]


@pytest.mark.parametrize("product", ["one", None])
def test_a_reminder_that_neither_wants_is_refused_once(product):
    kept, dropped = CustomerFactory(), CustomerFactory()
    tea = ProductFactory() if product else None
    for customer in (kept, dropped):
        ReorderRefusal.objects.create(customer=customer, product=tea, made_at=NOW)

    merged(kept, dropped)

    owners = ReorderRefusal.objects.order_by("customer_id")
    assert [row.customer_id for row in owners] == [kept.pk, dropped.pk]


def test_a_purchase_that_both_were_reminded_of_is_listed_once():
    kept, dropped, tea = CustomerFactory(), CustomerFactory(), ProductFactory()
    for customer in (kept, dropped):
        ReminderItem.objects.create(
            customer=customer, product=tea, last_on=NOW.date(), due_on=LATER.date(),
            message=MessageFactory(customer=customer, state="sent", final_at=NOW),
        )  # fmt: skip

    merged(kept, dropped)

    assert ReminderItem.objects.filter(customer=kept).count() == 1
    assert ReminderItem.objects.filter(customer=dropped).count() == 1


# --- Facts ---------------------------------------------------------------------------


def test_the_kept_record_takes_the_facts_that_it_lacks():
    kept = CustomerFactory(
        given_name="Dana", email="", email_norm="", notes="Kept", since_on=None,
        custom={"size": "S"},
    )  # fmt: skip
    dropped = CustomerFactory(
        given_name="D.", email="d@x.org", email_norm="d@x.org", notes="Old",
        birth_month=5, birth_day=12, custom={"size": "L", "fit": "wide"},
    )  # fmt: skip

    found = merged(kept, dropped)

    assert (found.given_name, found.email, found.notes) == ("Dana", "d@x.org", "Kept")
    assert (found.email_norm, found.birth_day) == ("d@x.org", 12)
    assert found.custom == {"size": "S", "fit": "wide"}
    assert (found.since_on, found.version) == (date(2019, 5, 12), 2)
    entry = AuditEntry.objects.get(action="customer.merged", customer_id=kept.pk)
    assert entry.fields == ["birthday", "custom", "email", "since_on"]


def test_the_earlier_day_counts():
    kept = CustomerFactory(since_on=date(2021, 1, 1), since_from="given")
    dropped = CustomerFactory(since_on=date(2018, 1, 1), since_from="given")
    OrderFactory(customer=dropped)

    found = merged(kept, dropped)

    assert (found.since_on, found.since_from) == (date(2018, 1, 1), "given")
    assert found.last_order_on == NOW.date()


def test_tags_of_both_and_search_by_the_kept_name():
    kept, dropped = customer_with_everything("Ann"), customer_with_everything("Beth")

    found = merged(kept, dropped)

    assert {tag.name for tag in found.tags.all()} == {"Ann tag", "Beth tag"}
    assert "beth" not in found.search_text


# --- What they allow -----------------------------------------------------------------


def allowed(customer):
    states = consent.states([customer.pk])[customer.pk]
    return {category.value for category in Category if states[category].allowed}


@pytest.mark.parametrize("side", ["kept", "dropped"])
def test_what_was_stopped_through_either_is_stopped(side):
    both = {"kept": CustomerFactory(), "dropped": CustomerFactory()}
    consent.withdraw(both[side], categories=[Category.SURVEY], how="stop_page", now=NOW)
    MessageFactory(customer=both["kept"])

    found = merged(both["kept"], both["dropped"])

    assert allowed(found) == {"transactional", "loyalty"}
    assert Message.objects.get(customer=found).state == "suppressed" or side == "kept"


def test_a_yes_comes_along_where_the_kept_record_was_never_asked():
    kept, dropped = CustomerFactory(), CustomerFactory()
    consent.grant(dropped, categories=[Category.MARKETING], how="preference_page",
                  now=NOW)  # fmt: skip

    assert "marketing" in allowed(merged(kept, dropped))


def test_a_yes_takes_no_word_of_the_kept_record_back():
    kept, dropped = CustomerFactory(), CustomerFactory()
    consent.withdraw(kept, categories=[Category.MARKETING], how="stop_page", now=NOW)
    consent.grant(dropped, categories=[Category.MARKETING], how="preference_page",
                  now=NOW)  # fmt: skip

    assert "marketing" not in allowed(merged(kept, dropped))


def test_rows_of_consent_are_only_appended():
    kept, dropped = CustomerFactory(), CustomerFactory()
    consent.withdraw(dropped, categories=[Category.SURVEY], how="stop_page", now=NOW)
    before = list(Consent.objects.values())

    merged(kept, dropped)

    assert list(Consent.objects.order_by("pk").values())[: len(before)] == before


# --- Afterwards ----------------------------------------------------------------------


def test_a_third_record_points_to_the_one_that_is_kept_now():
    first, second, third = CustomerFactory(), CustomerFactory(), CustomerFactory()
    merged(second, third)

    merged(first, second)

    pointers = Customer.objects.filter(merged_into=first)
    assert {row.pk for row in pointers} == {second.pk, third.pk}


def test_an_order_by_the_number_of_the_dropped_record_is_the_kept_ones():
    kept, dropped = CustomerFactory(), CustomerFactory(external_id="OLD")
    merged(kept, dropped)
    line = orders.OrderLineInput(sku="TEA", quantity=Decimal(1), unit_price=Decimal(3))

    by_old = Customer.objects.get(external_id="OLD").merged_into
    orders.record_order(customer=by_old, order_id="O1", ordered_at=NOW, lines=[line],
                        now=NOW)  # fmt: skip

    assert Order.objects.get(external_id="O1").customer == kept


def test_erasing_the_kept_record_erases_both():
    kept, dropped = CustomerFactory(), CustomerFactory(given_name="Zanzibar")
    merged(kept, dropped)

    personal_data.erase(kept, now=NOW)

    dropped.refresh_from_db()
    assert (dropped.given_name, dropped.erased_at) == ("", NOW)


def test_the_export_shows_the_consents_of_both():
    kept, dropped = CustomerFactory(), CustomerFactory()
    consent.withdraw(dropped, categories=[Category.SURVEY], how="stop_page", now=NOW)

    known = personal_data.export(merged(kept, dropped), now=NOW)

    assert [row["how"] for row in known["consents"]] == ["stop_page", "merge"]


@pytest.mark.parametrize("gone", ["erased", "merged"])
def test_a_record_that_is_gone_is_not_merged(gone):
    kept, dropped = CustomerFactory(), CustomerFactory()
    if gone == "erased":
        personal_data.erase(dropped, now=NOW)
    else:
        merged(CustomerFactory(), dropped)

    with pytest.raises(CustomerGone):
        merged(kept, dropped)


def test_a_record_is_not_merged_with_itself():
    dana = CustomerFactory()

    with pytest.raises(SameCustomer):
        merged(dana, dana)
