"""What a file is by its first bytes, whatever its name says; and what to do with one
that holds no table we read."""

import re
import zipfile
from io import BufferedIOBase
from typing import IO

from crm.errors import FileUnusable

HEAD = 4096
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Save it as XLSX or CSV."
_UNPACK = "Unpack it and bring the file that is in it, or pack that as ZIP."
# Beginnings that no text has. Those of letters alone also need a byte that no text has.
_STARTS = (
    (b"%PDF-", "a PDF document", "Export the table itself as XLSX or CSV."),
    (b"\x89PNG", "an image (PNG)", "Export the table itself as XLSX or CSV."),
    (b"\xff\xd8\xff", "an image (JPEG)", "Export the table itself as XLSX or CSV."),
    (b"GIF8", "an image (GIF)", "Export the table itself as XLSX or CSV."),
    (b"RIFF", "an image, a sound or a film", "Export the table as XLSX or CSV."),
    (b"BM", "an image (BMP)", "Export the table itself as XLSX or CSV."),
    (b"II*\x00", "an image (TIFF)", "Export the table itself as XLSX or CSV."),
    (b"MM\x00*", "an image (TIFF)", "Export the table itself as XLSX or CSV."),
    (b"MZ", "a program", "Bring the table as XLSX or CSV."),
    (b"\x7fELF", "a program", "Bring the table as XLSX or CSV."),
    (b"\xcf\xfa\xed\xfe", "a program", "Bring the table as XLSX or CSV."),
    (b"\xca\xfe\xba\xbe", "a program", "Bring the table as XLSX or CSV."),
    (b"7z\xbc\xaf'\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"SQLite format 3\x00", "a database (SQLite)", "Export its table as CSV."),
    (b"PAR1", "a Parquet file", "Export it as CSV."),
    (b"{\\rtf", "a text document (RTF)", _SAVE),
)
_LETTERS_ALONE = (b"GIF8", b"RIFF", b"BM", b"MZ", b"BZh", b"PAR1")
_HTML = re.compile(
    rb"<(?:!doctype html|html|head|meta|body|table|style|script)\b", re.I
)
_JSON = re.compile(rb'(?:\[\s*)?\{\s*(?:"|\})|\[\s*\]')
# What the directory of an older Office file names, as it is written there.
_OLE_STREAMS = {
    "EncryptedPackage": (
        "a workbook protected by a password",
        "Open it in your spreadsheet program, save it without the password, and bring "
        "that.",
    ),
    "Workbook": ("an Excel workbook of the older kind (.xls)", _SAVE),
    "Book": ("an Excel workbook of the older kind (.xls)", _SAVE),
    "WordDocument": (
        "a Word document",
        "Copy its table into a spreadsheet and save that as XLSX or CSV.",
    ),
}


def refuse_foreign(stream: BufferedIOBase | IO[bytes]) -> None:
    """Raise FileUnusable where this is known to be something else than a text; a stream
    that can be sought, read from its beginning."""
    head = stream.read(HEAD)
    if head.startswith(_OLE):
        raise FileUnusable(_refusal(*_ole(stream, head)))
    for start, what, cure in _STARTS:
        if head.startswith(start) and (start not in _LETTERS_ALONE or _is_binary(head)):
            raise FileUnusable(_refusal(what, cure))
    if head[257:262] == b"ustar":
        raise FileUnusable(_refusal("a tar archive", _UNPACK))
    _refuse_markup(head)


def workbook_in(archive: zipfile.ZipFile) -> str:
    """Which workbook an archive is: "xlsx", "ods" or nothing. Raises FileUnusable where
    it is a document of another kind."""
    names = archive.namelist()
    if "mimetype" in names:
        with archive.open("mimetype") as stream:
            kind = stream.read(200).decode("ascii", "replace").strip()
        if kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        raise FileUnusable(_refusal("a document that is no spreadsheet", _SAVE))
    folders = {name.partition("/")[0] for name in names}
    if "xl/workbook.bin" in names:
        raise FileUnusable(_refusal("a binary Excel workbook (.xlsb)", _SAVE))
    if "[Content_Types].xml" in names:
        if "xl" in folders:
            return "xlsx"
        what = "a Word document" if "word" in folders else "a document of another kind"
        raise FileUnusable(_refusal(what, "Bring its table as XLSX or CSV."))
    if any(name.endswith(".iwa") for name in names):
        what = "a document of Numbers or another Apple program"
        raise FileUnusable(_refusal(what, "Export it as Excel or CSV."))
    return ""


def _is_binary(head: bytes) -> bool:
    """Whether there are bytes that no text has: the mark of UTF-16 is not at the start,
    so a NUL is none of its halves."""
    return re.search(rb"[\x00-\x08\x0e-\x1a]", head) is not None


def _refuse_markup(head: bytes) -> None:
    """Web pages, XML and JSON are text, and no table."""
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\x00", b"").lstrip()
    if _HTML.match(text):
        raise FileUnusable(
            _refusal(
                "a web page, whatever its name ends in",
                "Open it in a spreadsheet program and save it as XLSX or CSV.",
            )
        )
    if text.startswith(b"<?xml"):
        is_excel = b"urn:schemas-microsoft-com:office:spreadsheet" in text
        what = "an Excel workbook of 2003 as XML" if is_excel else "an XML document"
        raise FileUnusable(_refusal(what, _SAVE))
    if _JSON.match(text):
        raise FileUnusable(_refusal("a JSON file", "Export the table as CSV."))
    if text[:11].upper() == b"BEGIN:VCARD":
        raise FileUnusable(
            _refusal("a file of contact cards (vCard)", "Export the contacts as CSV.")
        )


def _ole(stream: BufferedIOBase | IO[bytes], head: bytes) -> tuple[str, str]:
    """What an older Office file is, by the names in its directory."""
    size = 1 << min(int.from_bytes(head[30:32], "little"), 12)
    sector = int.from_bytes(head[48:52], "little")
    stream.seek((sector + 1) * size)
    directory = head + stream.read(16 * HEAD)
    for name, told in _OLE_STREAMS.items():
        if f"{name}\0".encode("utf-16-le") in directory:
            return told
    return "a document of an older Office program (.xls, .doc)", _SAVE


def _refusal(what: str, cure: str) -> str:
    return f"This is {what}. {cure}"
