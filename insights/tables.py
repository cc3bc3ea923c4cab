"""Figures and rows of charts as small files: CSV and XLSX in one answer."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import xlsxwriter
from django.http import HttpRequest, HttpResponse

from insights.figures import Figure
from web.rules.spreadsheets import harmless

COLUMNS = (
    *("key", "title", "currency", "value", "unit", "low", "high", "count", "base"),
    *("is_over", "sentence", "movement", "how"),
)
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def is_asked(request: HttpRequest) -> bool:
    """Whether a file is wanted rather than a page."""
    return request.GET.get("as") in _TYPES


def answer(request: HttpRequest, name: str, figures: Sequence[Figure]) -> HttpResponse:
    """These figures as the file that is asked for; its name begins with `name`."""
    kind = request.GET["as"]
    rows = [[_cell(one.as_data()[column]) for column in COLUMNS] for one in figures]
    body = _csv(rows) if kind == "csv" else _xlsx(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(body, content_type=_TYPES[kind], headers=headers)


def _cell(value: object) -> str | float:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    return "" if value is None else str(value)


def _csv(rows: Sequence[Sequence[str | float]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row]
        for row in rows
    )
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str | float]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        for at, row in enumerate(rows, start=1):
            sheet.write_row(at, 0, row)
    return out.getvalue()
