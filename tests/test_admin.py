"""The admin: every model, few queries, no COUNT of a table, ledgers read-only."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import ApiToken, Customer, FollowUp, User
from crm.rules.search import search_text
from tests.factories import CustomerFactory, UserFactory

OURS = ("crm", "messaging", "surveys", "feedback", "loyalty")
NEVER_SHOWN = {
    "AddressKey",
    "ApiAnswer",
    "AttemptCounter",
    "Customer_tags",
    "RecoveryCode",
    "StaffSession",
}
MODELS = [
    model
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if model.__name__ not in NEVER_SHOWN
]
LEDGERS = {
    "Message",
    "Body",
    "Consent",
    "Suppression",
    "Link",
    "AuditEntry",
    "Interaction",
    "InteractionVersion",
    "Response",
    "ResponseVersion",
    "Review",
    "ReviewVersion",
    "NextPurchase",
    "ReminderItem",
    "ReorderRefusal",
}


@pytest.fixture
def owner(db):
    return UserFactory(role="owner")


@pytest.fixture
def page(owner):
    client = Client()
    client.force_login(owner)
    # The first page of a session also notes the session.
    client.get("/settings/security/")
    return client


def path_of(model, verb="changelist", *args):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{verb}"
    return reverse(name, args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_has_a_list_without_a_count_of_the_table(
    page, model, django_assert_max_num_queries
):
    with django_assert_max_num_queries(9) as seen:
        answer = page.get(path_of(model))

    assert answer.status_code == 200
    whole = f'COUNT(*) AS "__count" FROM "{model._meta.db_table}"'
    assert not [query for query in seen if query["sql"].endswith(whole)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nothing_is_deleted_from_a_ledger(rf, owner, model):
    request = rf.get("/")
    request.user = owner
    page = admin.site._registry[model]

    if model.__name__ in LEDGERS:
        assert not page.has_delete_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_add_permission(request)


def test_a_longer_list_needs_no_more_queries(page):
    def queries():
        with CaptureQueriesContext(connection_of()) as seen:
            page.get(path_of(Customer))
        return len(seen)

    CustomerFactory()
    few = queries()
    CustomerFactory.create_batch(20)

    assert queries() == few


def connection_of():
    from django.db import connection

    return connection


def test_a_change_in_the_admin_goes_through_the_service(page):
    customer = CustomerFactory(given_name="Dana")
    form = page.get(path_of(Customer, "change", customer.pk))
    values = {
        name: form.context["adminform"].form.initial.get(name) or ""
        for name in form.context["adminform"].form.fields
    }

    page.post(
        path_of(Customer, "change", customer.pk), {**values, "given_name": "Dina"}
    )

    customer.refresh_from_db()
    assert (customer.given_name, customer.version) == ("Dina", 2)
    assert "dina" in customer.search_text


@pytest.mark.parametrize("typed", ["O'Brien", "obri", "DANA o'b", "dana.o@example"])
def test_a_customer_is_found_in_the_admin_as_on_the_list(page, typed):
    wanted = {"given_name": "Dana", "family_name": "O’Brien"}
    names = search_text(*wanted.values())
    address = {"email": "dana.o@example.org", "email_norm": "dana.o@example.org"}
    CustomerFactory(**wanted, **address, search_text=names)
    CustomerFactory(given_name="Dana", family_name="Levi", email="", email_norm="")

    found = page.get(path_of(Customer, "changelist"), {"q": typed})

    shown = [customer.full_name for customer in found.context["cl"].result_list]
    assert shown == ["Dana O’Brien"]


def test_a_forged_post_to_a_read_only_field_changes_nothing(page):
    customer = CustomerFactory()

    page.post(
        path_of(Customer, "change", customer.pk),
        {"version": "99", "erased_at_0": "2020-01-01", "external_id": "forged"},
    )

    customer.refresh_from_db()
    assert (customer.version == 99, customer.erased_at) == (False, None)
    assert customer.external_id != "forged"


def test_an_action_calls_the_service_and_tells_refusals(page):
    owed = FollowUp.objects.create(
        customer=CustomerFactory(),
        why="Call",
        due_on="2026-11-21",
        created_at="2026-11-21T09:00Z",
    )
    act = {"action": "mark_done", "_selected_action": owed.pk}

    page.post(path_of(FollowUp), act)
    again = page.post(path_of(FollowUp), act, follow=True)

    owed.refresh_from_db()
    assert owed.state == "done"
    assert "closed already" in again.content.decode()


@pytest.mark.parametrize("role", ["agent", "marketer", "analyst"])
def test_other_roles_do_not_reach_the_admin(client, db, role):
    client.force_login(UserFactory(role=role))

    assert client.get("/admin/").status_code == 302


def test_a_manager_does_not_manage_people_or_keys(client, db):
    client.force_login(UserFactory(role="manager"))

    assert client.get(path_of(User)).status_code == 403
    assert client.get(path_of(ApiToken)).status_code == 403
