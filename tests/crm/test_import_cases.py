"""Files that went wrong at other shops: encodings, ragged rows, doubled headers."""

import csv
import os
from pathlib import Path

import pytest

from crm.errors import FileUnusable
from crm.models import Customer
from crm.services.imports.preview import describe
from crm.services.imports.running import Options
from tests.crm.importing import refusals, take_customers

pytestmark = pytest.mark.django_db

CASES = Path(os.environ.get("PERENNIAL_CASES", "../shared/cases"))


def case(name):
    path = CASES / name
    if not path.exists():
        pytest.skip("the cases are not here (PERENNIAL_CASES)")
    return path


def test_every_file_that_went_wrong_is_read_by_a_test():
    files = list(case(".").glob("*/*.csv"))
    tests = Path(__file__).parent.parent.rglob("test_*.py")
    told = "".join(path.read_text(encoding="utf-8") for path in tests)

    assert len(files) > 40
    assert [path.name for path in files if path.name not in told] == []


@pytest.mark.parametrize(
    ("name", "encoding", "first"),
    [
        ("05_big5.csv", "big5", "陳大文"),
        ("05_cp1251.csv", "windows-1251", "Иван Петров"),
        ("05_cp1255.csv", "windows-1255", "נועה לוי"),
        ("05_gbk.csv", "gb18030", "王小明"),
        ("05_latin9.csv", "iso-8859-15", "Zoë Œuvrard"),
        ("05_sjis.csv", "shift-jis", "山田 太郎"),
        ("05_utf16le_nobom.csv", "utf-16-le", "נועה לוי"),
        ("05_utf32.csv", "utf-32", "Ana Berg"),
        ("82_hebrew_iso.csv", "windows-1255", "נועה לוי"),
        ("83_one_gbk.csv", "gb18030", "Ana Berg0"),
    ],
)
def test_names_in_older_encodings_are_read_as_they_were(name, encoding, first):
    path = case(f"04-encodings-mojibake/{name}")

    preview = describe(path, Options())
    report = take_customers(path)

    assert preview.encoding == report.encoding == encoding
    assert preview.rows[0][1] == first
    assert report.refused == 0
    assert Customer.objects.count() == report.read


def test_rows_of_fewer_or_more_empty_cells_go_in():
    report = take_customers(case("08-ragged-rows/04_ragged_short.csv"))

    assert (report.read, report.accepted, refusals(report)) == (4, 4, {})
    found = Customer.objects.order_by("external_id").values_list("external_id", "email")
    assert list(found) == [
        ("R1", "ana.r@example.org"), ("R2", "ben.r@example.org"),
        ("R3", "cy.r@example.org"), ("R4", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "mapping", "rows"),
    [
        ("03_mailchimp_dup.csv",
         {"external_id": "Email Address", "email": "Email Address"}, 1),
        ("60_hubspot.csv",
         {"external_id": "Record ID", "given_name": "First Name",
          "family_name": "Last Name", "email": "Email"}, 4),
    ],
)  # fmt: skip
def test_a_doubled_column_that_nobody_uses_is_no_matter(name, mapping, rows):
    path = case(f"09-duplicate-unused-header/{name}")

    report = take_customers(path, mapping=mapping)

    assert (report.read, report.accepted) == (rows, rows)


def test_a_doubled_column_that_is_used_is_told():
    path = case("09-duplicate-unused-header/67b_dup_used.csv")

    with pytest.raises(FileUnusable, match="stand twice: Phone. Only one can be phone"):
        take_customers(path)
    with path.open(newline="") as file:
        assert describe(path, Options()).header == tuple(next(csv.reader(file)))
