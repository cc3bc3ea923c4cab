"""What sources cost: one month of one, or many lines of a table."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.errors import FileUnusable
from crm.services.imports.small_files import text_of
from insights.services.spend import MOST_LINES, SpendInput
from web import form_fields as fields
from web.errors import InvalidValue
from web.rules import money

MOST_CHARACTERS = MOST_LINES * 120


class SpendForm(forms.Form):
    """Lines as spreadsheets copy them: source, month, amount, currency; typed, or as a
    file, whose first line may name the columns."""

    lines = fields.MultilineField(
        name="lines",
        most=MOST_CHARACTERS,
        label=gettext_lazy("What was spent"),
        help_text=gettext_lazy(
            "A line for each source and month: source, month, amount, currency, such as"
            " “Search ads, 2026-03, 1250.00, EUR”. Copied out of a spreadsheet, too. A"
            " line that is there already is replaced; an amount of 0 takes it away."
        ),
    )

    file = forms.FileField(
        required=False,
        label=gettext_lazy("Or a file with such lines"),
        help_text=gettext_lazy("CSV, or text with tabs, in any encoding."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt", "class": "mw-100"}),
        error_messages={"empty": gettext_lazy("This file is empty.")},
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency

    def clean_file(self) -> str:
        """The text of the file; empty without one."""
        upload = self.cleaned_data["file"]
        if not upload:
            return ""
        if upload.size > 4 * MOST_CHARACTERS:
            raise ValidationError(
                _("This file is too large: %(most)s lines at most. Nothing was kept.")
                % {"most": MOST_LINES},
                code="too_large",
            )
        with NamedTemporaryFile() as kept:
            kept.write(upload.read())
            kept.flush()
            try:
                return text_of(Path(kept.name))
            except FileUnusable as error:
                raise ValidationError(str(error), code="unreadable") from error

    def clean(self) -> dict[str, Any]:
        """`spent`: what the lines, or those of the file, say."""
        values = super().clean() or {}
        typed, uploaded = values.get("lines") or "", values.get("file") or ""
        if self.errors:
            return values
        if bool(typed.strip()) == bool(uploaded.strip()):
            raise ValidationError(
                _("Type the lines or choose a file: one of both."), code="one_of_both"
            )
        field = "lines" if typed.strip() else "file"
        try:
            values["spent"] = self._read(values[field], may_name=field == "file")
        except ValidationError as error:
            self.add_error(field, error)
        return values

    def _read(self, text: str, *, may_name: bool) -> list[SpendInput]:
        """Raises ValidationError with the number of the first line that cannot be
        read. `may_name`: the first line may name the columns."""
        mark = "\t" if "\t" in text else ";" if ";" in text else ","
        found: list[SpendInput] = []
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark), 1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or (may_name and number == 1 and _names(cells)):
                continue
            try:
                found.append(self._line(cells))
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


def _names(cells: list[str]) -> bool:
    """A line without any number names columns."""
    return not any(char.isdigit() for cell in cells for char in cell)
