"""What a code of refusal says beside a field."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from web.errors import DomainError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

GENERAL: "Mapping[str, StrPromise]" = {
    "required": _("Enter something here"),
    "too_long": _("Use fewer characters"),
    "control_characters": _("Use one line of plain text, without control characters"),
    "not_text": _("Use characters that can be written: some of these cannot"),
    "email_invalid": _("Enter an address such as dana@example.org"),
    "email_not_ascii": _("Use an address with Latin letters before the @"),
    "phone_invalid": _("Enter a telephone number such as +972 52 123 4567"),
    "not_a_birthday": _("Enter the birthday as 05-12 (month, day) or 1980-05-12"),
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
    "quantity_zero": _("Enter a quantity other than zero"),
    "delivered_before_ordered": _("Enter a day that is not before the order"),
    "wrong_number": _("Send one line at least, and at most 2,000"),
    "line_id_twice": _("Give every line an id of its own"),
    "unknown_field": _("This field cannot be set"),
    "already_exists": _("Another record has this already"),
    "too_many": _("Use fewer of them"),
    "unknown_placeholder": _("Use only the words in braces that belong to this field"),
}
OF_FIELD: "Mapping[tuple[str, str], StrPromise]" = {
    ("given_name", "required"): _("Enter a name or an email address"),
    ("body", "required"): _("Write what was said"),
    ("why", "required"): _("Write what is to be done"),
    ("customer", "unknown"): _("There is no such customer"),
    ("customer_id", "unknown"): _("There is no such customer"),
    ("due_on", "required"): _("Enter the day it is due"),
    ("due_on", "not_in_range"): _("Enter a day within the next hundred years"),
    ("email", "already_exists"): _(
        "Somebody here has this address already; see the list"
    ),
    ("name", "required"): _("Enter a name"),
}


def for_field(field: str, code: str) -> "str | StrPromise":
    found = OF_FIELD.get((field, code)) or GENERAL.get(code)
    return found or _("Enter another value")


def add_to_form(form: forms.BaseForm, error: DomainError) -> None:
    """Put what a service refused where the person can mend it."""
    for field, code in error.fields.items():
        form.add_error(field if field in form.fields else None, for_field(field, code))
    if not error.fields:
        form.add_error(None, for_error(error))


def for_error(error: DomainError) -> "str | StrPromise":
    return SENTENCES.get(error.code) or error.message


SENTENCES: "Mapping[str, StrPromise]" = {
    "customer_gone": _("This customer was merged or erased in the meantime."),
    "follow_up_closed": _("Somebody else has closed this follow-up already."),
    "follow_up_taken": _(
        "A colleague has taken this follow-up already. To take it over, assign it to"
        " yourself."
    ),
    "stale_version": _("Somebody else changed this in the meantime."),
    "wrong_code": _(
        "Enter the code that the app shows now. Each code works once, and each"
        " recovery code too."
    ),
    "wrong_password": _("This is not your present password. Nothing was changed."),
    "last_owner": _(
        "This is the last owner. Make somebody else an owner first; nothing was"
        " changed."
    ),
    "not_yourself": _(
        "Your own role and account are for another owner to change. Nothing was"
        " changed."
    ),
    "already_exists": _("This exists already. Nothing was changed."),
    "not_allowed": _("Your role does not allow this."),
}
