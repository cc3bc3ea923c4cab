"""What is known of a person, on the command line; and who comes back after erasure."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.errors import CustomerGone
from crm.models import AuditEntry, Customer, Order
from crm.services import customers, personal_data
from messaging.services import permission
from tests.crm.importing import (
    ORDER_HEADER,
    file_of,
    refusals,
    take_customers,
    take_orders,
)
from tests.crm.personal_shop import LATER, customer_with_everything
from tests.factories import NOW, CustomerFactory, MessageFactory

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


# --- Coming back ---------------------------------------------------------------------


def test_who_comes_back_is_a_new_person_and_may_be_answered():
    dana = CustomerFactory(external_id="C1", email="d@x.org", email_norm="d@x.org")
    personal_data.erase(dana, now=NOW)

    new = customers.create_customer(external_id="C1", email="d@x.org", now=LATER)

    assert new.pk != dana.pk
    decisions = {
        category: type(permission.decisions(
            [MessageFactory(customer=new, category=category, not_before=LATER)],
            now=LATER).popitem()[1]).__name__
        for category in ("transactional", "survey")
    }  # fmt: skip
    assert decisions == {"transactional": "Go", "survey": "End"}


def take(tmp_path, *lines):
    text = ORDER_HEADER + "\n".join(lines) + "\n"
    return take_orders(file_of(tmp_path, text), create_customers=True)


@pytest.mark.django_db(transaction=True)
def test_who_buys_anew_by_a_file_is_a_new_person(tmp_path):
    """Orders up to the day of the erasure are old ones that come once more."""
    old = CustomerFactory(external_id="C1")
    personal_data.erase(old, now=datetime(2026, 5, 2, 9, tzinfo=UTC))

    report = take(
        tmp_path,
        "O1,C1,2026-05-01,TEA,1,1",
        "O2,C1,2026-05-02,TEA,1,1",
        "O3,C1,2026-05-03,TEA,1,1",
        "O0,C1,2026-04-01,TEA,1,1",
    )

    assert refusals(report) == {"customer_erased": 3}
    new = Order.objects.get(external_id="O3").customer
    assert (new.pk != old.pk, new.external_id) == (True, "C1")
    old.refresh_from_db()
    assert not old.is_live


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["order", "hand"])
def test_a_customer_file_names_the_new_person_from_then_on(tmp_path, by):
    personal_data.erase(CustomerFactory(external_id="C1"), now=BEFORE)
    row = "external_id,name\nC1,Dana Levi\n"
    assert refusals(take_customers(file_of(tmp_path, row))) == {"customer_erased": 1}

    if by == "order":
        take(tmp_path, "O3,C1,2026-11-03,TEA,1,1")
    else:
        customers.create_customer(external_id="C1", now=NOW)

    assert refusals(take_customers(file_of(tmp_path, row))) == {}
    assert Customer.objects.get(external_id="C1").given_name == "Dana"


@pytest.mark.django_db(transaction=True)
def test_the_same_number_of_another_shop_is_another_person(tmp_path):
    personal_data.erase(CustomerFactory(external_id="C1", source="shop"), now=BEFORE)

    assert take_customers(file_of(tmp_path, "external_id,name\nC1,Dana\n")).created == 1


# --- Export --------------------------------------------------------------------------


def test_the_export_shows_every_text_of_the_person():
    dana = customer_with_everything("Zanzibar")

    known = personal_data.export(dana, now=NOW)

    output = json.dumps(known, default=str)
    assert {f"Zanzibar {end}" for end in ("notes", "tag", "b", "vb", "why", "t",
            "said so", "comment", "old", "body", "rb", "note")
            if f"Zanzibar {end}" not in output} == set()  # fmt: skip
    assert known["customer"][0]["birth_day"] == 12
    assert known["order_lines"][0]["product_name"] == "Ethiopia 1 kg"
    assert AuditEntry.objects.filter(action="customer.exported").count() == 1


def test_the_export_reveals_nothing_of_others():
    customer_with_everything("Timbuktu")
    dana = customer_with_everything("Zanzibar")

    assert "Timbuktu" not in json.dumps(
        personal_data.export(dana, now=NOW), default=str
    )


def test_the_command_writes_json():
    dana = customer_with_everything()
    out = StringIO()

    call_command("export_customer", str(dana.pk), stdout=out)

    known = json.loads(out.getvalue())
    assert known["customer"][0]["email"] == "Zanzibar@example.org"
    assert known["orders"][0]["total"] == "24.0000"
    assert AuditEntry.objects.get(action="customer.exported").via == "command"


def erased_by_command(customer, *options):
    out = StringIO()
    call_command("erase_customer", str(customer.pk), *options, stdout=out)
    customer.refresh_from_db()
    return customer.erased_at is not None, out.getvalue()


def test_the_command_erases_after_the_number_was_typed(monkeypatch):
    dana = CustomerFactory()
    monkeypatch.setattr("builtins.input", lambda words: str(dana.pk))

    assert erased_by_command(dana) == (True, f"Customer {dana.pk} is erased.\n")
    entry = AuditEntry.objects.get(action="customer.erased")
    assert (entry.actor_kind, entry.via) == ("system", "command")


@pytest.mark.parametrize("typed", ["yes", "", "0"])
def test_the_command_changes_nothing_for_another_answer(monkeypatch, typed):
    dana = CustomerFactory()
    monkeypatch.setattr("builtins.input", lambda words: typed)

    with pytest.raises(CommandError, match=r"^Nothing was changed\.$"):
        erased_by_command(dana)

    dana.refresh_from_db()
    assert dana.is_live


def test_a_script_is_not_asked():
    assert erased_by_command(CustomerFactory(), "--yes")[0]


def test_nothing_is_exported_of_an_erased_person():
    dana = CustomerFactory()
    personal_data.erase(dana, now=NOW)

    with pytest.raises(CustomerGone):
        personal_data.export(dana, now=NOW)
    with pytest.raises(CommandError, match="merged or erased"):
        call_command("export_customer", str(dana.pk))
    with pytest.raises(CommandError, match="erased already"):
        call_command("erase_customer", str(dana.pk))
    with pytest.raises(CommandError, match="There is no customer"):
        call_command("export_customer", "0")
