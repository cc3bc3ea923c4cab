"""Workbooks for tests: ODS as LibreOffice writes it, and archives of any parts."""

import zipfile
from xml.sax.saxutils import escape, quoteattr

_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "table", "text", "style")
)
_SPACES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc"'


def archive_of(path, parts, **options):
    """A ZIP archive with these parts: name -> text or bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, **options)
    return path


def text_cell(text, **attributes):
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    return cell("string", lines, **attributes)


def cell(kind, content="", **attributes):
    given = {"office:value-type": kind, "calcext:value-type": kind}
    given.update({name.replace("__", ":").replace("_", "-"): value
                  for name, value in attributes.items()})  # fmt: skip
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in given.items())
    return f"<table:table-cell {written}>{content}</table:table-cell>"


def row(*cells, times=1):
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{repeated}>{''.join(cells)}</table:table-row>"


def nothing(times):
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'


def table(name, *rows, style="shown"):
    return (
        f'<table:table table:name={quoteattr(name)} table:style-name="{style}">'
        f'<table:table-column table:number-columns-repeated="16384"/>{"".join(rows)}'
        "</table:table>"
    )


def ods_of(path, *tables, before="", extra=None):
    """An ODS workbook of these tables; the style "hidden" hides one."""
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {_SPACES}'
        ' office:version="1.3"><office:automatic-styles>'
        '<style:style style:name="shown" style:family="table">'
        '<style:table-properties table:display="true"/></style:style>'
        '<style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    return archive_of(path, {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": content,
        **(extra or {}),
    })  # fmt: skip


def xlsx_of(path, sheet, *, shared="", styles="", before="", more=None):
    """An XLSX workbook of one sheet of XML, with what else its parts shall hold."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    relations = "".join(
        f'<Relationship Id="{key}" Type="{office}/{kind}" Target="{target}"/>'
        for key, kind, target in [
            ("r1", "worksheet", "worksheets/sheet1.xml"),
            ("r2", "sharedStrings", "sharedStrings.xml"),
            ("r3", "styles", "styles.xml"),
        ]
    )
    return archive_of(path, {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
                       f'Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
                       "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
                           '<sheet name="Sheet1" sheetId="1" r:id="r1"/>'
                           "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{relations}'
                                      "</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml":
            f'<?xml version="1.0"?>{before}<worksheet xmlns="{main}"><sheetData>{sheet}'
            "</sheetData></worksheet>",
        **(more or {}),
    })  # fmt: skip
