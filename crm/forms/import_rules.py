"""The fields that say how an import understands its rows, beside the columns."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.services.imports.cell_formats import Found
from crm.services.imports.values.date_forms import ORDERS, has_year, possible_days

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
    *("opt_out_kind", "opt_out_scope", "as_of"),
)
RARE = (
    *("match", "write", "erase_empty", "guests", "consent"),
    *("default_currency", "default_country", "default_language"),
    *("tag_mark", "identity", "source", "time_zone", "serial_dates", "strict"),
)
_OPTIONS = (
    *("date_order", "numbers", "create_customers", "match", "write", "erase_empty"),
    *("guests", "tag_mark", "identity", "as_of"),
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


def formats(
    options: Mapping[str, Any], days: Found, numbers: Found
) -> dict[str, forms.Field]:
    """How dates and numbers are written; asked where the file leaves a doubt."""
    found: dict[str, forms.Field] = {}
    if asked := _dates(options, days):
        found["date_order"] = asked
    if numbers.value:
        found["numbers"] = forms.ChoiceField(
            label=_("Numbers"),
            widget=forms.RadioSelect if numbers.example else forms.HiddenInput,
            choices=[
                ("point", _("1,234.50: the point begins the fraction")),
                ("comma", _("1.234,50: the comma begins the fraction")),
            ],
            initial=options.get("numbers") or numbers.value,
        )
    return found


def no_words_of_consent() -> ValidationError:
    """The message where a column of consent has no word for yes."""
    return ValidationError(
        _("Say where they said yes to offers, or choose “Not used” for that column."),
        code="required",
    )


def _dates(options: Mapping[str, Any], days: Found) -> forms.Field | None:
    """Where the file tells, it is no question. Where its first rows hold no date, one
    that was answered before is asked again: the rest of the file may hold some."""
    answered = options.get("date_order", "")
    if days.value and not days.example:
        choices: Choices = list(ORDERS.items())
        return _order_field(forms.HiddenInput, choices, days.value)
    choices = _day_choices(days.example or "05/03/2026", days.ways)
    known = {order for order, _words in choices}
    initial = answered if answered in known else days.value
    return _order_field(forms.RadioSelect, choices, initial) if initial else None


def _order_field(
    widget: type[forms.Widget], choices: Choices, initial: str
) -> forms.Field:
    return forms.ChoiceField(
        label=_("Dates"), widget=widget, choices=choices, initial=initial
    )


def _day_choices(example: str, ways: tuple[str, ...]) -> Choices:
    """The same cell read in each order: 05/03/2026 is 5 March, or 3 May."""
    days = possible_days(example)
    found = {order: days[order] for order in days if not ways or order in ways}
    # Two orders that read the same day cannot be told apart by it.
    orders = {day: order for order, day in reversed(found.items())}
    form = "j F Y" if has_year(example) else "j F"
    return [
        (
            order,
            _("%(example)s is %(day)s")
            % {"example": example, "day": date_format(day, form)},
        )
        for day, order in reversed(orders.items())
    ]
