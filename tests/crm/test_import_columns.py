"""An app brings columns to the import of customers, and crm knows nothing of it."""

import sys
from datetime import date

import pytest
from django.db import connection
from django.test.utils import modify_settings

from crm import import_columns
from crm.import_columns import ImportField, ImportGroup, register
from crm.models import Customer
from crm.services.imports import customers
from crm.services.imports.reasons import in_words, note_in_words
from crm.signals import customers_changed
from tests.crm.importing import counts, file_of, physical_rows, refusals, take_customers
from tests.factories import CustomerFactory

HEADER = "external_id,name,shoe_size,measured_on\n"


@pytest.fixture
def shoes(db, monkeypatch):
    """The app is installed as any other, and found by its import_fields.py alone."""
    monkeypatch.setattr(import_columns, "_groups", dict(import_columns._groups))
    name = "tests.crm.shoe_sizes.import_fields"
    monkeypatch.delitem(sys.modules, name, raising=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE shoe_sizes (customer_id bigint PRIMARY KEY"
            " REFERENCES crm_customer, size int NOT NULL, measured_on date)"
        )
    with modify_settings(INSTALLED_APPS={"append": "tests.crm.shoe_sizes"}):
        yield


def take(tmp_path, text, **options):
    return take_customers(file_of(tmp_path, text), **options)


def sizes():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.external_id, s.size, s.measured_on FROM shoe_sizes s"
            " JOIN crm_customer c ON c.id = s.customer_id ORDER BY 1"
        )
        return cursor.fetchall()


def test_the_cells_reach_its_table_for_new_known_and_merged_records(shoes, tmp_path):
    kept = CustomerFactory(external_id="K")
    CustomerFactory(external_id="M", merged_into=kept)

    report = take(tmp_path, HEADER + "C1,Dana,38,2026-02-03\nM,,41,\nC2,Ben,,\n")

    assert sizes() == [("C1", 38, date(2026, 2, 3)), ("K", 41, None)]
    assert counts(report) == (2, 1, 0)
    assert report.notes == {"feet_measured": 2}
    assert note_in_words("feet_measured") == "with a new shoe size"


def test_slice_after_slice_the_cells_stay_with_their_rows(shoes, tmp_path, monkeypatch):
    monkeypatch.setattr(customers, "SLICE_ROWS", 2)
    rows = "".join(f"C{at},Ann,{30 + at},\n" for at in range(5))

    take(tmp_path, HEADER + rows)

    assert [(key, size) for key, size, _ in sizes()] == [
        (f"C{at}", 30 + at) for at in range(5)
    ]


def test_the_same_file_again_changes_nothing(shoes, tmp_path):
    text = HEADER + "C1,Dana,38,2026-02-03\nC2,Ben,44,\n"
    take(tmp_path, text)
    before = physical_rows(), sizes()

    assert counts(take(tmp_path, text)) == (0, 0, 2)
    assert (physical_rows(), sizes()) == before


def test_a_change_of_its_column_alone_counts_and_is_announced(shoes, tmp_path):
    take(tmp_path, HEADER + "C1,Dana,38,\nC2,Ben,44,\n")
    heard = []
    hear = lambda ids, **_: heard.extend(ids)  # noqa: E731
    customers_changed.connect(hear)

    report = take(tmp_path, HEADER + "C1,Dana,39,\nC2,Ben,44,\n")

    customers_changed.disconnect(hear)
    assert counts(report) == (0, 1, 1)
    assert heard == [Customer.objects.get(external_id="C1").pk]


def test_a_dry_run_counts_the_same_and_writes_nothing(shoes, tmp_path):
    take(tmp_path, HEADER + "C1,Dana,38,\nC2,Ben,44,\n")

    report = take(tmp_path, HEADER + "C1,Dana,39,\nC2,Ben,44,\nC3,Lea,40,\n",
                  dry_run=True)  # fmt: skip

    assert counts(report) == (1, 1, 1)
    assert [size for _, size, _ in sizes()] == [38, 44]


def test_what_its_reader_refuses_is_said_in_its_words(shoes, tmp_path):
    report = take(tmp_path, HEADER + "C1,Dana,large,\nC2,Ben,44,\n")

    assert refusals(report) == {"shoe_size_no_size": 1}
    assert in_words("shoe_size_no_size") == "The shoe size is no number."
    assert sizes() == [("C2", 44, None)]


@pytest.mark.parametrize("column", ["SHOE SIZE", "shoe", "鞋码"])
def test_a_column_of_another_name_is_found(shoes, tmp_path, column):
    take(tmp_path, f"external_id,{column}\nC1,38\n")

    assert sizes() == [("C1", 38, None)]


def test_its_statements_are_undone_with_the_slice(shoes, tmp_path, monkeypatch):
    def fail(self, statement, notes):
        raise OSError

    # What the loader does last.
    name = "crm.services.imports.customer_loading.CustomerLoader._note_shared"
    monkeypatch.setattr(name, fail)

    with pytest.raises(OSError):  # noqa: PT011
        take(tmp_path, HEADER + "C1,Dana,38,\n")

    assert sizes() == []
    assert not Customer.objects.exists()


def test_without_the_app_its_column_is_one_of_those_not_used(db, tmp_path):
    report = take(tmp_path, HEADER + "C1,Dana,38,\n")

    assert report.ignored == ["shoe_size", "measured_on"]


@pytest.mark.parametrize("name", ["shoe_size", "customer_id", "external_id", "email"])
def test_a_column_belongs_to_one_app(shoes, name):
    field = ImportField(name=name, label="", reader=lambda context: str)

    with pytest.raises(ValueError, match="twice"):
        register(ImportGroup(name="boots", fields=[field], apply=lambda rows: ()))
