"""Files that are none we read, and files that are made to hurt: refused in words, in
little time and memory, before anything is written."""

import gzip
import io
import struct
import subprocess
import sys
import tarfile
import zipfile

import pytest

from crm.errors import FileUnusable
from crm.services.imports import archives, encoding
from crm.services.imports.preview import describe
from crm.services.imports.running import Options
from tests.crm.importing import file_of
from tests.crm.workbooks import archive_of, cell, ods_of, row, table, text_cell, xlsx_of


def refused(path):
    with pytest.raises(FileUnusable) as told:
        describe(path, Options())
    assert "\n" not in told.value.message
    return told.value.message


def tar():
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO(b""))
    return written.getvalue()


def ole(*streams):
    """The beginning of an older Office file, and the names in its directory."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + struct.pack("<H", 9)
    head = head.ljust(48, b"\0") + struct.pack("<I", 1)
    names = b"".join(f"{name}\0".encode("utf-16-le").ljust(128, b"\0")
                     for name in ("Root Entry", *streams))  # fmt: skip
    return head.ljust(1024, b"\0") + names


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n%...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image (PNG)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image (JPEG)"),
        (b"GIF89a\x01\0", "an image (GIF)"),
        (b"MZ\x90\0\x03\0", "a program"),
        (b"\x7fELF\x02\x01\x01\0", "a program"),
        (b"7z\xbc\xaf'\x1c\0\x04", "a 7z archive"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"SQLite format 3\0", "a database"),
        (b"PAR1\x15\0\x15", "a Parquet file"),
        (b"{\\rtf1\\ansi}", "a text document"),
        (tar(), "a tar archive"),
        (gzip.compress(tar(), mtime=0), "a tar archive"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "a PDF document"),
        (b"<html><table><tr><td>id</td></tr></table>", "a web page"),
        ("<!DOCTYPE html>\n<html>".encode("utf-16"), "a web page"),
        (b"\xef\xbb\xbf  <table border=1><tr>", "a web page"),
        (b'<?xml version="1.0"?><Workbook xmlns='
         b'"urn:schemas-microsoft-com:office:spreadsheet">', "Excel workbook of 2003"),
        (b'<?xml version="1.0"?><people/>', "an XML document"),
        (b'[{"id": 1}]', "a JSON file"),
        (b'{"id": 1}\n{"id": 2}\n', "a JSON file"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "contact cards"),
        (ole("Workbook"), "of the older kind (.xls)"),
        (ole("x", "y", "z", "Book"), "of the older kind (.xls)"),
        (ole("EncryptedPackage", "EncryptionInfo"), "protected by a password"),
        (ole("WordDocument"), "a Word document"),
        (ole(), "an older Office program"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_what_is_no_table_is_told_by_its_content(tmp_path, content, what, name):
    told = refused(file_of(tmp_path, content, name))

    assert what in told
    cures = ("Save it", "Export", "XLSX or CSV", "Unpack", "without the password")
    assert any(cure in told for cure in cures)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"[Content_Types].xml": "x", "xl/workbook.bin": "x"}, "binary Excel workbook"),
        ({"[Content_Types].xml": "x", "word/document.xml": "x"}, "a Word document"),
        ({"[Content_Types].xml": "x", "ppt/a.xml": "x"}, "a document of another kind"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"},
         "no spreadsheet"),
        ({"mimetype": "application/epub+zip"}, "no spreadsheet"),
        ({"Index/Document.iwa": "x"}, "Numbers"),
        ({"[Content_Types].xml": "x", "xl/other.xml": "x"}, "damaged: it lacks"),
        ({"a/": ""}, "The archive is empty"),
        ({"a.pdf": "%PDF-1.7"}, "a PDF document"),
        ({"a.gz": gzip.compress(b"a,b")}, "The archive holds another archive"),
    ],
)  # fmt: skip
def test_what_is_in_an_archive_counts(tmp_path, parts, what):
    assert what in refused(archive_of(tmp_path / "a.zip", parts))


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = archive_of(tmp_path / "inner.zip", {"a.csv": "a,b\n"}).read_bytes()

    told = refused(archive_of(tmp_path / "a.zip", {"inner.zip": inner}))
    assert told.startswith("The archive holds another archive")
    assert refused(file_of(tmp_path, gzip.compress(inner))) == told
    assert refused(file_of(tmp_path, gzip.compress(gzip.compress(b"a,b")))) == told


def test_words_that_begin_as_other_files_do_are_text(tmp_path):
    for header in ("MZ,name", "BMI,name", "GIF89a,name", "RIFF,name", "{name},id"):
        path = file_of(tmp_path, f"{header}\n1,2\n")
        assert ",".join(describe(path, Options()).header) == header


def test_a_password_is_asked_for_nowhere(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"a.csv": "a,b\n"})
    content = path.read_bytes()
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        content = content[:at] + b"\x01\0" + content[at + 2 :]

    assert "protected by a password" in refused(file_of(tmp_path, content))

    manifest = '<manifest:encryption-data manifest:checksum="x"/>'
    path = ods_of(tmp_path / "a.ods", extra={"META-INF/manifest.xml": manifest})
    assert "protected by a password" in refused(path)


def test_what_swells_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "MOST_UNPACKED", 3_000_000)
    lines = b"a,b\n" * 1_000_000

    for path in (
        archive_of(tmp_path / "a.zip", {"a.csv": lines}),
        archive_of(tmp_path / "b.zip", {f"{n}.csv": lines[:1_500_000] for n in "abc"}),
        file_of(tmp_path, gzip.compress(lines)),
        file_of(tmp_path, gzip.compress(b"PK\x03\x04" + lines), "b.gz"),
    ):
        assert "cut a CSV file into several" in refused(path)


@pytest.mark.slow
def test_rows_that_repeat_themselves_are_counted(tmp_path, monkeypatch):
    again = row(text_cell("x" * 1000, table__number_columns_repeated="16000"), times=9)
    path = ods_of(tmp_path / "a.ods", table("A", *[again] * 10))
    monkeypatch.setattr(encoding, "MOST_UNPACKED", 50_000_000)

    assert "Save a workbook as CSV" in refused(path)


def test_a_ratio_that_no_table_has_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "RATIO_FROM", 1_000_000)

    told = refused(archive_of(tmp_path / "a.zip", {"a.csv": bytes(2_000_000)}))

    assert told.startswith("The archive swells to 2 MB out of")


def test_many_entries_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.csv", "")

    assert "more than 10,000 files" in refused(path)
    monkeypatch.setattr(archives, "_MOST_LISTED", 100_000)
    assert "more than 10,000 files" in refused(path)


_LETTERS = "abcdefgh"
BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip(_LETTERS, _LETTERS[1:], strict=False)
    )
    + "]>"
)


@pytest.mark.parametrize("make", [
    lambda path: xlsx_of(path, "<row><c><v>&h;</v></c></row>", before=BOMB),
    lambda path: xlsx_of(path, "", more={"xl/workbook.xml": f"{BOMB}<workbook/>"}),
    lambda path: ods_of(path, table("A", row(text_cell("a"))), before=BOMB),
    lambda path: ods_of(path, before='<!DOCTYPE a SYSTEM "file:///etc/passwd">'),
])  # fmt: skip
def test_entities_are_not_even_declared(tmp_path, make):
    assert "declares a document type" in refused(make(tmp_path / "a"))


@pytest.mark.parametrize("make", [
    lambda path: xlsx_of(path, f'<row x="{"y" * 2_000_000}"/>'),
    lambda path: xlsx_of(path, "<a>" * 100_000),
    lambda path: xlsx_of(path, "".join(f"<a{n}/>" for n in range(50_000))),
    lambda path: xlsx_of(path, "".join(f'<a b{n}=""/>' for n in range(50_000))),
    lambda path: ods_of(path, table("A", row(cell("string", "<text:p>a" * 50_000)))),
    lambda path: xlsx_of(path, "", shared=f"<!-- {'x' * 2_000_000} --><si/>",
                         more={"xl/worksheets/sheet1.xml":
                               '<a><row><c t="s"><v>0</v></c></row></a>'}),
])  # fmt: skip
def test_markup_without_end_is_refused(tmp_path, make):
    assert "markup that no spreadsheet program writes" in refused(make(tmp_path / "a"))


@pytest.mark.parametrize("make", [
    lambda path: xlsx_of(path, '<row r="1048577"><c><v>1</v></c></row>'),
    lambda path: ods_of(path, table("A", row(times=2_000_000), row(text_cell("a")))),
    lambda path: ods_of(path, table("A", row(text_cell("a"), times=2_000_000))),
])  # fmt: skip
def test_rows_beyond_the_last_are_refused(tmp_path, make):
    assert "at most 1,048,576 rows" in refused(make(tmp_path / "a"))


@pytest.mark.parametrize(("make", "what"), [
    (lambda path: xlsx_of(path, '<row><c r="XFE1"><v>1</v></c></row>'), "is at 'XFE'"),
    (lambda path: xlsx_of(path, '<row><c r="A1"><v>1</c></row>'), "is damaged"),
    (lambda path: xlsx_of(path, '<row r="2"><c><v>1</v></c></row>'
                                '<row r="1"><c><v>1</v></c></row>'), "in disorder"),
    (lambda path: xlsx_of(path, f'<row><c t="str"><v>{"x" * 200_000}</v></c></row>'),
     "A cell in row 1 has more than"),
    (lambda path: xlsx_of(path, ""), "no sheet with anything in it"),
    (lambda path: ods_of(path), "no sheet with anything in it"),
    (lambda path: ods_of(path, table("A", row(text_cell("a" * 200_000)))),
     "A cell in row 1 has more than"),
])  # fmt: skip
def test_a_damaged_workbook_is_one_clear_line(tmp_path, make, what):
    assert what in refused(make(tmp_path / "a"))


def test_a_cut_archive_is_damaged(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"a.csv": "a,b\n" * 1000})

    assert "damaged" in refused(file_of(tmp_path, path.read_bytes()[:-30]))


def test_numbers_out_of_reach_are_no_days(tmp_path):
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    cells = "".join(
        f"<c><v>{n}</v></c>" for n in ("1e300", "-5", "nan", "9" * 400, "x")
    )
    path = xlsx_of(tmp_path / "a", f"<row>{cells}</row>", styles=styles)

    assert describe(path, Options()).columns >= 3


@pytest.mark.slow
def test_markup_is_read_in_bounded_memory(tmp_path):
    """A million rows without a cell, and as many texts of which none is asked for."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(1, 400_000))
    header = '<row r="1048000"><c t="inlineStr"><is><t>id</t></is></c></row>'
    path = xlsx_of(tmp_path / "a.xlsx", rows + header)
    program = (
        "import sys, resource, pathlib, tempfile\n"
        "from crm.services.imports.containers import as_text\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "as_text(pathlib.Path(sys.argv[1]), pathlib.Path(tempfile.mkdtemp()))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )

    ran = subprocess.run([sys.executable, "-c", program, path], capture_output=True,
                         check=True, text=True)  # fmt: skip

    assert int(ran.stdout) < 20_000  # kB
