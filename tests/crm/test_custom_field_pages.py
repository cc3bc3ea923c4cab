"""The pages of fields that staff make, and the fields on the pages of customers."""

import pytest

from crm.models import Customer, CustomField
from crm.services import custom_fields, customers
from tests.desk.conftest import NOW, at_noon, make_customer, sign_up
from tests.pages import read

pytestmark = pytest.mark.django_db
LIST = "/settings/fields/"
__all__ = ["at_noon"]


@pytest.fixture
def owner(db):
    return sign_up("ora", "owner")


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def tea(owner):
    return custom_fields.create(
        label="Tea", kind="choice", choices=["Green", "Black"], by=owner, now=NOW
    )


def make(owner, label, kind, **more):
    return custom_fields.create(label=label, kind=kind, by=owner, now=NOW, **more)


def fill(customer, **values):
    changes = {f"custom.{key}": value for key, value in values.items()}
    return customers.update_customer(customer, changes=changes, now=NOW)


# --- Settings ------------------------------------------------------------------------


def test_a_field_is_made_with_its_choices(page):
    answer = page.post(
        f"{LIST}new/",
        {"label": "Tea", "kind": "choice", "choices": "Green\n\nBlack\n",
         "help_text": "What they drink", "place": "facts"},
    )  # fmt: skip

    field = CustomField.objects.get()
    assert answer.url == f"{LIST}{field.pk}/"
    assert [one["label"] for one in field.choices] == ["Green", "Black"]
    assert (field.place, field.help_text) == ("facts", "What they drink")


def test_a_name_that_is_taken_is_said_beside_it(page, tea):
    answer = page.post(f"{LIST}new/", {"label": "tea", "kind": "text", "place": "form"})

    assert "Another field is called this" in read(answer, status=422)


def test_a_field_is_renamed_and_its_choices_are_too(page, tea):
    answer = page.post(
        f"{LIST}{tea.pk}/",
        {"label": "Brew", "place": "panel", "version": 1, "in_list": "on",
         "choice_0": "Sencha", "offered_0": "on", "choice_1": "Black",
         "choices": "Oolong"},
    )  # fmt: skip

    assert answer.url == LIST
    tea.refresh_from_db()
    assert (tea.label, tea.key, tea.in_list) == ("Brew", "tea", True)
    assert [(one["key"], one["label"], one["is_offered"]) for one in tea.choices] == [
        ("green", "Sencha", True),
        ("black", "Black", False),
        ("oolong", "Oolong", True),
    ]


def test_two_who_change_a_field_at_once_are_told(page, owner, tea):
    custom_fields.change(tea, changes={"label": "X"}, version=1, by=owner, now=NOW)
    sent = {"label": "Brew", "place": "panel", "version": 1, "choice_0": "Green",
            "offered_0": "on", "choice_1": "Black"}  # fmt: skip

    answer = page.post(f"{LIST}{tea.pk}/", sent)

    assert "Somebody else changed this" in read(answer, status=422)
    assert 'name="version" value="2"' in answer.content.decode()


def test_archiving_asks_with_the_number_of_values_and_can_be_undone(page, tea):
    fill(make_customer("Dana"), tea="green")

    asked = page.get(f"{LIST}{tea.pk}/archive/")
    assert "1 customer has a value of it." in read(asked)
    assert CustomField.objects.get().archived_at is None

    done = page.post(f"{LIST}{tea.pk}/archive/", follow=True)
    assert f"{LIST}{tea.pk}/restore/" in done.content.decode()
    assert page.get(f"{LIST}{tea.pk}/").status_code == 404
    page.post(f"{LIST}{tea.pk}/restore/")

    assert CustomField.objects.get().archived_at is None
    assert Customer.objects.get().custom == {"tea": "green"}


def test_the_list_orders_the_fields(page, owner, tea):
    cups = make(owner, "Cups", "number")

    page.post(f"{LIST}{cups.pk}/move/", {"to": "up"})

    text = read(page.get(LIST))
    assert text.index("custom.cups") < text.index("custom.tea")


# --- The customer page ---------------------------------------------------------------


def test_a_field_stands_in_its_place_with_what_the_customer_has(page, owner, tea):
    make(owner, "Shop", "link", place="facts")
    make(owner, "Secret", "text", place="form")
    dana = fill(make_customer("Dana"), tea="green", shop="kettle.example")

    answer = page.get(dana.get_absolute_url())

    text = read(answer)
    assert "Further facts" in text
    assert "Green" in text
    assert "Secret" not in text
    assert 'href="https://kettle.example" rel="noopener' in answer.content.decode()


def test_without_fields_there_is_no_further_section(page):
    assert "Further facts" not in read(page.get(make_customer("D").get_absolute_url()))


KINDS = {
    "text": ("Likes rain", "Likes rain"),
    "number": ("1.240,5", "1240.5"),
    "money": ("12", {"amount": "12.00", "currency": "EUR"}),
    "date": ("2031-02-28", "2031-02-28"),
    "choice": ("green", "green"),
    "choices": (["black", "green"], ["green", "black"]),
    "yes_no": ("no", False),
    "link": ("kettle.example", "https://kettle.example"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_is_filled_in_place(page, owner, kind):
    choices = ["Green", "Black"] if kind in ("choice", "choices") else []
    field = make(owner, "Tea", kind, choices=choices)
    dana = make_customer("Dana")
    typed, kept = KINDS[kind]
    here = f"/customers/{dana.pk}/facts/{field.name}/"

    read(page.get(here), f'name="{field.name}"')
    page.post(here, {field.name: typed, "version": 1})

    dana.refresh_from_db()
    assert dana.custom == {"tea": kept}
    read(page.get(dana.get_absolute_url()), "Further facts", "Tea")


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("number", "many", "Enter a number such as 12.5"),
        ("number", "1.299", "This could be a thousand"),
        ("money", "12 ducats", "Enter a number such as 12.5"),
        ("link", "mailto:a@b.example", "Enter an address such as https"),
        ("date", "31.2.2027", "Enter the day as"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(page, owner, kind, typed, said):
    field = make(owner, "Tea", kind)
    dana = make_customer("Dana")

    answer = page.post(
        f"/customers/{dana.pk}/facts/{field.name}/", {field.name: typed, "version": 1}
    )

    assert said in read(answer, status=422)


def test_an_archived_field_has_no_page_of_a_fact(page, owner, tea):
    custom_fields.archive(tea, by=owner, now=NOW)

    dana = make_customer("Dana")

    assert page.get(f"/customers/{dana.pk}/facts/{tea.name}/").status_code == 404


def test_a_new_customer_is_made_with_a_field(page, tea):
    page.post("/customers/new/", {"given_name": "Dana", tea.name: "black"})

    assert Customer.objects.get().custom == {"tea": "black"}


def test_every_fact_is_edited_without_touching_what_nobody_changed(page, owner, tea):
    make(owner, "Cups", "number")
    dana = fill(make_customer("Dana"), tea="green", cups="1234.5")
    here = f"/customers/{dana.pk}/edit/"
    form = page.get(here).context["form"]
    sent = {
        name: field.value()
        for field in form
        for name in (field.html_name, field.html_initial_name)
        if field.value() not in (None, "")
    }

    page.post(here, {**sent, tea.name: "black"})

    dana.refresh_from_db()
    assert dana.custom == {"tea": "black", "cups": "1234.5"}
    assert dana.version == 3


def test_a_conflict_shows_both_and_keeps_several_choices(page, owner):
    field = make(owner, "Teas", "choices", choices=["Green", "Black"])
    dana = make_customer("Dana")
    fill(dana, teas=["green"])
    here = f"/customers/{dana.pk}/facts/{field.name}/"

    answer = page.post(here, {field.name: ["black"], "version": 1})

    assert answer.status_code == 409
    [shown] = answer.context["differences"]
    assert (shown.theirs, shown.yours) == ("Green", "Black")
    again = answer.context["form"].data
    assert again.getlist(f"initial-{field.name}") == ["green"]
    assert again.getlist(field.name) == ["black"]


# --- The API -------------------------------------------------------------------------


@pytest.fixture
def api(db):
    from rest_framework.test import APIClient

    from crm.services import api_tokens

    _row, secret = api_tokens.issue(
        name="x", scopes=["customers:read", "customers:write"], now=NOW
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_the_api_writes_and_reads_fields_by_their_keys(api, owner, tea):
    make(owner, "Price", "money")
    sent = {"tea": "green", "price": {"amount": "12.50", "currency": "EUR"}}

    made = api.post(
        "/api/v1/customers/", {"given_name": "D", "custom": sent}, format="json"
    )

    assert made.status_code == 201
    assert made.json()["custom"] == sent
    here = f"/api/v1/customers/{made.json()['id']}/"
    changed = api.patch(here, {"custom": {"tea": None}}, format="json")
    assert changed.json()["custom"] == {"price": sent["price"]}


def test_the_api_names_what_is_wrong(api, tea):
    answer = api.post(
        "/api/v1/customers/",
        {"given_name": "D", "custom": {"tea": "coffee"}},
        format="json",
    )

    assert answer.status_code == 400
    assert answer.json()["fields"] == {"custom.tea": "Choose from the list"}


def test_the_api_reads_the_fields_once_for_a_page(
    api, owner, tea, django_assert_max_num_queries
):
    for _ in range(5):
        fill(make_customer("D"), tea="green")

    with django_assert_max_num_queries(8):
        page = api.get("/api/v1/customers/").json()

    assert [row["custom"] for row in page["results"]] == [{"tea": "green"}] * 5
