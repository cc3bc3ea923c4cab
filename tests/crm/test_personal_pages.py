"""The pages that show what is known of a person, and that erase them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from crm.models import AuditEntry, Customer
from messaging.models import Message
from tests.crm.personal_shop import customer_with_everything
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.pages import read

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(client):
    client.force_login(UserFactory(role="manager"))
    with time_machine.travel(NOW, tick=False):
        yield


def url(name, customer):
    return reverse(f"crm:{name}", args=[customer.pk])


def test_the_page_shows_everything_in_the_persons_language(client):
    dana = customer_with_everything("Zanzibar")
    Customer.objects.filter(pk=dana.pk).update(language="he")

    answer = client.post(url("personal-data", dana), {"as": "page"})

    read(answer, '<html lang="he"', 'dir="rtl"', "Zanzibar notes", "Zanzibar comment",
         "Zanzibar t", "Ethiopia 1 kg", "Zanzibar said so", "1980")  # fmt: skip
    assert answer["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get(action="customer.exported")
    assert (entry.actor_kind, entry.via, entry.customer_id) == ("user", "web", dana.pk)


def test_the_file_holds_the_same_as_the_command(client):
    dana = customer_with_everything("Zanzibar")

    answer = client.post(url("personal-data", dana), {"as": "json"})

    known = json.loads(answer.content)
    assert known["customer"][0]["notes"] == "Zanzibar notes"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="customer-{dana.pk}.json"'
    )
    assert answer["Cache-Control"] == "no-store"


def test_looking_how_much_there_is_hands_nothing_out(client):
    dana = customer_with_everything("Zanzibar")

    page = read(client.get(url("personal-data", dana)), "Conversations: 1")

    assert "Zanzibar notes" not in page
    assert not AuditEntry.objects.filter(action="customer.exported").exists()


def test_the_page_before_erasure_shows_what_goes_and_whom_it_meets(client):
    dana = customer_with_everything("Zanzibar")
    ben = CustomerFactory(
        given_name="Ben", email=dana.email, email_norm=dana.email_norm
    )

    page = read(client.get(url("customer-erase", dana)))

    assert "Conversations: 1" in page
    assert "Orders: 2" in page
    assert ben.get_absolute_url() in page
    assert Customer.objects.get(pk=dana.pk).is_live


def test_a_ticked_box_erases(client):
    dana = CustomerFactory()

    answer = client.post(url("customer-erase", dana), {"is_sure": "on"})

    assert (answer.status_code, answer["Location"]) == (
        303,
        reverse("desk:customer-list"),
    )
    assert Customer.objects.get(pk=dana.pk).erased_at == NOW
    assert client.get(dana.get_absolute_url()).status_code == 410
    assert client.get(url("customer-erase", dana)).status_code == 404
    assert client.get(url("personal-data", dana)).status_code == 404


def test_without_the_box_nothing_happens(client):
    dana = CustomerFactory()

    answer = client.post(url("customer-erase", dana), {})

    read(answer, "Tick the box", status=422)
    assert Customer.objects.get(pk=dana.pk).is_live


def test_a_mail_that_leaves_now_is_reported_and_nothing_is_changed(client):
    dana = CustomerFactory()
    MessageFactory(customer=dana, state="handed", handed_at=NOW, counted_at=NOW,
                   claim_token="2b1f3f0e-0000-4000-8000-000000000000",
                   lease_until=NOW + timedelta(minutes=5))  # fmt: skip

    answer = client.post(url("customer-erase", dana), {"is_sure": "on"})

    read(answer, "try again in a minute", status=409)
    assert Customer.objects.get(pk=dana.pk).is_live
    assert Message.objects.get(customer=dana).state == "handed"


@pytest.mark.parametrize(("role", "is_there"), [("manager", True), ("agent", False)])
def test_the_customers_page_leads_there_who_may(client, role, is_there):
    client.force_login(UserFactory(role=role))
    dana = CustomerFactory()

    page = read(client.get(dana.get_absolute_url()), dana.full_name)

    assert (url("customer-erase", dana) in page) is is_there
    assert (url("personal-data", dana) in page) is is_there
