"""What the codes of errors say to a person, in a sentence or beside a field."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from web.errors import DomainError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

GENERAL: "dict[str, StrPromise]" = {
    "required": _("Enter something here"),
    "too_long": _("Use fewer characters"),
    "control_characters": _("Use one line of plain text, without control characters"),
    "not_text": _("Use characters that can be written: some of these cannot"),
    "email_invalid": _("Enter an address such as dana@example.org"),
    "email_not_ascii": _("Use an address with Latin letters before the @"),
    "phone_invalid": _("Enter a telephone number such as +972 52 123 4567"),
    "not_in_range": _("Enter a day between 1900 and today"),
    "in_the_future": _("Enter a time that is not in the future"),
    "in_the_past": _("Enter a day from today on"),
    "unknown": _("Choose one of the list"),
    "unknown_language": _("Choose one of the list"),
    "unknown_time_zone": _("Choose one of the list"),
    "unknown_country": _("Choose one of the list"),
    "url_invalid": _("Enter an address such as https://shop.example, without a path"),
    "unknown_currency": _("Enter a currency of three letters, such as EUR"),
    "currency_unknown": _("Enter a currency of three letters, such as EUR"),
    "number_out_of_range": _("Enter a smaller number, or one with fewer decimals"),
    "unknown_field": _("This field cannot be set"),
    "already_exists": _("Another record has this already"),
    "too_many": _("Use fewer of them"),
}
OF_FIELD: "dict[tuple[str, str], StrPromise]" = {
    ("name", "required"): _("Enter a name"),
}
SENTENCES: "dict[str, StrPromise]" = {
    "stale_version": _("Somebody else changed this in the meantime."),
    "already_exists": _("This exists already. Nothing was changed."),
    "busy": _(
        "Many are doing this at the same moment. Nothing was changed; press again."
    ),
}


def register(
    *,
    sentences: "Mapping[str, StrPromise] | None" = None,
    general: "Mapping[str, StrPromise] | None" = None,
    of_field: "Mapping[tuple[str, str], StrPromise] | None" = None,
) -> None:
    """Add an app's own: whole sentences by an error's code, and what stands beside a
    field, by the code alone or by field and code. Called in `<app>/error_messages.py`,
    which is imported when the apps are ready.
    """
    SENTENCES.update(sentences or {})
    GENERAL.update(general or {})
    OF_FIELD.update(of_field or {})


def for_field(field: str, code: str) -> "str | StrPromise":
    """What stands beside a field that was refused with this code.

    Looked up when it is shown: forms are made before every app has registered its own.
    """
    return _for_field(field, code)


def _look_up(field: str, code: str) -> str:
    found = OF_FIELD.get((field, code)) or GENERAL.get(code)
    return str(found or _("Enter another value"))


_for_field = lazy(_look_up, str)


def add_to_form(form: forms.BaseForm, error: DomainError) -> None:
    """Put what a service refused where the person can mend it. `aliases` of a form:
    what a service calls fields that have another name there."""
    for field, code in error.fields.items():
        is_known = field in form.fields or field in getattr(form, "aliases", ())
        form.add_error(field if is_known else None, for_field(field, code))
    if not error.fields:
        form.add_error(None, for_error(error))


def for_error(error: DomainError) -> "str | StrPromise":
    """The sentence of an error; without one, or where it says less, its message."""
    if error.is_told_by_message and error.message != type(error).message:
        return error.message
    return for_code(error.code) or error.message


def for_code(code: str) -> "str | StrPromise":
    """The sentence of a code that was kept; empty for one that has none."""
    return SENTENCES.get(code, "")
