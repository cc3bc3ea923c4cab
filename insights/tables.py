"""Figures and rows of charts as small files: CSV and XLSX in one answer."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse

from insights.figures import Figure
from web import tables
from web.tables import is_asked

__all__ = ["COLUMNS", "answer", "is_asked"]

COLUMNS = (
    *("key", "title", "currency", "value", "unit", "low", "high", "count", "base"),
    *("is_over", "sentence", "movement", "how"),
)


def answer(request: HttpRequest, name: str, figures: Sequence[Figure]) -> HttpResponse:
    """These figures as the file that is asked for; its name begins with `name`."""
    rows = [
        [tables.cell(one.as_data()[column]) for column in COLUMNS] for one in figures
    ]
    return tables.answer(request, name, COLUMNS, rows)
