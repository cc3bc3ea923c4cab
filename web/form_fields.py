"""Fields that check their text by web/rules/text, as API and import do."""

import csv
import hashlib
import secrets
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from web.error_messages import for_field
from web.errors import InvalidValue
from web.escaping import escaped
from web.rules import money, text
from web.rules.places import COUNTRIES
from web.source_keys import standing_key

Choices = list[tuple[str, Any]]
SELECTED = " selected"


def _fresh() -> str:
    return secrets.token_urlsafe(12)


class IdempotencyField(forms.CharField):
    """Made with the page, sent with the form: the same words sent twice from one page
    (a second click, back and send again) are one row, for as long as it stands."""

    def __init__(self) -> None:
        super().__init__(
            required=False, max_length=40, widget=forms.HiddenInput, initial=_fresh
        )


def once_key(data: Mapping[str, Any], *, over: QuerySet[Any]) -> str | None:
    """The source key of what a form with `once` asks for; other words, another key.

    `over`: rows of the same table that no longer stand as their form made them. Who
    sends the form again after that (dropped, then Back) is a new request, with a key of
    its own; before that it is the same row.
    """
    if not data.get("once"):
        return None
    digest = hashlib.sha256(repr(sorted(data.items())).encode()).hexdigest()
    return standing_key(
        f"form:{digest}", is_over=lambda key: over.filter(source_key=key).exists()
    )


class TextField(forms.CharField):
    """One line of at most `most` characters."""

    def __init__(self, *, most: int, name: str = "", **more: Any) -> None:
        self.most, self.name = most, name
        attributes = {"maxlength": most, **more.pop("attrs", {})}
        more.setdefault("widget", forms.TextInput(attrs=attributes))
        more.setdefault("required", False)
        super().__init__(**more)
        self.error_messages["required"] = for_field(name, "required")

    def clean(self, value: Any) -> str:
        try:
            return self.read(super().clean(value))
        except InvalidValue as error:
            code = next(iter(error.fields.values()), "")
            raise ValidationError(for_field(self.name, code), code=code) from error

    def read(self, value: str) -> str:
        """The normal form of what was typed. Raises InvalidValue."""
        return text.one_line(value, field=self.name, most=self.most)


class MultilineField(TextField):
    """Free text over several lines."""

    def __init__(self, *, most: int, rows: int = 5, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "maxlength": most})
        super().__init__(most=most, widget=widget, **more)

    def read(self, value: str) -> str:
        return text.many_lines(value, field=self.name, most=self.most)


def _quoted(name: str) -> str:
    if "," not in name and not name.startswith('"'):
        return name
    return '"{}"'.format(name.replace('"', '""'))


class NameList(list[str]):
    """Names that read as they are typed: one, two, "three, with a comma"."""

    def __str__(self) -> str:
        return ", ".join(_quoted(name) for name in self)


class NamesField(TextField):
    """Several names in one line, with commas between them."""

    def __init__(self, *, most_each: int, **more: Any) -> None:
        self.most_each = most_each
        super().__init__(**more)

    def read(self, value: str) -> NameList:  # type: ignore[override] # a list where TextField reads a line
        typed = next(csv.reader([super().read(value)], skipinitialspace=True), [])
        names = (
            text.one_line(name, field=self.name, most=self.most_each) for name in typed
        )
        return NameList(name for name in names if name)


class AmountField(TextField):
    """An amount as machines and most people write it: 29.90."""

    def __init__(self, *, name: str, **more: Any) -> None:
        attrs = {"inputmode": "decimal", "dir": "ltr"}
        super().__init__(most=20, name=name, attrs=attrs, **more)

    def prepare_value(self, value: Any) -> Any:
        """Without the places that no currency has: 29.9000 is 29.90."""
        if not isinstance(value, Decimal):
            return value
        exact = value.quantize(money.UNITS[2])
        return str(exact if exact == value else value.normalize())

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return money.parse_decimal(typed, field=self.name, least=Decimal(0))
        except InvalidValue as error:
            code = error.fields[self.name]
            raise ValidationError(for_field(self.name, code), code=code) from None


class EmailField(TextField):
    """One email address."""

    def __init__(self, **more: Any) -> None:
        widget = forms.EmailInput(attrs={"maxlength": 254, "dir": "ltr"})
        super().__init__(most=254, widget=widget, **more)

    def read(self, value: str) -> str:
        return text.valid_email(value, field=self.name)


class PhoneField(TextField):
    """Read in the country of the customer by the service; here only its length."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(
            attrs={"maxlength": 60, "dir": "ltr", "inputmode": "tel"}
        )
        super().__init__(most=60, widget=widget, **more)


class Day(forms.DateField):
    """A day, as the browser's own control writes it."""

    def __init__(self, *, name: str = "", **more: Any) -> None:
        more.setdefault("required", False)
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **more)
        self.error_messages["required"] = for_field(name, "required")
        self.error_messages["invalid"] = _("Enter the day as 2026-11-21")


class Clock(forms.TimeField):
    """A time of day, typed as 14:30."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("required", False)
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, input_formats=["%H:%M", "%H:%M:%S"], **more)
        self.error_messages["invalid"] = _("Enter the time as 14:30")


class Select(forms.Select):
    """Django's Select for choices without groups, with the same HTML.

    Django renders two templates for each option: the 780 time zones and countries of
    one form took 63 ms, 16 by `format_html`, and take 3 so.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        chosen = set(self.format_value(value))
        options = "\n".join(
            f'<option value="{escaped(key)}"{SELECTED if str(key) in chosen else ""}>'
            f"{escaped(label)}</option>"
            for key, label in self._pairs()
        )
        told = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return SafeString(f"<select{told}>{options}</select>")

    def _pairs(self) -> Choices:
        """As a LazyChoiceField makes them: Django looks whether each of them is a group
        or a callable, which takes as long as to draw them."""
        made = getattr(self.choices, "func", None)
        return made() if made else list(self.choices)


class LazyChoiceField(forms.ChoiceField):
    """A closed list that is made when the form is, in the reader's language."""

    widget = Select

    def __init__(self, **more: Any) -> None:
        more.setdefault("required", False)
        super().__init__(**more)
        self.error_messages["invalid_choice"] = for_field("", "unknown")


def languages(empty: Any = "") -> Choices:
    """Choices of language; `empty` is the label of none."""
    return [("", empty or _("Not known")), *settings.LANGUAGES]


def time_zones(empty: Any = "") -> Choices:
    """Choices of time zone, by place; `empty` is the label of none."""
    return [("", empty or _("The shop’s")), *_zones()]


@cache
def _zones() -> Choices:
    # Only places: "Etc/GMT-14" and the old aliases would only confuse.
    return [
        (name, name.replace("_", " "))
        for name in sorted(available_timezones())
        if name == "UTC" or ("/" in name and not name.startswith("Etc/"))
    ]


def countries() -> Choices:
    """Choices of country, sorted by their name in the active language."""
    return [("", _("Not known")), *_territories(get_language() or "en")]


@cache
def _territories(language: str) -> Choices:
    names = Locale.parse(language.split("-")[0]).territories
    pairs = [(code, name) for code, name in names.items() if code in COUNTRIES]
    return sorted(pairs, key=lambda pair: pair[1])
