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
from crm.signals import subscriptions_changed
from tests.crm.exporting import content, exported
from tests.crm.importing import NOW, counts, file_of, refusals, take_customers
from tests.crm.test_import_pages import form_of, hand_up, press_through
from tests.crm.test_import_undo import kept, last_run, undo
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


def contracts():
    return [
        *Subscription.objects.order_by("external_id").values_list(
            *("external_id", "customer", "plan", "value", "currency", "state"),
            *("started_on", "renewed_on", "cancelled_on", "reason"),
        ),
        *SubscriptionChange.objects.order_by(
            "subscription__external_id", "happened_on", "pk"
        ).values_list(
            *("subscription__external_id", "kind", "happened_on", "happened_at"),
            *("plan", "value", "reason"),
        ),
    ]


def test_what_is_exported_comes_back_as_it_was(tmp_path):
    """All that may happen to a contract, some of it on one day and some ahead."""
    one, two = CustomerFactory(external_id="C1"), CustomerFactory(external_id="C2")
    given = {"plan": "Pro", "value": Decimal("29.9"), "started_on": date(2026, 1, 1)}
    first, _ = subscriptions.start(customer=one, now=NOW, **given)
    subscriptions.change(first, plan="Max", value=Decimal("39.9"), **on(3))
    subscriptions.renew(first, **on(4))
    for _ in range(2):
        subscriptions.pause(first, reason="Away", **on(5))
        subscriptions.resume(first, **on(5))
    subscriptions.renew(first, value=Decimal("42.5"), **on(6))
    subscriptions.pause(first, **on(7))
    subscriptions.cancel(first, reason="=too dear", **on(8))
    second, _ = subscriptions.start(customer=two, now=NOW, **given)
    subscriptions.cancel(second, on=date(2027, 4, 1), now=NOW)
    subscriptions.resume(second, on=date(2027, 4, 1), now=NOW)
    third, _ = subscriptions.start(customer=two, now=NOW, **given)
    subscriptions.pause(third, reason="Moving house", **on(9))
    before = contracts()
    file = content(exported("contracts"))
    again = take(tmp_path, file)
    assert (counts(again), again.refused, dict(again.notes)) == ((0, 0, 15), 0, {})
    assert contracts() == before
    SubscriptionChange.objects.all().delete()
    Subscription.objects.all().delete()

    report = take(tmp_path, file)

    assert (report.created, report.refused, dict(report.notes)) == (3, 0, {})
    assert contracts() == before


def test_what_cannot_have_happened_stays_out_with_what_follows(tmp_path):
    CustomerFactory(external_id="C1")
    head = "subscription_id,customer_id,happened,plan,mrr,started_on,changed_on\n"
    rows = [
        "K1,C1,Signed,Pro,15,2026-01-01,",
        "K1,C1,Suspended,Pro,,2026-01-01,2026-03-01",
        "K1,C1,Upgrade,Max,20,2026-01-01,2026-04-01",
        "K1,C1,resumed,Pro,15,2026-01-01,2026-05-01",
        "K1,C1,vanished,Pro,15,2026-01-01,2026-05-01",
        "K1,C1,,Pro,15,2026-01-01,2026-05-01",
        "K1,C1,renewal,Pro,15,2026-01-01,",
        "K1,C1,renewal,Pro,15,2026-01-01,2025-12-01",
    ]

    report = take(tmp_path, head + "".join(f"{row}\n" for row in rows))

    assert dict(report.notes) == {"contract_out_of_turn": 2}
    assert "before" in note_in_words("contract_out_of_turn")
    assert refusals(report) == dict.fromkeys(
        ["happened_unknown", "happened_missing", "changed_missing",
         "changed_before_started"], 1,
    )  # fmt: skip
    assert all(in_words(code) != code for code in report.refused_by_reason)
    assert history() == [
        ("started", "2026-01-01", "Pro", "15"),
        ("paused", "2026-03-01", "Pro", "0"),
    ]
    assert Subscription.objects.get().state == "paused"
    said = {"value_map": {"happened": {"vanished": "cancelled"}}}
    gone = "K1,C1,vanished,Pro,,2026-01-01,2026-06-01\n"
    assert counts(take(tmp_path, head + gone, **said)) == (0, 1, 0)
    assert Subscription.objects.get().cancelled_on == date(2026, 6, 1)


def test_it_is_undone_but_for_what_happened_since(tmp_path):
    dana = CustomerFactory(external_id="C1")
    owner = UserFactory(role="owner")
    take(tmp_path, HEAD + "K1,C1,Pro,10,2026-01-01,,\nK2,C1,Pro,10,2026-01-01,,\n")
    before = contracts()
    take(
        tmp_path,
        HEAD + "K1,C1,Max,20,2026-01-01,,2026-03-01\n"
        "K1,C1,Max,20,2026-01-01,2026-06-01,\nK2,C1,Pro,10,2026-01-01,,\n"
        "K3,C1,Pro,5,2026-02-01,,\nK4,C1,Pro,5,2026-02-01,,\n",
    )
    run = last_run()
    used = Subscription.objects.get(external_id="K4")
    subscriptions.pause(used, on=date(2026, 11, 1), now=NOW)
    stays = [row for row in contracts() if row[0] == "K4"]
    heard = []

    def listen(ids, customer_ids, **_):
        heard.append((len(ids), customer_ids))

    subscriptions_changed.connect(listen)
    try:
        undone = undo(run, owner)
    finally:
        subscriptions_changed.disconnect(listen)

    assert undone.undo_counts == {"removed": 1, "restored": 1, "kept": 1}
    assert kept(run) == {("contract", "K4"): "It was changed since."}
    assert [row for row in contracts() if row[0] != "K4"] == before
    assert [row for row in contracts() if row[0] == "K4"] == stays
    assert heard == [(2, [dana.pk])]
    logged = AuditEntry.objects.filter(action="subscription.import_undone")
    assert logged.filter(customer_id=dana.pk).count() == 2


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
    assert "can be taken back for seven days" in tried.content.decode()
    assert "See the contracts" in done.content.decode()
    assert Subscription.objects.get().started_on == date(2025, 3, 31)


def test_what_was_taken_along_is_known_by_its_columns(client):
    CustomerFactory(external_id="C1")
    client.force_login(UserFactory(role="owner"))

    draft = hand_up(client, HEAD + "K1,C1,Pro,29.9,2026-01-01,,\n")

    assert (draft.kind, draft.options["mapping"]["value"]) == ("subscriptions", "mrr")
