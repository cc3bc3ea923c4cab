"""Fields that staff made, set for many customers at once and taken back."""

import pytest

from crm.models import AuditEntry, BulkRun, Customer, Tag
from crm.rules.choices import BulkAction
from crm.services import custom_fields, customers
from crm.services.bulk import running
from tests.crm.test_bulk import do, undo, work
from tests.desk.conftest import sign_up
from tests.factories import NOW, CustomerFactory, UserFactory
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
# Kind of a field: a value as a form gives it, as it is kept, and another one.
VALUES = {
    "text": ("Oolong", "Oolong", "Green"),
    "number": ("12.50", "12.5", "3"),
    "money": ("9.90 EUR", {"amount": "9.90", "currency": "EUR"}, "1.00 USD"),
    "date": ("2026-05-03", "2026-05-03", "2020-02-29"),
    "choice": ("b", "b", "a"),
    "choices": (["c", "a"], ["a", "c"], ["b"]),
    "yes_no": ("no", False, "yes"),
    "link": ("example.org/tea", "https://example.org/tea", "https://a.example"),
}


@pytest.fixture
def mia():
    return UserFactory(name="Mia", role="owner")


@pytest.fixture
def people(monkeypatch):
    """Three in slices of two."""
    monkeypatch.setattr(running, "SLICE", 2)
    return [CustomerFactory(external_id=f"C{number}") for number in range(3)]


def make(kind, by, **more):
    if kind in ("choice", "choices"):
        more["choices"] = ["a", "b", "c"]
    return custom_fields.create(label=kind, kind=kind, by=by, now=NOW, **more)


def held():
    return list(
        Customer.objects.order_by("external_id").values_list("custom", flat=True)
    )


@pytest.mark.parametrize("kind", VALUES)
def test_each_kind_is_set_emptied_and_taken_back(mia, people, kind):
    given, kept, other = VALUES[kind]
    name = f"custom.{make(kind, mia).key}"
    make("text" if kind != "text" else "number", mia)
    untouched = {"text": "Tea"} if kind != "text" else {"number": "7"}
    changes = {f"custom.{key}": value for key, value in untouched.items()}
    customers.update_customer(people[0], changes={**changes, name: given}, now=NOW)
    customers.update_customer(people[1], changes={name: other}, now=NOW)
    before = held()

    run = do(mia, BulkAction.FIELD, field=name, value=given)

    assert (run.people, run.changed) == (3, 2)
    assert held() == [{**untouched, kind: kept}, {kind: kept}, {kind: kept}]
    undo(run, mia)
    assert (held(), run.undone) == (before, 2)

    emptied = do(mia, BulkAction.FIELD, field=name, value="")
    assert held() == [untouched, {}, {}]
    undo(emptied, mia)
    assert held() == before
    said = AuditEntry.objects.filter(action="customer.changed", fields=[name])
    assert said.filter(actor_id=mia.pk, via="task").count() == 8


def test_what_somebody_changed_since_stays_and_the_value_is_told(mia, people):
    name = f"custom.{make('choice', mia).key}"
    run = do(mia, BulkAction.FIELD, field=name, value="b")
    customers.update_customer(people[0], changes={name: "c"}, now=NOW)

    undo(run, mia)

    assert held() == [{"choice": "c"}, {}, {}]
    assert running.in_words(run) == "choice: b"


def test_searches_follow_a_field_that_they_look_into(mia, people):
    name = f"custom.{make('text', mia, is_searchable=True).key}"

    run = do(mia, BulkAction.FIELD, field=name, value="Oolong")
    texts = Customer.objects.values_list("search_text", flat=True)
    assert all("oolong" in text for text in texts.all())
    undo(run, mia)
    assert not any("oolong" in text for text in texts.all())


def test_what_the_field_cannot_hold_is_refused(mia, people):
    field = make("number", mia)
    name = f"custom.{field.key}"
    with pytest.raises(InvalidValue):
        do(mia, BulkAction.FIELD, field=name, value="many")
    with pytest.raises(InvalidValue):
        do(mia, BulkAction.FIELD, field="custom.nothing", value="1")
    custom_fields.archive(field, by=mia, now=NOW)
    with pytest.raises(InvalidValue):
        do(mia, BulkAction.FIELD, field=name, value="1")
    assert not BulkRun.objects.exists()


def test_its_own_control_on_the_page(client, mia, people):
    choices, money = make("choices", mia), make("money", mia)
    client.force_login(sign_up("noa", "manager"))
    here = f"/bulk/new/?action=field-custom_{choices.pk}"

    page = client.get(here).content.decode()
    assert page.count('type="checkbox" name="value"') == 3
    sent = {"action": f"field-custom_{choices.pk}", "said": 3, "value": ["b", "a"]}
    assert client.post("/bulk/new/", sent).status_code == 303
    wrong = {"action": f"field-custom_{money.pk}", "said": 3, "value": "much"}
    assert client.post("/bulk/new/", wrong).status_code == 422

    work()
    assert held() == [{"choices": ["a", "b"]}] * 3
    assert not Tag.objects.exists()
