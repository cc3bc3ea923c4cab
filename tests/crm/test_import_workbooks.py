"""Workbooks: which sheet is read, and its cells as people mean them."""

import csv
import datetime as dt
import gzip
import zipfile

import openpyxl
import pytest
import xlsxwriter

from crm.errors import FileUnusable
from crm.models import Customer, ImportRun
from crm.services.imports import shared_strings
from crm.services.imports.containers import as_text
from crm.services.imports.preview import describe
from crm.services.imports.running import Options
from tests.crm.importing import file_of, refusals, take_customers
from tests.crm.workbooks import (
    archive_of,
    cell,
    nothing,
    ods_of,
    row,
    table,
    text_cell,
    xlsx_of,
)

HEADER = ("external_id", "name", "email")
ANA = ("0042", "Ana Berg", "ana@example.org")


def cells_of(path, tmp_path, **options):
    """Every row as it was read."""
    folder = tmp_path / "text"
    folder.mkdir(exist_ok=True)
    with as_text(path, folder, **options).path.open(newline="") as file:
        return list(csv.reader(file))


def workbook_of(path, *rows, formats=(), title="Customers"):
    """Written by openpyxl; `formats` is the number format of each column."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for cells in rows:
        sheet.append(cells)
        for column, number_format in enumerate(formats, 1):
            if number_format:
                sheet.cell(sheet.max_row, column).number_format = number_format
    book.save(path)
    return path


@pytest.mark.django_db
def test_a_workbook_goes_in_as_text_does(tmp_path):
    path = workbook_of(tmp_path / "people.xlsx", HEADER, ANA, ("C2", None, None))

    report = take_customers(path)

    assert (report.accepted, report.refused) == (2, 0)
    assert Customer.objects.get(external_id="0042").email == "ana@example.org"
    run = ImportRun.objects.get()
    assert run.file_name == "people.xlsx"
    assert len(run.file_sha256) == 64


@pytest.mark.django_db
def test_refused_rows_of_a_sheet_have_the_numbers_that_they_have_there(tmp_path):
    rejects = tmp_path / "rejects.csv"
    path = workbook_of(
        tmp_path / "a.xlsx",
        ("Customers",),
        HEADER,
        ("C1", "two\nlines", None, "more"),
        (),
        ("C2", "x", None, "surplus"),
        ("C3", "Ana Berg", None),
    )

    report = take_customers(path, rejects=rejects)

    with rejects.open(newline="") as file:
        refused = list(csv.reader(file))[1:]
    assert [line[0] for line in refused] == ["3", "5"]
    assert refused[0][3:] == ["C1", "two\nlines", "", "more"]
    assert refusals(report) == {"columns": 2}


@pytest.mark.parametrize(
    ("value", "number_format", "meant"),
    [
        (dt.date(2024, 3, 5), "dd.mm.yyyy", "2024-03-05"),
        (dt.datetime(2024, 3, 5, 14, 30), "m/d/yy h:mm", "2024-03-05 14:30:00"),
        (dt.datetime(2024, 3, 5), "m/d/yy h:mm", "2024-03-05 00:00:00"),
        (dt.datetime(2024, 3, 5, 14, 30), "yyyy\\-mm\\-dd", "2024-03-05 14:30:00"),
        (dt.date(2024, 3, 5), "[$-409]mmmm d, yyyy;@", "2024-03-05"),
        (dt.date(2024, 3, 5), '[$-404]e"年"m"月"d"日"', "2024-03-05"),
        (dt.date(1900, 2, 28), "yyyy-mm-dd", "1900-02-28"),
        (dt.date(1900, 3, 1), "yyyy-mm-dd", "1900-03-01"),
        (dt.time(9, 5), "hh:mm", "09:05:00"),
        (dt.timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
        (45356, "General", "45356"),
        (45356, "0", "45356"),
        (45356, "#,##0.00 \"d\"", "45356"),
        (45356, '0.00" days"', "45356"),
        (60, "yyyy-mm-dd", "60"),
        (-1, "yyyy-mm-dd", "-1"),
        (12.95, "#,##0.00 [$€-407]", "12.95"),
        (0.1 + 0.2, "General", "0.3"),
        (3.0, "General", "3"),
        (1e-7, "0.00E+00", "0.0000001"),
        (9780306406157, "General", "9780306406157"),
        (1.2345678901234567e20, "General", "1.23456789012346E+20"),
        (0.07, "0%", "7%"),
        (1, "0.0%", "100%"),
        (1234, "00000", "01234"),
        ("007", "General", "007"),
        (" two  blanks ", "General", " two  blanks "),
        ("=not a formula", "@", None),
        (True, "General", "TRUE"),
        (False, "General", "FALSE"),
        ("#N/A", "General", ""),
        ("a\nb", "General", "a\nb"),
        ("שלום, 王小明 👋", "General", "שלום, 王小明 👋"),
    ],
)  # fmt: skip
def test_a_cell_is_what_people_mean_by_it(tmp_path, value, number_format, meant):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["x", None, "z"])
    cell = book.active["B2"]
    cell.value = value
    if meant is None:
        cell.data_type, meant = "s", value
    cell.number_format = number_format
    book.save(tmp_path / "a.xlsx")

    assert cells_of(tmp_path / "a.xlsx", tmp_path)[1] == ["x", meant, "z"]


def test_days_of_a_workbook_may_begin_in_1904(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["a", dt.date(2024, 3, 5)])
    book.save(tmp_path / "a.xlsx")

    assert cells_of(tmp_path / "a.xlsx", tmp_path) == [["a", "2024-03-05"]]


def test_what_another_program_writes_is_read_alike(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "name", "since", "sum"])
        sheet.write_string(1, 0, "0042")
        bold = book.add_format({"bold": True})
        sheet.write_rich_string(1, 1, "Ana ", bold, "Berg", " ñ")
        sheet.write_string(1, 4, "_x0041_\x01")
        day = book.add_format({"num_format": "d mmm yyyy"})
        sheet.write_datetime(1, 2, dt.datetime(2024, 3, 5), day)
        sheet.write_formula(1, 3, "=1+1", None, 2)

    assert cells_of(tmp_path / "a.xlsx", tmp_path)[1] == [
        "0042", "Ana Berg ñ", "2024-03-05", "2", "_x0041_\x01",
    ]  # fmt: skip


def test_cells_of_rarer_shapes_are_read(tmp_path):
    """Without places, with prefixes and blanks, inline, and with how a name is said."""
    sheet = """
      <row> <c t="inlineStr"> <is> <t>a</t> </is> </c> <c t="s"> <v>0</v> </c> </row>
      <row r="3"><c r="A3" t="str"><f>T("x")</f>
         <v>x</v> </c><c r="C3" t="e"><v>#DIV/0!</v></c><c r="D3" t="b"><v>1</v></c>
         <c r="E3" t="d"><v>2024-03-05T14:30:00</v></c></row>
    """
    shared = "<si><r><t>山田</t></r> <rPh><t>ヤマダ</t></rPh><r><t> 太郎</t></r></si>"
    path = xlsx_of(tmp_path / "a.xlsx", sheet, shared=shared)
    rows = [["a", "山田 太郎"], [], ["x", "", "", "TRUE", "2024-03-05 14:30:00"]]

    assert cells_of(path, tmp_path) == rows

    prefixed = "".join(
        f"<x:{part}" if not part.startswith(("/", "?")) else
        f"</x:{part[1:]}" if part.startswith("/") else f"<{part}"
        for part in sheet.split("<")[1:]
    )  # fmt: skip
    path = xlsx_of(tmp_path / "b.xlsx", prefixed, shared=shared)
    assert cells_of(path, tmp_path) == rows


def test_many_texts_wait_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_strings, "KEPT_CHARACTERS", 200)
    texts = [[f"Name {n} ñ", f"{n}"] for n in range(300)]
    path = workbook_of(tmp_path / "a.xlsx", *texts, *reversed(texts))

    assert cells_of(path, tmp_path) == [*texts, *reversed(texts)]


def test_the_first_sheet_with_a_table_is_read_and_none_that_is_hidden(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    book.create_sheet("Old").append(["id", "name"])
    book["Old"].sheet_state = "hidden"
    book.create_sheet("Notes").append(["All about this file"])
    book.create_chartsheet("Chart")
    book.create_sheet("People").append(["id", "name"])
    book.create_sheet("Orders").append(["order", "sum"])
    path = tmp_path / "a.xlsx"
    book.save(path)

    preview = describe(path, Options())
    assert (preview.kind, preview.sheet) == ("xlsx", "People")
    assert preview.sheets == ("Empty", "Notes", "People", "Orders")
    assert preview.notes == ("Only one sheet is read: People.",)
    assert describe(path, Options(sheet="orders ")).header == ("order", "sum")
    assert describe(path, Options(sheet="Old")).header == ("id", "name")
    with pytest.raises(FileUnusable, match="There are: Empty, Notes, People, Orders"):
        describe(path, Options(sheet="Other"))


def test_the_preview_reads_the_head_of_a_workbook_alone(tmp_path):
    rows = [[n, f"Name {n}", dt.date(2024, 3, 5)] for n in range(200)]
    path = workbook_of(tmp_path / "a.xlsx", ["Report"], [], ["id", "name", "on"], *rows)

    preview = describe(path, Options())

    assert (preview.header_row, preview.titles) == (3, ("Report",))
    assert preview.rows[0] == ("0", "Name 0", "2024-03-05")
    assert len(preview.rows) == 20
    assert describe(path, Options(header_row=150)).header[1] == "Name 146"


def test_an_open_document_is_read_as_people_mean_it(tmp_path):
    note = "<office:annotation><text:p>not this</text:p></office:annotation>"
    path = ods_of(
        tmp_path / "a.ods",
        table("Hidden", row(text_cell("x"), text_cell("y")), style="hidden"),
        table("Empty", row(nothing(16384), times=1048576)),
        table(
            "People",
            row(text_cell("id"), text_cell("name"), nothing(16382)),
            row(nothing(16384), times=3),
            row(
                text_cell("0042"),
                cell("string", f"{note}<text:p>A<text:s text:c='2'/>&amp; B</text:p>"),
                cell("float", "<text:p>12,95</text:p>", office__value="12.95"),
                cell("float", "<text:p>01234</text:p>", office__value="1234"),
                cell("percentage", "<text:p>7 %</text:p>", office__value="0.07"),
                cell("currency", "<text:p>€ 3</text:p>", office__value="3"),
                nothing(2),
                cell("date", "<text:p>5.3.</text:p>", office__date_value="2024-03-05"),
                cell("date", "<text:p>x</text:p>",
                     office__date_value="2024-03-05T14:30:00"),
                cell("time", "<text:p>2</text:p>", office__time_value="PT14H30M00S"),
                cell("boolean", "<text:p>WAHR</text:p>", office__boolean_value="true"),
                cell("string", "<text:p>#N/A</text:p>", calcext__value_type="error"),
                text_cell("a\nb"),
                text_cell("again", table__number_columns_repeated="2"),
                nothing(16369),
            ),
            row(text_cell("twice"), times=2),
            row(nothing(16384), times=1048500),
        ),
    )  # fmt: skip

    assert cells_of(path, tmp_path) == [
        ["id", "name"], [], [], [],
        ["0042", "A  & B", "12.95", "01234", "7%", "3", "", "", "2024-03-05",
         "2024-03-05 14:30:00", "14:30:00", "TRUE", "", "a\nb", "again", "again"],
        ["twice"], ["twice"],
    ]  # fmt: skip
    preview = describe(path, Options())
    assert (preview.kind, preview.sheets) == ("ods", ("Empty", "People"))
    assert "Cells with an error, such as #N/A, are empty." in preview.notes


@pytest.mark.slow
def test_a_cell_in_the_last_corner_takes_neither_time_nor_memory(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(ANA)
    book.active["XFD1048576"] = "?"
    book.save(tmp_path / "a.xlsx")

    rows = cells_of(tmp_path / "a.xlsx", tmp_path)

    assert [len(cells) for cells in rows if cells] == [3, 3, 16384]


TSV = "external_id\tname\nC1\tZoë\n"


@pytest.mark.django_db
@pytest.mark.parametrize("packed", ["zip", "gzip", "zip of a folder", "xlsx in zip",
                                    "xlsx in gzip"])  # fmt: skip
def test_a_packed_file_is_read(tmp_path, packed):
    book = workbook_of(tmp_path / "b.xlsx", ("external_id", "name"), ("C1", "Zoë"))
    content = book.read_bytes() if "xlsx" in packed else TSV.encode("utf-16")
    path = tmp_path / "a"
    if "zip of" in packed:
        archive_of(path, {"x/": "", "x/people.tsv": content, "__MACOSX/x/._people": "x",
                          "x/.DS_Store": "x"})  # fmt: skip
    elif "gzip" in packed:
        path.write_bytes(gzip.compress(content))
    else:
        archive_of(path, {"people.tsv": content})

    assert take_customers(path).accepted == 1
    assert Customer.objects.get().given_name == "Zoë"
    preview = describe(path, Options())
    assert preview.packed == ("gzip" if "gzip" in packed else "zip")
    assert preview.notes[0] == "The file was unpacked."


def test_of_several_files_one_is_chosen_by_name(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"x/subscribed.csv": "email\na@example.org\n",
                                           "cleaned.csv": "email,why\n"})  # fmt: skip

    with pytest.raises(FileUnusable, match=r"files: subscribed\.csv, cleaned\.csv\."):
        describe(path, Options())
    assert describe(path, Options(sheet="cleaned.csv")).header == ("email", "why")
    assert describe(path, Options(sheet="subscribed.csv")).member == "x/subscribed.csv"


def test_of_several_workbooks_a_sheet_is_chosen(tmp_path):
    book = workbook_of(tmp_path / "b.xlsx", ("id", "name"), title="People")
    parts = {"x/b.xlsx": book.read_bytes(), "a.csv": "a,b\n"}
    path = archive_of(tmp_path / "a.zip", parts)

    for wanted in ("b.xlsx", "b.xlsx/people", "x/b.xlsx/People"):
        preview = describe(path, Options(sheet=wanted))
        assert (preview.member, preview.sheet) == ("x/b.xlsx", "People")
    with pytest.raises(FileUnusable, match="There is no sheet 'Other'"):
        describe(path, Options(sheet="b.xlsx/Other"))


def test_a_sheet_of_a_text_is_a_mistake(tmp_path):
    with pytest.raises(FileUnusable, match="There is no sheet 'People'"):
        describe(file_of(tmp_path, "a,b\n"), Options(sheet="People"))


def test_a_member_is_never_a_path(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"../../evil.csv": "a,b\n1,2\n"})

    assert cells_of(path, tmp_path) == [["a", "b"], ["1", "2"]]
    assert not list(tmp_path.parent.glob("evil.csv"))


def test_an_archive_keeps_its_files_as_they_are(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"a.csv": "a,b\n"})
    before = path.read_bytes()

    describe(path, Options())

    assert path.read_bytes() == before
    assert zipfile.ZipFile(path).namelist() == ["a.csv"]
