"""The fields that say how an import understands its rows, beside the columns."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.services.imports.spellings import Found
from web import formats

Choices = list[tuple[str, Any]]

LOOKED_AT = (
    *(
        "default_programme",
        "default_scale",
        "date_order",
        "numbers",
        "create_customers",
        "ground",
    ),
    *("opt_out_kind", "opt_out_scope"),
)
RARE = (
    *("match", "write", "erase_empty", "guests", "consent"),
    *("default_currency", "default_country", "default_language"),
    *("tag_mark", "identity", "source", "time_zone", "serial_dates", "strict"),
)
_OPTIONS = (
    *("date_order", "numbers", "create_customers", "match", "write", "erase_empty"),
    *("guests", "tag_mark", "identity"),
    *("source", "time_zone", "serial_dates", "strict"),
    *("ground", "consent", "opt_out_scope", "opt_out_kind"),
)
_DEFAULT = "default_"


def chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields say, as options of the import."""
    options = {name: given[name] for name in _OPTIONS if name in given}
    defaults = {
        name.removeprefix(_DEFAULT): value
        for name, value in given.items()
        if name.startswith(_DEFAULT) and value
    }
    return {**options, "defaults": defaults}


def spellings(
    options: Mapping[str, Any], days: Found, numbers: Found
) -> dict[str, forms.Field]:
    """How dates and numbers are written; asked where the file leaves a doubt."""
    found: dict[str, forms.Field] = {}
    if days.value:
        found["date_order"] = forms.ChoiceField(
            label=_("Dates"),
            widget=_asked(days),
            choices=_day_choices(days.example),
            initial=options.get("date_order") or days.value,
        )
    if numbers.value:
        found["numbers"] = forms.ChoiceField(
            label=_("Numbers"),
            widget=_asked(numbers),
            choices=[
                ("point", _("1,234.50: the point begins the fraction")),
                ("comma", _("1.234,50: the comma begins the fraction")),
            ],
            initial=options.get("numbers") or numbers.value,
        )
    return found


def _asked(found: Found) -> type[forms.Widget]:
    return forms.RadioSelect if found.example else forms.HiddenInput


def no_words_of_consent() -> ValidationError:
    return ValidationError(
        _("Say where they said yes to offers, or choose “Not used” for that column."),
        code="required",
    )


def _day_choices(example: str) -> Choices:
    """The same cell read in either order: 05/03/2026 is 5 March, or 3 May."""
    found = re.findall(r"[0-9]+", example or "05/03/2026")[:3]
    first, second, year = (int(part) for part in found)
    year += 2000 if year < 100 else 0
    read = {"dmy": date(year, second, first), "mdy": date(year, first, second)}
    return [
        (
            order,
            _("%(example)s is %(day)s") % {"example": shown, "day": formats.day(day)},
        )
        for order, day in read.items()
        for shown in [example or "05/03/2026"]
    ]
