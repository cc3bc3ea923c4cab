"""Files as they come: encodings, delimiters, quotes, headers; and the unusable."""

import gzip

import pytest

from crm.errors import FileUnusable
from crm.models import Customer, ImportRun, OrderLine, Product
from tests.crm.importing import (
    ORDER_HEADER,
    file_of,
    refusals,
    take_customers,
    take_orders,
)

pytestmark = pytest.mark.django_db

NAMES = "external_id,name\nC1,Zoë Ångström\nC2,Bücher & Söhne\n"


def unusable(call, *args, **kwargs):
    with pytest.raises(FileUnusable) as refused:
        call(*args, **kwargs)
    assert "\n" not in refused.value.message
    assert not ImportRun.objects.exists()
    assert not Customer.objects.exists()
    return refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le",
                                      "utf-16-be", "cp1252"])  # fmt: skip
def test_encodings_are_recognised(tmp_path, encoding):
    take_customers(file_of(tmp_path, NAMES, encoding=encoding))

    found = Customer.objects.order_by("external_id").values_list(
        "given_name", flat=True
    )
    assert list(found) == ["Zoë", "Bücher &"]


def test_a_gzip_file_is_read_whatever_its_name(tmp_path):
    take_customers(file_of(tmp_path, gzip.compress(NAMES.encode())))

    assert Customer.objects.count() == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(tmp_path, delimiter):
    text = ORDER_HEADER + "O1,C1,2026-05-01,TEA,1,1.5\n"
    report = take_orders(
        file_of(tmp_path, text.replace(",", delimiter)), create_customers=True
    )

    assert report.accepted == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(tmp_path, end):
    take_customers(file_of(tmp_path, NAMES.replace("\n", end)))

    assert Customer.objects.count() == 2


def test_the_last_line_needs_no_end_and_blank_lines_are_no_rows(tmp_path):
    report = take_customers(file_of(tmp_path, "\n\nexternal_id\n\nC1\n\n\nC2"))

    assert (report.read, report.accepted) == (2, 2)


def test_quoted_cells_may_hold_delimiters_and_quotes(tmp_path):
    take_customers(file_of(tmp_path, 'external_id,company\nC1,"Tea, ""Best"" Ltd"\n'))

    assert Customer.objects.get().organisation == 'Tea, "Best" Ltd'


def test_a_line_break_inside_a_name_is_told_with_its_first_line(tmp_path):
    rejects = tmp_path / "rejects.csv"
    text = 'external_id,name\nC1,Ann\nC2,"Be\nn"\nC3,\x00\nC4,Lea\n'
    report = take_customers(file_of(tmp_path, text), rejects=rejects, strict=True)

    lines = rejects.read_text().splitlines()
    assert refusals(report) == {"name_control_characters": 2}
    assert [line.split(",")[0] for line in lines if line[:1].isdigit()] == ["3", "5"]


def test_a_utf8_file_with_a_few_foreign_bytes_loses_only_those_rows(tmp_path):
    text = "external_id,name\n" + "".join(f"C{n},Zoë\n" for n in range(9))
    report = take_customers(file_of(tmp_path, text.encode() + b"X,Zo\xeb\n"))

    assert refusals(report) == {"name_not_text": 1}
    assert Customer.objects.count() == 9


def test_columns_of_other_names_are_mapped(tmp_path):
    text = "Invoice No,Who,When,What,How many,Each\nO1,C1,2026-05-01,TEA,2,1\n"
    report = take_orders(
        file_of(tmp_path, text),
        create_customers=True,
        mapping={
            "order_id": "Invoice No",
            "customer_id": "who",
            "ordered_at": "When",
            "sku": "What",
            "quantity": "How many",
            "unit_price": "Each",
        },
    )

    assert report.accepted == 1


def test_unknown_columns_are_listed_and_ignored(tmp_path):
    report = take_customers(file_of(tmp_path, "external_id,colour,,shape\nC1,red,,\n"))

    assert report.ignored == ["colour", "shape"]


def test_header_names_are_read_without_regard_to_case_and_spaces(tmp_path):
    take_customers(file_of(tmp_path, " External ID ,Given Name\nC1,Ann\n"))

    assert Customer.objects.get().given_name == "Ann"


def test_a_header_without_rows_is_an_empty_import(tmp_path):
    report = take_customers(file_of(tmp_path, "external_id,name\n"))

    assert (report.read, report.accepted) == (0, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"a,b\n1,2\n", "Required columns are missing: email or external_id"),
        (b"external_id,name,name\n1,2,3\n", "Columns that stand twice: name"),
        (b"\x00\x01\x02\x03", "Required columns are missing"),
        (b"\x1f\x8bnot gzip at all", "The file is damaged"),
        (gzip.compress(NAMES.encode(), mtime=0)[:-9], "The file is damaged"),
        (b'external_id,name\nC1,Ann\nC2,"Ben\nC3,Lea\n', "on line 3"),
        (b'external_id,name\nC1,Ann\nC2,"Ben\nC3,"Lea"\n', "on line 3"),
        (b'external_id,name\nC1,"' + b"x\n" * 200_000, "on line 2"),
        (b"external_id\n" + b"x" * 3_000_000, "longer than a megabyte"),
        (",".join(f"c{n}" for n in range(5000)).encode() + b"\n", "5000 columns"),
    ],
)
def test_an_unusable_file_is_one_clear_line_and_nothing_is_written(
    tmp_path, content, words
):
    assert words in unusable(take_customers, file_of(tmp_path, content))


def test_a_cell_of_a_megabyte_is_no_cell(tmp_path):
    text = "external_id,name\nC1,Ann\nC2," + "x" * 200_000 + "\n"

    assert "line 3" in unusable(take_customers, file_of(tmp_path, text))


def test_a_damaged_end_is_noticed_before_anything_is_loaded(tmp_path):
    rows = "".join(f"C{n},Ann\n" for n in range(30_000))
    text = "external_id,name\n" + rows + 'X,"open\n'

    assert "line 30002" in unusable(take_customers, file_of(tmp_path, text))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mapping": {"shoe_size": "name"}}, "Unknown fields in --map: shoe_size"),
        ({"mapping": {"name": "nom"}}, "Mapped columns that the file lacks: nom"),
        ({"time_zone": "Mars/Phobos"}, "Mars/Phobos"),
        ({"source": ""}, "source"),
        ({"source": "x" * 41}, "source"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, options, words):
    assert words in unusable(take_customers, file_of(tmp_path, NAMES), **options)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    assert "cannot be read" in unusable(take_customers, tmp_path / "nowhere.csv")
    assert "cannot be read" in unusable(take_customers, tmp_path)


def test_neither_price_nor_total_is_a_missing_column(tmp_path):
    text = "order_id,customer_id,ordered_at,sku,quantity\nO1,C1,2026-05-01,TEA,1\n"

    assert "line_total or unit_price" in unusable(take_orders, file_of(tmp_path, text))


def test_excel_separator_line_is_understood(tmp_path):
    take_customers(file_of(tmp_path, "sep=;\r\nexternal_id;name\r\nC1;Ann\r\n"))

    assert Customer.objects.get().given_name == "Ann"


def test_rejects_cannot_run_in_a_spreadsheet(tmp_path):
    rejects = tmp_path / "rejects.csv"
    text = ORDER_HEADER + "=1+1,@SUM(A1),2026-05-01,-1,-2.50,x\n"
    take_orders(file_of(tmp_path, text), rejects=rejects, create_customers=True)

    header, row = rejects.read_text().splitlines()
    assert header == "line,reason,why," + ORDER_HEADER.strip()
    assert (
        row
        == "2,price_invalid,The price is no number (or its marks are those of another"
        " way to write one: on the command line --numbers point or comma). (“x”),"
        "'=1+1,'@SUM(A1),2026-05-01,-1,-2.50,x"
    )
    assert not OrderLine.objects.exists()
    assert not Product.objects.exists()
