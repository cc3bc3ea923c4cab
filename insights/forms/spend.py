"""What sources cost: one month of one, or many lines of a table."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.services.spend import MOST_LINES, SpendInput
from web import form_fields as fields
from web.errors import InvalidValue
from web.rules import money


class SpendForm(forms.Form):
    """Lines as spreadsheets copy them: source, month, amount, currency."""

    lines = fields.MultilineField(
        name="lines",
        most=MOST_LINES * 120,
        required=True,
        label=gettext_lazy("What was spent"),
        help_text=gettext_lazy(
            "A line for each source and month: source, month, amount, currency, such as"
            " “Search ads, 2026-03, 1250.00, EUR”. Copied out of a spreadsheet, too. A"
            " line that is there already is replaced; an amount of 0 takes it away."
        ),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency

    def clean_lines(self) -> list[SpendInput]:
        """What the lines say. Raises ValidationError with the number of the first that
        cannot be read."""
        text = str(self.cleaned_data["lines"])
        mark = "\t" if "\t" in text else ";" if ";" in text else ","
        rows = list(csv.reader(io.StringIO(text), delimiter=mark))
        found = []
        for number, row in enumerate(rows, start=1):
            if not any(cell.strip() for cell in row):
                continue
            try:
                found.append(self._line([cell.strip() for cell in row]))
            except (ValueError, InvalidValue):
                raise ValidationError(
                    _(
                        "Line %(number)s cannot be read. Write source, month, amount,"
                        " currency, such as “Search ads, 2026-03, 1250.00, EUR”."
                        " Nothing was kept."
                    )
                    % {"number": number},
                    code="unreadable",
                ) from None
        return found

    def _line(self, cells: list[str]) -> SpendInput:
        source, month, amount, *rest = cells
        currency = rest[0] if rest and rest[0] else self.currency
        day = month if len(month) > len("2026-03") else f"{month}-01"
        return SpendInput(
            source,
            date.fromisoformat(day),
            money.parse_decimal(amount, field="amount", digits=12, least=Decimal(0)),
            money.valid_currency(currency),
        )
