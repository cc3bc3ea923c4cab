"""Files: what is in tests/crm/test_import_*.py, and what only nasty people send."""

import gzip
import json
import zipfile

import pytest

from crm.errors import FileUnusable
from crm.models import Customer, ImportRun, Order
from crm.services import customers
from messaging.models import Consent
from tests.bad_inputs.values import (
    BLANK,
    NO_BIRTHDAY,
    NO_EMAIL,
    NO_LINE,
    NO_NUMBER,
    TEXTS,
)
from tests.crm.importing import (
    NOW,
    ORDER_HEADER,
    counts,
    file_of,
    refusals,
    take_customers,
    take_orders,
)

pytestmark = pytest.mark.django_db
# A point after an address, digits of any script, 13 January and half a piece.
MEANT_IN_FILES = ("a@b.cd.", "٠١-٠١", "13-01", "٣", "３", "1,5")


def ours():
    """Beside the shop's own customers, whose ids begin otherwise."""
    return Customer.objects.filter(external_id__startswith="C").order_by("pk")


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def cells(header, values):
    """One row a value, with an id that is all right."""
    rows = (f"C{at},{quoted(value)}\n" for at, value in enumerate(values))
    return header + "".join(rows)


def test_what_no_form_takes_no_row_brings_either(tmp_path):
    text = cells("external_id,given_name\n", NO_LINE.values())

    report = take_customers(file_of(tmp_path, text))

    assert report.notes == {"name_control_characters": len(NO_LINE)}
    assert not ours().exclude(given_name="").exists()


def test_any_other_text_is_kept(tmp_path):
    text = cells("external_id,given_name\n", TEXTS.values())

    take_customers(file_of(tmp_path, text))

    found = ours().values_list("given_name", flat=True)
    assert len(found) == len(TEXTS)
    assert {"{{7*7}}{% debug %}", "=cmd|' /C calc'!A0"} < set(found)


def test_blank_ids_are_refused(tmp_path):
    rows = "".join(f"{quoted(blank)},Ann\n" for blank in BLANK.values())

    report = take_customers(file_of(tmp_path, "external_id,name\n" + rows))

    assert refusals(report) == {"external_id_missing": len(BLANK)}


@pytest.mark.parametrize(
    ("column", "values", "codes"),
    [
        ("email", NO_EMAIL, {"email_invalid", "email_not_ascii", "email_too_long"}),
        ("birthday", NO_BIRTHDAY, {"birthday_invalid", "birthday_ambiguous"}),
    ],
)
def test_the_same_values_are_refused_as_in_forms(tmp_path, column, values, codes):
    """But for what a file means that a form asks about."""
    strange = [value for value in values if value not in MEANT_IN_FILES]
    text = cells(f"external_id,{column}\n", strange)

    report = take_customers(file_of(tmp_path, text), strict=True)

    assert sum(refusals(report).values()) == len(strange)
    assert set(refusals(report)) <= codes


def test_no_number_is_guessed(tmp_path):
    odd = [number for number in NO_NUMBER if number and number not in MEANT_IN_FILES]
    rows = "".join(
        f"O{at},C1,2026-05-01,TEA,{quoted(number)},1\n" for at, number in enumerate(odd)
    )

    report = take_orders(file_of(tmp_path, ORDER_HEADER + rows), create_customers=True)

    assert sum(refusals(report).values()) == len(odd)
    assert not Order.objects.filter(number__startswith="O").exists()


def test_the_same_row_twice_in_a_file_is_one_customer(tmp_path):
    report = take_customers(file_of(tmp_path, "external_id,name\nC1,Ann\nC1,Bea\n"))

    assert refusals(report) == {"twice_in_file": 1}
    assert ours().get().given_name == "Ann"


def test_the_same_file_under_another_name_changes_nothing(tmp_path):
    text = "external_id,name\nC1,Ann\n"
    take_customers(file_of(tmp_path, text))

    report = take_customers(file_of(tmp_path, text, name="again.csv"))

    assert counts(report) == (0, 0, 1)


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.csv", "../orders.txt"])
def test_a_workbook_is_no_text_whatever_it_is_called(tmp_path, name):
    path = tmp_path / name.rpartition("/")[2]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", "<c>" + "0" * 5_000_000)

    runs = ImportRun.objects.count()

    with pytest.raises(FileUnusable):
        take_orders(path)
    assert ImportRun.objects.count() == runs


def test_a_bomb_of_gzip_is_refused_without_being_held(tmp_path):
    """60 MB of one line from 60 KB: a line has a limit, so it is never read whole."""
    path = file_of(tmp_path, gzip.compress(b"external_id\n" + b"x" * 60_000_000))

    with pytest.raises(FileUnusable, match="longer than a megabyte"):
        take_customers(path)


def test_a_yes_in_columns_of_consent_grants_nothing(tmp_path):
    header = "external_id,name,consent,newsletter,marketing\n"
    report = take_customers(file_of(tmp_path, header + "C1,Ann,true,yes,1\n"))

    assert report.ignored == ["newsletter", "marketing"]
    assert not Consent.objects.exists()


def test_a_header_cannot_be_an_attack(tmp_path):
    header = "external_id,=1+1,<script>,id; DROP TABLE crm_customer,version,merged_into"
    report = take_customers(file_of(tmp_path, header + "\nC1,1,2,3,4,5\n"))

    assert len(report.ignored) == 5
    found = ours().get()
    assert (found.version, found.merged_into) == (1, None)


def test_a_record_merged_away_takes_no_orders_of_its_own(tmp_path):
    kept = customers.create_customer(now=NOW, external_id="C1", given_name="Ann")
    gone = customers.create_customer(now=NOW, external_id="C2", given_name="Ann")
    Customer.objects.filter(pk=gone.pk).update(merged_into=kept)

    take_orders(file_of(tmp_path, ORDER_HEADER + "O1,C2,2026-05-01,TEA,1,1\n"))

    assert Order.objects.get(number="O1").customer == kept


def test_a_custom_column_holds_text_and_no_more(tmp_path):
    text = 'external_id,custom.shoe\nC1,"{""a"": 1}"\nC2,"x\x00y"\n'

    report = take_customers(file_of(tmp_path, text), strict=True)

    assert report.accepted == 1
    assert json.loads(ours().get().custom["shoe"]) == {"a": 1}
