"""Why a row was refused, in words. The codes are stable; the words may be bettered."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import import_columns
from crm.customer_facts import IMPORTED_LINES

_WHOLE = {
    "columns": gettext_lazy("The row has more or fewer cells than the header."),
    "quoting": gettext_lazy("The quotes in the row do not pair up."),
    "twice_in_file": gettext_lazy("The same external id stands earlier in the file."),
    "customer_unknown": gettext_lazy("No customer has this external id."),
    "customer_erased": gettext_lazy("This customer was erased."),
    "order_two_customers": gettext_lazy(
        "Earlier lines of the same order name another customer."
    ),
    "order_two_currencies": gettext_lazy(
        "Earlier lines of the same order are in another currency."
    ),
    "order_incomplete": gettext_lazy(
        "Another line of this order was refused; an order goes in as a whole."
    ),
    "order_too_many_lines": gettext_lazy("The order has more than 10,000 lines."),
    "line_id_twice": gettext_lazy("The same line id stands earlier in the order."),
    "quantity_zero": gettext_lazy("The quantity is zero."),
    "price_missing": gettext_lazy("There is neither a unit price nor a line total."),
    "amount_out_of_range": gettext_lazy("The amount is too large."),
    "currency_unknown": gettext_lazy("This is no ISO 4217 currency code."),
    "status_unknown": gettext_lazy(
        "The status is none of placed, delivered and cancelled."
    ),
    "delivered_before_ordered": gettext_lazy("Delivered before it was ordered."),
    "birthday_invalid": gettext_lazy("The birthday is no day of the calendar."),
    "email_invalid": gettext_lazy("This is no email address."),
    "email_not_ascii": gettext_lazy(
        "The part before the @ holds letters that mail servers do not accept."
    ),
    "phone_invalid": gettext_lazy("This is no telephone number."),
    "tags_too_many": gettext_lazy("There are more than 50 tags."),
}
_ENDINGS = {
    "missing": gettext_lazy("is empty."),
    "too_long": gettext_lazy("is too long."),
    "control_characters": gettext_lazy("holds line breaks or control characters."),
    "not_text": gettext_lazy("holds bytes that are not text in the file's encoding."),
    "out_of_range": gettext_lazy("is outside what can be stored."),
    "date_invalid": gettext_lazy("is no date of the calendar (ISO 8601 is read)."),
    "date_in_future": gettext_lazy("lies in the future."),
    "date_too_early": gettext_lazy("lies before 1900."),
    "invalid": gettext_lazy("is no plain number."),
}
_COLUMNS = {
    **{fact.import_column: fact.label for fact in IMPORTED_LINES},
    "order": gettext_lazy("The order id"),
    "customer": gettext_lazy("The customer id"),
    "external_id": gettext_lazy("The external id"),
    "sku": gettext_lazy("The product code"),
    "product": gettext_lazy("The product name"),
    "category": gettext_lazy("The category"),
    "line_id": gettext_lazy("The line id"),
    "quantity": gettext_lazy("The quantity"),
    "price": gettext_lazy("The price"),
    "delivered": gettext_lazy("The delivery date"),
    "customer_since": gettext_lazy("The day since when they are a customer"),
    "": gettext_lazy("The order date"),
    "name": gettext_lazy("The name"),
    "email": gettext_lazy("The email address"),
    "phone": gettext_lazy("The telephone number"),
    "company": gettext_lazy("The company"),
    "heard_from": gettext_lazy("How they heard of us"),
    "tags": gettext_lazy("A tag"),
    "custom": gettext_lazy("A field of our own"),
}
_NOTES = {
    "country_unknown": gettext_lazy("country not known, left empty"),
    "language_unknown": gettext_lazy("language not spoken here, left empty"),
    "time_zone_unknown": gettext_lazy("time zone not known, left empty"),
    "name_is_none": gettext_lazy("a word for no name, left empty"),
    "address_shared": gettext_lazy(
        "with an email address that another record has too: they are mailed and "
        "stopped together"
    ),
    "lines_removed": gettext_lazy(
        "lines taken away, because the file has their orders without them"
    ),
}


def in_words(code: str) -> str:
    brought = import_columns.all_words()
    if code in _WHOLE or code in brought:
        return str(_WHOLE.get(code) or brought[code])
    if code == "date_missing":
        return _("The order date is empty.")
    for ending, words in _ENDINGS.items():
        column = code.removesuffix(ending).rstrip("_")
        if code.endswith(ending) and column in _COLUMNS:
            return f"{_COLUMNS[column]} {words}"
    return code


_FIELDS = {
    "order": "order_id",
    "customer": "customer_id",
    "price": "unit_price",
    "delivered": "delivered_at",
    "": "ordered_at",
    "amount": "line_total",
}
_FIELDS_OF_WHOLE = {
    "twice_in_file": "external_id",
    "customer_unknown": "customer_id",
    "customer_erased": "customer_id",
    "order_two_customers": "customer_id",
    "order_two_currencies": "currency",
    "line_id_twice": "line_id",
    "quantity_zero": "quantity",
    "currency_unknown": "currency",
    "status_unknown": "status",
    "delivered_before_ordered": "delivered_at",
    "email_not_ascii": "email",
    "tags_too_many": "tags",
}


def field_of(code: str) -> str:
    """The field of an import whose cell is the reason; empty where it is the row."""
    if code in _FIELDS_OF_WHOLE:
        return _FIELDS_OF_WHOLE[code]
    for ending in (*_ENDINGS, "date_missing"):
        if code.endswith(ending):
            column = code.removesuffix(ending).rstrip("_")
            return _FIELDS.get(column, column)
    return ""


def note_in_words(code: str) -> str:
    return str({**import_columns.all_words(), **_NOTES}.get(code, code))
