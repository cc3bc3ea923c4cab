"""The admin: every model, few queries, no COUNT of a table, ledgers read-only."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import (
    ApiToken,
    AuditEntry,
    Customer,
    FollowUp,
    Product,
    ProductRule,
    User,
)
from crm.rules.search import search_text
from tests.factories import CustomerFactory, ProductFactory, UserFactory
from tests.pages import read

OURS = ("crm", "messaging", "support", "surveys", "feedback", "loyalty", "insights")
NEVER_SHOWN = {
    "AddressKey",
    "ApiAnswer",
    "AttemptCounter",
    "Customer_tags",
    "RecoveryCode",
    "Refusal",
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
    "SuggestionRefusal",
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


@pytest.mark.slow
def test_every_model_has_a_list_without_a_count_of_the_table(page):
    wrong = {}
    for model in MODELS:
        with CaptureQueriesContext(connection) as seen:
            answer = page.get(path_of(model))
        read(answer, 'id="changelist"')
        whole = f'COUNT(*) AS "__count" FROM "{model._meta.db_table}"'
        counted = [query for query in seen if query["sql"].endswith(whole)]
        if counted or len(seen) > 9:
            wrong[model.__name__] = [query["sql"] for query in seen]

    assert wrong == {}


def test_nothing_is_deleted_from_a_ledger(rf, owner):
    request = rf.get("/")
    request.user = owner
    assert set(MODELS) <= set(admin.site._registry), "each needs a page in <app>/admin"
    ledgers = {model.__name__: model for model in MODELS if model.__name__ in LEDGERS}
    pages = {name: admin.site._registry[model] for name, model in ledgers.items()}
    may = {
        name: (
            page.has_delete_permission(request),
            page.has_change_permission(request),
            page.has_add_permission(request),
        )
        for name, page in pages.items()
    }

    assert may == dict.fromkeys(LEDGERS, (False, False, False))


def test_a_longer_list_needs_no_more_queries(page):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            shown = read(page.get(path_of(Customer)))
        return shown.count('class="field-'), len(seen)

    CustomerFactory()
    cells, few = queries()
    CustomerFactory.create_batch(20)
    more_cells, many = queries()

    assert more_cells == 21 * cells > 0
    assert many == few


def form_of(page, customer):
    """What the form of this customer sends when nothing is changed."""
    form = page.get(path_of(Customer, "change", customer.pk))
    form = form.context["adminform"].form
    return {name: form.initial.get(name) or "" for name in form.fields}


def test_a_change_in_the_admin_goes_through_the_service(page):
    customer = CustomerFactory(given_name="Dana")
    values = {**form_of(page, customer), "given_name": "Dina"}

    page.post(path_of(Customer, "change", customer.pk), values)

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
    forged = {"erased_at_0": "2020-01-01", "external_id": "forged"}
    values = {**form_of(page, customer), **forged, "given_name": "Dina"}

    page.post(path_of(Customer, "change", customer.pk), values)

    customer.refresh_from_db()
    assert (customer.given_name, customer.version) == ("Dina", 2), "it was saved"
    assert customer.erased_at is None
    assert customer.external_id != "forged"


def test_an_action_calls_the_service_and_shows_refusals(page):
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


# --- People ---------------------------------------------------------------------------


def colleague(**fields):
    user = UserFactory(**{"email": "omer@shop.example", "role": "agent", **fields})
    user.set_password("the old password")
    user.save()
    return user


def saved(page, user, **fields):
    values = {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "language": "",
        "time_zone": "",
        "is_active": "on",
        **fields,
    }
    return page.post(path_of(User, "change", user.pk), values, follow=True)


def entries():
    return list(
        AuditEntry.objects.order_by("pk").values_list(
            "action", "subject", "fields", "via"
        )
    )


def test_the_button_beside_a_password_leads_to_a_page_that_sets_one(page):
    user = colleague()
    shown = page.get(path_of(User, "change", user.pk)).content.decode()
    url = f"/admin/crm/user/{user.pk}/password/"
    assert 'href="../password/"' in shown
    assert "omer@shop.example" in page.get(url).content.decode()
    theirs = Client()
    theirs.force_login(user)

    short = page.post(url, {"password": "short", "again": "short"})
    new = "a new and long one"
    answer = page.post(url, {"password": new, "again": new}, follow=True)

    assert "too short" in short.content.decode()
    assert "The password is set" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(new)
    assert theirs.get("/").status_code == 302
    assert entries() == [
        ("user.password_changed", f"user:{user.pk}", ["password"], "admin")
    ]


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_only_owners_set_passwords(client, db, role):
    user = colleague()
    client.force_login(UserFactory(role=role))
    new = "a new and long one"

    answer = client.post(
        f"/admin/crm/user/{user.pk}/password/", {"password": new, "again": new}
    )

    assert answer.status_code in (302, 403)
    user.refresh_from_db()
    assert user.check_password("the old password")


@pytest.mark.parametrize("pk", ["password", "0", "-1", "9" * 30, "x"])
def test_there_is_no_password_without_a_user(page, pk):
    assert page.get(f"/admin/crm/user/{pk}/password/").status_code == 404


def test_people_are_changed_through_their_services(page):
    user = colleague()

    saved(page, user, role="analyst", name="Omer B")
    saved(page, User.objects.get(pk=user.pk), is_active="")

    user.refresh_from_db()
    assert (user.role, user.name, user.is_active) == ("analyst", "Omer B", False)
    assert entries() == [
        ("user.role_changed", f"user:{user.pk}", ["role"], "admin"),
        ("user.changed", f"user:{user.pk}", ["name"], "admin"),
        ("user.deactivated", f"user:{user.pk}", ["is_active"], "admin"),
    ]


def test_the_last_owner_stays_in_the_admin_too(page, owner):
    answer = saved(page, owner, role="agent")

    owner.refresh_from_db()
    assert owner.role == "owner"
    assert "Another owner has to do this." in answer.content.decode()


def test_no_one_is_added_with_a_password_that_somebody_else_knows(page):
    assert page.get(path_of(User, "add")).status_code == 403


def test_the_admins_own_page_of_passwords_leads_to_ours(page):
    for answer in (
        page.get("/admin/password_change/"),
        page.post("/admin/password_change/", {"old_password": "x"}),
    ):
        assert answer["Location"] == "/settings/security/"


# --- On record ------------------------------------------------------------------------


def test_what_is_mended_of_a_product_is_one_line_of_the_audit(page):
    product = ProductFactory(name="Ethiopia 1 kg")
    form = page.get(path_of(Product, "change", product.pk)).context["adminform"].form
    values = {name: form.initial.get(name) or "" for name in form.fields}

    page.post(path_of(Product, "change", product.pk), values)
    page.post(
        path_of(Product, "change", product.pk), {**values, "name": "Ethiopia 500 g"}
    )

    product.refresh_from_db()
    assert product.name == "Ethiopia 500 g"
    assert entries() == [
        ("product.changed", f"product:{product.pk}", ["name"], "admin")
    ]


def test_what_is_made_and_deleted_is_on_record_too(page):
    page.post(
        path_of(ProductRule, "add"),
        {"pattern": "SHIP", "source": "main", "nature": "postage", "why": "Postage"},
    )
    rule = ProductRule.objects.get(pattern="SHIP", source="main")
    page.post(path_of(ProductRule, "delete", rule.pk), {"post": "yes"})

    assert not ProductRule.objects.filter(pk=rule.pk).exists()
    assert [(action, subject) for action, subject, *_ in entries()] == [
        ("productrule.created", f"productrule:{rule.pk}"),
        ("productrule.deleted", f"productrule:{rule.pk}"),
    ]


# --- Found ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "finds"), [("owner", True), ("manager", True), ("agent", False)]
)
def test_who_may_use_it_finds_it(client, db, role, finds):
    client.force_login(UserFactory(role=role))

    shown = read(client.get("/settings/"), "Colours")

    assert ('href="/admin/"' in shown) == finds


def test_the_search_box_has_a_label_that_is_read(page):
    shown = page.get(path_of(Customer)).content.decode()

    assert '<label for="searchbar">Search</label>' in shown
