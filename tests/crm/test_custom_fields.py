"""Fields that staff make: values by each entry point, and what nobody may take away."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from crm.models import AuditEntry, Customer, CustomField
from crm.services import custom_fields, customers, merging, personal_data
from tests.crm.exporting import content, exported
from tests.crm.importing import counts, people, take_customers
from tests.factories import NOW, CustomerFactory, UserFactory
from web.errors import InvalidValue, StaleVersion

pytestmark = pytest.mark.django_db
VALUES = {
    "text": ("Likes rain", "Likes rain"),
    "number": ("12.50", "12.5"),
    "money": ("9.5 eur", {"amount": "9.50", "currency": "EUR"}),
    "date": ("2031-02-28", "2031-02-28"),
    "choice": ("Green tea", "green_tea"),
    "choices": (["black_tea", "Green Tea"], ["green_tea", "black_tea"]),
    "yes_no": (False, False),
    "link": ("kettle.example/tea", "https://kettle.example/tea"),
}
TEAS = ("Green tea", "Black tea")


@pytest.fixture
def owner(db):
    return UserFactory(role="owner")


@pytest.fixture
def make(owner):
    def made(label="Tea", kind="text", **more):
        if kind in ("choice", "choices"):
            more.setdefault("choices", TEAS)
        return custom_fields.create(label=label, kind=kind, by=owner, now=NOW, **more)

    return made


def change(field, owner, choices=None, more=(), **changes):
    return custom_fields.change(
        field, changes=changes, version=field.version, choices=choices,
        more_choices=more, by=owner, now=NOW,
    )  # fmt: skip


def refused(error):
    return dict(error.value.fields)


def put(customer, **values):
    changes = {f"custom.{key}": value for key, value in values.items()}
    return customers.update_customer(customer, changes=changes, now=NOW)


# --- Fields --------------------------------------------------------------------------


def test_a_field_gets_a_key_that_machines_can_write(make):
    assert make("Favourite tea, at home").key == "favourite_tea_at_home"
    assert make("תה").key == "תה"
    assert make("!!!").key == "field"


def test_a_renamed_field_keeps_its_key_and_another_gets_its_own(make, owner):
    tea = make("Tea")
    change(tea, owner, label="Brew")

    assert (tea.key, make("Tea").key) == ("tea", "tea_2")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"label": " "}, {"label": "required"}),
        ({"label": "TEA"}, {"label": "label_taken"}),
        ({"label": "x" * 61}, {"label": "too_long"}),
        ({"kind": "file"}, {"kind": "unknown"}),
        ({"place": "head"}, {"place": "unknown"}),
        ({"kind": "choice", "choices": []}, {"choices": "choice_missing"}),
        ({"kind": "choice", "choices": ["A", "a"]}, {"choices": "choice_twice"}),
        ({"kind": "choice", "choices": ["A;B"]}, {"choices": "choice_semicolon"}),
        ({"kind": "date", "is_searchable": True}, {"is_searchable": "not_searchable"}),
        ({"kind": "choices", "is_sortable": True}, {"is_sortable": "not_sortable"}),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_refused_by_name(make, wrong, named):
    make("Tea")

    with pytest.raises(InvalidValue) as error:
        make(**{"label": "Other", **wrong})

    assert refused(error) == named


def test_five_fields_sort_and_a_sixth_is_refused(make, owner):
    for number in range(5):
        make(f"N{number}", "number", is_sortable=True)
    sixth = make("Sixth", "number")

    with pytest.raises(InvalidValue) as error:
        change(sixth, owner, is_sortable=True)

    assert refused(error) == {"is_sortable": "too_many_sortable"}
    change(CustomField.objects.get(key="n2"), owner, is_sortable=False)
    assert change(sixth, owner, is_sortable=True).sort_slot == 3


def test_the_database_refuses_a_sixth_sortable_field(make):
    make("A", "number", is_sortable=True)

    for slot in (1, 6):
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomField.objects.filter(pk=make(f"N{slot}", "number").pk).update(
                sort_slot=slot
            )


def test_a_column_more_than_four_is_refused(make, owner):
    for number in range(4):
        make(f"N{number}", in_list=True)

    with pytest.raises(InvalidValue) as error:
        make("Fifth", in_list=True)

    assert refused(error) == {"in_list": "too_many_columns"}


def test_a_change_of_what_somebody_else_changed_is_refused(make, owner):
    tea = make()
    change(tea, owner, label="Brew")

    with pytest.raises(StaleVersion):
        change(tea, owner, label="Infusion")


def test_fields_move_within_their_place(make):
    first, other, last = make("A"), make("B", place="facts"), make("C")

    custom_fields.move(last, up=True, now=NOW)

    panel = CustomField.objects.filter(place="panel").values_list("label", flat=True)
    assert list(panel) == ["C", "A"]
    assert (first.place, other.place) == ("panel", "facts")


def test_what_was_done_is_recorded_without_values(make, owner):
    tea = make("Tea", "choice")
    change(tea, owner, label="Brew", more=["Oolong"])
    custom_fields.archive(tea, by=owner, now=NOW)
    custom_fields.restore(tea, by=owner, now=NOW)

    rows = AuditEntry.objects.filter(subject=f"custom_field:{tea.pk}").order_by("pk")
    assert list(rows.values_list("action", "fields")) == [
        ("custom_field.created", []),
        ("custom_field.changed", ["choices", "label"]),
        ("custom_field.archived", []),
        ("custom_field.restored", []),
    ]


# --- Choices -------------------------------------------------------------------------


def test_a_renamed_choice_is_renamed_for_everybody_who_has_it(make, owner):
    tea = make("Tea", "choice")
    dana = put(CustomerFactory(), tea="Green tea")

    change(tea, owner, choices={"green_tea": ("Sencha", True)})

    assert dana.custom == {"tea": "green_tea"}
    tea.refresh_from_db()
    assert tea.definition.choices["green_tea"] == "Sencha"


def test_a_choice_that_is_not_offered_stays_with_whoever_has_it(make, owner):
    tea = make("Tea", "choice")
    dana = put(CustomerFactory(), tea="Green tea")

    change(tea, owner, choices={"green_tea": ("Green tea", False)})

    assert put(dana, tea="Green tea").custom == {"tea": "green_tea"}
    tea.refresh_from_db()
    assert tea.definition.offered == ("black_tea",)


def test_the_database_refuses_to_lose_a_choice(make):
    tea = make("Tea", "choice")

    with pytest.raises(IntegrityError, match="lose their meaning"):
        CustomField.objects.filter(pk=tea.pk).update(choices=tea.choices[:1])


@pytest.mark.parametrize("change_to", [{"kind": "number"}, {"key": "brew"}])
def test_the_database_refuses_another_kind_or_key(make, change_to):
    tea = make()

    with pytest.raises(IntegrityError, match="lose their meaning"):
        CustomField.objects.filter(pk=tea.pk).update(**change_to)


def test_the_database_refuses_to_delete_a_field_that_has_values(make):
    put(CustomerFactory(), tea="green") if make() else None

    with pytest.raises(IntegrityError, match="have values"):
        CustomField.objects.all().delete()


# --- Values --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_is_kept_in_one_form_and_can_be_taken_away(make, kind):
    make("Tea", kind)
    given, kept = VALUES[kind]
    dana = CustomerFactory()

    assert put(dana, tea=given).custom == {"tea": kept}
    assert put(dana, tea=None).custom == {}


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("text", "x" * 1001, "too_long"),
        ("text", "a\nb", "control_characters"),
        ("text", 5, "not_text"),
        ("number", 1.5, "number_invalid"),
        ("number", True, "number_invalid"),
        ("number", "NaN", "number_invalid"),
        ("number", "1e5", "number_invalid"),
        ("number", "0.1234567", "number_out_of_range"),
        ("number", "1" * 15, "number_out_of_range"),
        ("money", "12.50", "money_invalid"),
        ("money", {"amount": "1.005", "currency": "EUR"}, "number_out_of_range"),
        ("money", {"amount": "1", "currency": "XXX"}, "currency_unknown"),
        ("money", {"amount": "1"}, "money_invalid"),
        ("date", "2027-02-29", "date_invalid"),
        ("date", "20270228", "date_invalid"),
        ("date", "0999-01-01", "date_invalid"),
        ("choice", "Coffee", "unknown_choice"),
        ("choices", ["green_tea", "Coffee"], "unknown_choice"),
        ("choices", {"green_tea": 1}, "unknown_choice"),
        ("yes_no", "perhaps", "yes_no_unknown"),
        ("yes_no", 1, "yes_no_unknown"),
        ("link", "javascript:alert(1)", "link_invalid"),
        ("link", "https://", "link_invalid"),
        ("link", 'https://a.example/"x', "link_invalid"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(make, kind, value, code):
    make("Tea", kind)

    with pytest.raises(InvalidValue) as error:
        put(CustomerFactory(), tea=value)

    assert refused(error) == {"custom.tea": code}


def test_a_field_that_is_not_there_or_archived_takes_no_value(make, owner):
    custom_fields.archive(make(), by=owner, now=NOW)

    for name, code in (("tea", "field_archived"), ("hat", "unknown_field")):
        with pytest.raises(InvalidValue) as error:
            put(CustomerFactory(), **{name: "x"})
        assert refused(error) == {f"custom.{name}": code}


WRONG = {
    "text": ['""', "5", json.dumps("x" * 1001)],
    "number": ["12.5", '"12.50"', '"1e5"', '"-0"', '"0.1234567"', '"012"'],
    "money": ['"9.50"', '{"amount": "9.50"}', '{"amount": 9, "currency": "EUR"}',
              '{"amount": "9", "currency": "eur"}',
              '{"amount": "9", "currency": "EUR", "x": 1}'],
    "date": ['"2027-02-29"', '"1.2.2027"', '"0999-01-01"'],
    "choice": ['"coffee"', '["green_tea"]'],
    "choices": ["[]", '["coffee"]', '["green_tea", "green_tea"]', '"green_tea"'],
    "yes_no": ['"yes"', "1", "null"],
    "link": ['"ftp://a.example"', '"https://a b"', '"kettle.example"'],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind in WRONG for value in WRONG[kind]]
)
def test_the_database_refuses_what_the_field_cannot_hold(make, kind, value):
    make("Tea", kind)
    dana = CustomerFactory()

    with pytest.raises(IntegrityError) as error, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_customer SET custom = jsonb_build_object('tea', %s::jsonb)"
            " WHERE id = %s",
            [value, dana.pk],
        )

    assert error.value.__cause__.diag.constraint_name == "customer_custom_holds"


def test_the_database_refuses_a_value_without_a_field(make):
    with pytest.raises(IntegrityError, match="no field"):
        Customer.objects.create(
            external_id="x", custom={"nowhere": "x"}, created_at=NOW, updated_at=NOW
        )


def test_only_names_of_changed_fields_are_recorded(make):
    make("Tea")
    make("Cups", "number")
    dana = put(CustomerFactory(), tea="Green", cups="2")

    put(dana, tea="Green", cups="3")

    rows = AuditEntry.objects.filter(action="customer.changed", customer_id=dana.pk)
    names = list(rows.order_by("pk").values_list("fields", flat=True))
    assert names == [["custom.cups", "custom.tea"], ["custom.cups"]]


# --- Archived ------------------------------------------------------------------------


def test_an_archived_field_comes_back_with_its_values(make, owner):
    tea = make("Tea", is_sortable=True)
    dana = put(CustomerFactory(), tea="Green")

    custom_fields.archive(tea, by=owner, now=NOW)
    assert CustomField.objects.get().sort_slot is None
    custom_fields.restore(tea, by=owner, now=NOW)

    dana.refresh_from_db()
    assert dana.custom == {"tea": "Green"}
    assert put(dana, tea="Black").custom == {"tea": "Black"}


def test_a_field_is_not_restored_beside_another_of_its_name(make, owner):
    tea = make("Tea")
    custom_fields.archive(tea, by=owner, now=NOW)
    make("tea")

    with pytest.raises(InvalidValue) as error:
        custom_fields.restore(tea, by=owner, now=NOW)

    assert refused(error) == {"label": "label_taken"}


# --- Import and export ---------------------------------------------------------------


CELLS = {
    "text": "Likes rain",
    "number": "12,5",
    "money": "€9.50",
    "date": "28 Feb 2031",
    "choice": "GREEN TEA",
    "choices": "Black tea; green tea",
    "yes_no": "No",
    "link": "kettle.example/tea",
}


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("column", ["custom.tea", "Tea", "custom.TEA"])
def test_a_column_fills_a_field_as_the_form_does(tmp_path, make, kind, column):
    make("Tea", kind)

    people(tmp_path, f"external_id,{column}", f'C1,"{CELLS[kind]}"')

    assert Customer.objects.get().custom == {"tea": VALUES[kind][1]}


def test_a_cell_that_cannot_be_read_is_left_out_and_the_person_comes(tmp_path, make):
    make("Cups", "number")
    make("Tea", "choice")

    report = people(tmp_path, "external_id,custom.cups,custom.tea", "C1,many,Coffee")

    assert Customer.objects.get().custom == {}
    codes = {one["code"] for one in report.left_out}
    assert codes == {"custom_invalid", "custom_unknown_choice"}


def test_an_archived_field_takes_nothing_of_a_file(tmp_path, make, owner):
    custom_fields.archive(make(), by=owner, now=NOW)

    report = people(tmp_path, "external_id,custom.tea", "C1,Green")

    assert Customer.objects.get().custom == {}
    assert [one["code"] for one in report.left_out] == ["custom_archived"]


def test_a_column_that_nobody_knows_becomes_a_field_of_text(tmp_path):
    report = people(tmp_path, "external_id,custom.Shoe size", "C1,38", dry_run=True)
    assert counts(report) == (1, 0, 0)
    assert not CustomField.objects.exists()

    people(tmp_path, "external_id,custom.Shoe size", "C1,38")

    field = CustomField.objects.get()
    assert (field.key, field.label, field.kind) == ("Shoe size", "Shoe size", "text")
    assert Customer.objects.get().custom == {"Shoe size": "38"}


def test_an_empty_cell_erases_where_empty_cells_do(tmp_path, make):
    make("Tea", "choice")
    people(tmp_path, "external_id,Tea", "C1,Green tea")

    people(tmp_path, "external_id,Tea", "C1,", erase_empty=True)

    assert Customer.objects.get().custom == {}


def test_what_is_exported_comes_back_unchanged(tmp_path, make, owner):
    for kind in VALUES:
        make(kind.title(), kind)
    extremes = [
        {kind: given for kind, (given, _) in VALUES.items()},
        {"number": "-0.000001", "money": {"amount": "1234", "currency": "KWD"}},
        {"number": "1299", "money": {"amount": "1299", "currency": "JPY"}},
        {"number": "1.299", "date": date(1000, 1, 1), "text": "=1+1"},
        {"choices": ["green_tea"], "yes_no": True, "date": date(9999, 12, 31)},
    ]
    for number, values in enumerate(extremes):
        put(CustomerFactory(external_id=f"C{number}"), **values)
    before = list(Customer.objects.order_by("external_id").values_list("custom"))

    file = tmp_path / "customers.csv"
    file.write_bytes(content(exported("customers")))
    again = take_customers(file)

    assert counts(again) == (0, 0, len(extremes))
    Customer.objects.update(custom={})
    take_customers(file)
    after = list(Customer.objects.order_by("external_id").values_list("custom"))
    assert after == before


# --- Search --------------------------------------------------------------------------


def found_by(word):
    rows = Customer.objects.filter(search_text__contains=word)
    return list(rows.values_list("external_id", flat=True))


def test_searches_look_into_a_field_that_is_searched(tmp_path, make):
    make("Tea", is_searchable=True)
    put(CustomerFactory(external_id="C1"), tea="Gyokuro")
    people(tmp_path, "external_id,Tea", "C2,Gyokuro leaf")
    people(tmp_path, "external_id,given_name", "C1,Danita")

    assert sorted(found_by("gyokuro")) == ["C1", "C2"]
    one, two = (Customer.objects.get(external_id=key) for key in ("C1", "C2"))
    for row in (one, two):
        before = row.search_text
        customers.refresh_search(row)
        assert row.search_text == before


def test_a_file_renews_what_is_searched_of_a_known_person(tmp_path, make):
    make("Tea", is_searchable=True)
    put(CustomerFactory(external_id="C1"), tea="Gyokuro")

    people(tmp_path, "external_id,Tea", "C1,Sencha")

    assert (found_by("gyokuro"), found_by("sencha")) == ([], ["C1"])


def told_of(told):
    return told["customer"][0]["custom"]


# --- Personal data -------------------------------------------------------------------


def test_what_is_known_is_told_erased_and_merged_value_by_value(make):
    make("Tea")
    make("Cups", "number")
    kept = put(CustomerFactory(), tea="Green")
    dropped = put(CustomerFactory(), tea="Black", cups=2)

    told = personal_data.export(dropped, now=NOW)
    assert told["customer"][0]["custom"] == {"tea": "Black", "cups": "2"}
    row = merging.merge(kept, dropped, now=NOW)
    kept.refresh_from_db()
    assert kept.custom == {"tea": "Green", "cups": "2"}
    merging.undo(row, now=NOW)
    for person, known in ((kept, {"tea": "Green"}), (dropped, told_of(told))):
        person.refresh_from_db()
        assert person.custom == known
        personal_data.erase(person, now=NOW)

    assert not Customer.objects.exclude(custom={}).exists()


def test_numbers_are_never_rounded(make):
    make("Weight", "number")

    dana = put(CustomerFactory(), weight=Decimal("12345678901234.123456"))

    dana.refresh_from_db()
    assert dana.custom == {"weight": "12345678901234.123456"}
