"""A small table as a file: CSV or XLSX in one answer."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import xlsxwriter
from django.http import HttpRequest, HttpResponse

from web.rules.spreadsheets import harmless

Line = Sequence[str | float]
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def is_asked(request: HttpRequest) -> bool:
    """Whether a file is wanted rather than a page: `as=csv` or `as=xlsx`."""
    return request.GET.get("as") in _TYPES


def answer(
    request: HttpRequest, name: str, columns: Sequence[str], rows: Sequence[Line]
) -> HttpResponse:
    """The rows as the file that is asked for; its name begins with `name`."""
    kind = request.GET["as"]
    body = _csv(columns, rows) if kind == "csv" else _xlsx(columns, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(body, content_type=_TYPES[kind], headers=headers)


def cell(value: object) -> str | float:
    """A plain value as files have it: numbers as they are, nothing as no text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    return "" if value is None else str(value)


def _csv(columns: Sequence[str], rows: Sequence[Line]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(
        [harmless(one) if isinstance(one, str) else one for one in row] for row in rows
    )
    return out.getvalue().encode("utf-8-sig")


def _xlsx(columns: Sequence[str], rows: Sequence[Line]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, columns)
        for at, row in enumerate(rows, start=1):
            sheet.write_row(at, 0, row)
    return out.getvalue()
