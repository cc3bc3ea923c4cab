"""Where the header stands, what is above it, and rows that are not as wide as it is."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from crm.errors import FileUnusable
from crm.models import Customer
from crm.services.imports.preview import describe
from crm.services.imports.running import Options
from tests.crm.importing import file_of, refusals, take_customers, take_orders

pytestmark = pytest.mark.django_db

ROWS = "C1,Ana Berg,ana@example.org\nC2,Ben Holt,ben@example.org\n"
HEADER = "external_id,name,email\n"


def header_of(path, **options):
    preview = describe(path, Options(**options))
    return preview.header_row, list(preview.header), list(preview.titles)


@pytest.mark.parametrize(
    ("above", "line", "titles"),
    [
        ("", 1, []),
        ("\n\n", 3, []),
        ("sep=,\n", 2, []),
        ("Customers of the shop\n", 2, ["Customers of the shop"]),
        ("Customers\n\nAll, until today\n", 4, ["Customers", "All until today"]),
        ('"Our "best" customers"\n', 2, ['Our best" customers"']),
        ("Shop,Tea House\nPeriod,2024-01-01\n", 3,
         ["Shop Tea House", "Period 2024-01-01"]),
        (",,\nCustomers,,\n,,\n", 4, ["Customers"]),
    ],
)  # fmt: skip
def test_lines_above_the_header_are_skipped(tmp_path, above, line, titles):
    path = file_of(tmp_path, above + HEADER + ROWS)

    assert header_of(path) == (line, ["external_id", "name", "email"], titles)
    report = take_customers(path)
    assert (report.accepted, report.refused) == (2, 0)


def test_a_record_is_one_wherever_its_line_breaks_are_header_included(tmp_path):
    text = '"external\nid","name","e\r\nmail"\nC1,Ana,ana@example.org\nC2,"B\nx",,y\n'
    path = file_of(tmp_path, text)

    report = take_customers(path, mapping={"external_id": "external\nid"},
                            rejects=tmp_path / "rejects.csv")  # fmt: skip

    assert report.accepted == 1
    with (tmp_path / "rejects.csv").open(newline="") as file:
        header, refused = csv.reader(file)
    assert header[3:] == ["external\nid", "name", "e\r\nmail"]
    assert (refused[0], refused[3:]) == ("5", ["C2", "B\nx", "", "y"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # Years are names of columns; a column may have no name.
        ("name,2023,2024\nAna,1,2\nBen,3,4\n", 1),
        (",name,email\n1,Ana,a@example.org\n2,Ben,b@example.org\n", 1),
        # Rows as wide as they are filled do not make a title of their header.
        ("external_id,name,email,phone,tags\nR1,Ana\nR2,Ben\nR3\n", 1),
        ("external_id,name,email\nR1,Ana,a@example.org,x\nR2,Ben,b@example.org,y\n", 1),
        ("email\nana@example.org\n", 1),
    ],
)
def test_a_header_is_no_title(tmp_path, text, line):
    assert header_of(file_of(tmp_path, text))[0] == line


def test_the_line_of_the_header_may_be_named(tmp_path):
    path = file_of(tmp_path, "given,family,mail\n" + HEADER + ROWS)

    assert header_of(path)[0] == 1
    assert header_of(path, header_row=2)[1] == ["external_id", "name", "email"]
    assert take_customers(path, header_row=2).accepted == 2
    with pytest.raises(FileUnusable, match="No record begins on line 9"):
        take_customers(path, header_row=9)


def test_a_refusal_for_a_missing_column_says_which_line_was_taken(tmp_path):
    path = file_of(tmp_path, "Customers\n" + "number,name,email\n" + ROWS)

    with pytest.raises(FileUnusable, match=r"has on line 2 \(--header-row names"):
        take_orders(path)


def test_cells_that_lack_at_the_end_are_empty_and_empty_ones_too_many_nothing(tmp_path):
    path = file_of(
        tmp_path,
        "external_id,name,email\nR1\nR2,Ben Holt\nR3,Cy Ng,cy@example.org,,\n,,\n"
        "R4,Di Fox,di@example.org,  ,x\n",
    )
    rejects = tmp_path / "rejects.csv"

    report = take_customers(path, rejects=rejects)

    assert (report.read, report.accepted) == (4, 3)
    assert refusals(report) == {"columns": 1}
    assert Customer.objects.get(external_id="R3").email == "cy@example.org"
    with rejects.open(newline="") as file:
        _, refused = csv.reader(file)
    assert refused[3:] == ["R4", "Di Fox", "di@example.org", "  ", "x"]


def test_columns_that_stand_twice_matter_only_where_one_is_used(tmp_path):
    unused = file_of(tmp_path, "external_id,Note,name,Note\nC1,a,Ana,b\n")
    used = file_of(tmp_path, "external_id,Phone,phone\nC1,1,2\n", "used.csv")

    assert take_customers(unused).accepted == 1
    with pytest.raises(FileUnusable, match="stand twice: Phone. Only one can be phone"):
        take_customers(used)


@pytest.mark.parametrize("mark", ["^", ":", "~"])
def test_a_delimiter_may_be_named(tmp_path, mark):
    text = (HEADER + ROWS).replace(",", mark)

    assert take_customers(file_of(tmp_path, text), delimiter=mark).accepted == 2


def test_a_delimiter_is_one_mark(tmp_path):
    with pytest.raises(FileUnusable, match="A delimiter is one character"):
        take_customers(file_of(tmp_path, HEADER + ROWS), delimiter="ab")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_preview_tells_the_delimiter_without_knowing_the_columns(tmp_path, mark):
    text = f"Name{mark}Preis{mark}Menge\nTee{mark}2.5{mark}1.5\n"
    if mark == ";":
        text = text.replace(".", ",")

    preview = describe(file_of(tmp_path, text), Options())

    assert (preview.delimiter, preview.columns) == (mark, 3)


def test_the_preview_shows_rows_as_they_are_read(tmp_path):
    text = "id,name,phone\nC1,Ana Berg,'+4721234567\nC2,Ben\n" + "C3,x,\n" * 50

    preview = describe(file_of(tmp_path, text, encoding="utf-16"), Options())

    assert (preview.kind, preview.encoding, preview.header_row) == ("text", "utf-16", 1)
    assert preview.rows[:2] == (("C1", "Ana Berg", "+4721234567"), ("C2", "Ben", ""))
    assert len(preview.rows) == 20
    assert preview.notes == ("Cells that are missing at the end of a row are empty.",)


def test_the_command_says_how_a_file_is_read(tmp_path):
    path = file_of(tmp_path, "given|family|mail\n" + (HEADER + ROWS).replace(",", "|"))

    call_command("import_customers", str(path), "--delimiter", "pipe",
                 "--header-row", "2", stderr=io.StringIO())  # fmt: skip

    assert Customer.objects.count() == 2
    for wrong in (["--header-row", "0"], ["--delimiter", "two"], ["--sheet", "People"]):
        with pytest.raises(CommandError):
            call_command("import_customers", str(path), *wrong, stderr=io.StringIO())
