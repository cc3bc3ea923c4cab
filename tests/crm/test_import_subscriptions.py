"""Contracts by file: as they stand, and what happened to them since."""

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from crm.models import AuditEntry, Customer, Subscription, SubscriptionChange
from crm.services import subscriptions
from crm.services.imports.reason_fields import field_of
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.runner import import_subscriptions
from crm.services.imports.running import Options
from tests.crm.exporting import content, exported
from tests.crm.importing import NOW, counts, file_of, refusals, take_customers
from tests.crm.test_import_pages import form_of, hand_up, press_through
from tests.factories import CustomerFactory, UserFactory

TELCO = Path(os.environ.get("PERENNIAL_DATA", "../shared/data"), "telco_churn_ibm.csv")
pytestmark = pytest.mark.django_db
HEAD = "subscription_id,customer_id,plan,mrr,started_on,cancelled_on,changed_on\n"


def take(folder, text, **options):
    return import_subscriptions(
        file_of(folder, text), Options(**options), now=NOW, progress=lambda *_: None
    )


def history():
    rows = SubscriptionChange.objects.order_by("subscription", "happened_on", "pk")
    return [
        (row.kind, row.happened_on.isoformat(), row.plan, str(row.value.normalize()))
        for row in rows
    ]


def test_new_ones_begin_and_known_ones_change_and_end(tmp_path):
    dana = CustomerFactory(external_id="C1")
    first = take(
        tmp_path,
        HEAD + "K1,C1,Pro,29.9,2026-01-01,,\nK1,C1,Pro,39.9,2026-01-01,,2026-03-01\n"
        "K2,C1,Max,5,2026-02-01,2026-12-31,\n",
    )

    assert (first.created, first.refused) == (2, 0)
    row = Subscription.objects.get(external_id="K1")
    assert (row.customer, row.currency, row.value) == (dana, "EUR", Decimal("39.9"))
    assert history() == [
        ("started", "2026-01-01", "Pro", "29.9"),
        ("changed", "2026-03-01", "Pro", "39.9"),
        ("started", "2026-02-01", "Max", "5"),
        ("cancelled", "2026-12-31", "Max", "0"),
    ]
    logged = AuditEntry.objects.filter(customer_id=dana.pk)
    assert sorted(entry.action for entry in logged) == [
        "subscription.cancelled", "subscription.changed",
        "subscription.started", "subscription.started",
    ]  # fmt: skip

    same = HEAD + "K1,C1,Pro,39.9,2026-01-01,,\nK2,C1,Max,5,2026-02-01,2026-12-31,\n"
    assert counts(take(tmp_path, same)) == (0, 0, 2)
    later = HEAD + "K1,C1,Max,39.9,2026-01-01,,\nK2,C1,Max,5,2026-02-01,,\n"
    tried = take(tmp_path, later, dry_run=True)
    assert (counts(tried), len(history())) == ((0, 1, 1), 4)
    report = take(tmp_path, later)
    assert (counts(report), report.notes["contract_over"]) == ((0, 1, 1), 1)
    assert history()[2] == ("changed", "2026-11-21", "Max", "39.9")


def test_what_cannot_be_is_refused_with_its_reason(tmp_path):
    CustomerFactory(external_id="C1")
    CustomerFactory(external_id="C2")
    take(tmp_path, HEAD + "K1,C1,Pro,1,2026-01-01,,\n")
    rows = [
        "K2,C9,Pro,1,2026-01-01,,",
        "K2,,Pro,1,2026-01-01,,",
        "K2,C1,,1,2026-01-01,,",
        "K2,C1,Pro,,2026-01-01,,",
        "K2,C1,Pro,-1,2026-01-01,,",
        "K2,C1,Pro,much,2026-01-01,,",
        "K2,C1,Pro,1,2027-01-01,,",
        "K2,C1,Pro,1,2026-02-30,,",
        "K2,C1,Pro,1,,,",
        "K2,C1,Pro,1,2026-02-01,2026-01-01,",
        "K1,C2,Pro,1,2026-01-01,,",
    ]

    report = take(tmp_path, HEAD + "".join(f"{row}\n" for row in rows))

    assert refusals(report) == dict.fromkeys(
        [
            *("customer_unknown", "customer_missing", "plan_missing", "value_missing"),
            *("value_out_of_range", "value_invalid", "started_date_in_future"),
            *("started_date_invalid", "months_missing", "cancelled_before_started"),
        ],
        1,
    )
    assert all(in_words(code) != code for code in report.refused_by_reason)
    assert field_of("started_date_invalid") == "started_on"
    assert dict(report.notes) == {"contract_of_another": 1}
    assert "another customer" in note_in_words("contract_of_another")
    assert Subscription.objects.count() == 1


def test_months_so_far_count_back_from_the_day_of_the_file(tmp_path):
    CustomerFactory(external_id="C1")
    path = file_of(
        tmp_path, "customerID,tenure,Contract,MonthlyCharges,Churn\nC1,1,Two,9.5,Yes\n"
    )

    call_command("import_subscriptions", path, "--as-of", "2026-03-31")

    row = Subscription.objects.get()
    assert (row.external_id, row.plan, row.state) == ("C1", "Two", "cancelled")
    assert (row.started_on, row.cancelled_on) == (
        date(2026, 2, 28), date(2026, 3, 31)
    )  # fmt: skip


def on(month):
    return {"on": date(2026, month, 1), "now": NOW}


def test_what_is_exported_comes_back_as_it_was(tmp_path):
    """Also what was paused when it ended, or ended and went on: as what it brought."""
    one, two = CustomerFactory(external_id="C1"), CustomerFactory(external_id="C2")
    given = {"plan": "Pro", "value": Decimal("29.9"), "started_on": date(2026, 1, 1)}
    first, _ = subscriptions.start(customer=one, now=NOW, **given)
    subscriptions.change(first, plan="Max", value=Decimal("39.9"), **on(3))
    subscriptions.pause(first, **on(5))
    subscriptions.cancel(first, reason="=too dear", **on(6))
    second, _ = subscriptions.start(customer=two, now=NOW, **given)
    subscriptions.cancel(second, **on(4))
    subscriptions.resume(second, **on(7))
    before, was = history(), brought()
    contracts = Subscription.objects.values_list(
        "external_id", "customer", "state", "value", "cancelled_on", "reason"
    ).order_by("external_id")
    stood = list(contracts)
    file = content(exported("contracts"))
    again = take(tmp_path, file)
    assert (counts(again), again.refused, dict(again.notes)) == ((0, 0, 7), 0, {})
    assert history() == before
    SubscriptionChange.objects.all().delete()
    Subscription.objects.all().delete()

    report = take(tmp_path, file)

    assert (report.created, report.refused, list(contracts)) == (2, 0, stood)
    assert brought() == was


def brought():
    """What each contract brings from each day on."""
    rows = SubscriptionChange.objects.order_by("happened_on", "pk")
    found = rows.values_list("subscription__external_id", "happened_on", "value")
    return {(number, day): value for number, day, value in found}


@pytest.mark.slow
@pytest.mark.skipif(not TELCO.exists(), reason=f"{TELCO.name} is not here")
def test_the_telco_file_is_contracts(tmp_path):
    take_customers(TELCO, mapping={"external_id": "customerID"})

    report = import_subscriptions(
        TELCO, Options(as_of="2026-11-01", defaults={"currency": "USD"}), now=NOW,
        progress=lambda *_: None,
    )  # fmt: skip

    with TELCO.open() as file:
        known = list(csv.DictReader(file))
    assert (report.created, report.refused) == (len(known), 0)
    ended = Subscription.objects.filter(state="cancelled", cancelled_on="2026-11-01")
    assert ended.count() == sum(row["Churn"] == "Yes" for row in known)
    worth = sum(Subscription.objects.values_list("value", flat=True))
    assert worth == sum(Decimal(row["MonthlyCharges"]) for row in known)
    starts = Subscription.objects.get(external_id="5575-GNVDE").started_on
    assert starts == date(2024, 1, 1)
    assert Customer.objects.filter(subscriptions=None).count() == 0


def test_the_pages_know_such_a_file_and_ask_for_its_day(client, tmp_path):
    CustomerFactory(external_id="7590-VHVEG")
    client.force_login(UserFactory(role="owner"))
    head = "customerID,tenure,Contract,PaperlessBilling,MonthlyCharges,Churn\n"

    draft = hand_up(client, head + "7590-VHVEG,12,Two year,Yes,29.85,No\n")

    assert (draft.kind, draft.preset) == ("subscriptions", "ibm-telco-churn")
    page = client.get(f"/imports/{draft.pk}/").content.decode()
    assert "The day that the file is of" in page
    assert draft.options["mapping"]["months"] == "tenure"
    refused = client.post(
        f"/imports/{draft.pk}/", {**form_of(client, draft), "as_of": "soon"}
    )
    assert refused.status_code == 422
    tried, done = press_through(client, draft, as_of="2026-03-31")
    assert "What an import of this kind brought stays." in tried.content.decode()
    assert "See the contracts" in done.content.decode()
    assert Subscription.objects.get().started_on == date(2025, 3, 31)


def test_what_was_taken_along_is_known_by_its_columns(client):
    CustomerFactory(external_id="C1")
    client.force_login(UserFactory(role="owner"))

    draft = hand_up(client, HEAD + "K1,C1,Pro,29.9,2026-01-01,,\n")

    assert (draft.kind, draft.options["mapping"]["value"]) == ("subscriptions", "mrr")
