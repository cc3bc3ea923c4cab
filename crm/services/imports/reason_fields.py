"""Which cell of a row is the reason why it was refused."""

from crm import import_columns
from crm.services.imports import subscription_words
from crm.services.imports.reasons import ENDINGS

_FIELDS = {
    **subscription_words.FIELDS,
    "order": "order_id",
    "customer": "customer_id",
    "price": "unit_price",
    "delivered": "delivered_at",
    "": "ordered_at",
    "amount": "line_total",
}
_FIELDS_OF_WHOLE = {
    **subscription_words.FIELDS_OF_WHOLE,
    "twice_in_file": "external_id",
    "customer_unknown": "customer_id",
    "customer_erased": "customer_id",
    "order_two_customers": "customer_id",
    "order_two_currencies": "currency",
    "line_id_twice": "line_id",
    "sku_twice": "sku",
    "price_of_other_currency": "price",
    "returns_line_alone": "returns_line",
    "tax_no_part": "line_tax",
    "quantity_zero": "quantity",
    "currency_unknown": "currency",
    "status_unknown": "status",
    "delivered_before_ordered": "delivered_at",
    "email_not_ascii": "email",
    "tags_too_many": "tags",
    "price_other_currency": "unit_price",
    "tax_other_currency": "line_tax",
    "customer_guest": "customer_id",
    "guest_without_address": "email",
    "birthday_short_year": "birthday",
    "birthday_is_number": "birthday",
    "language_unknown": "language",
    "country_unknown": "country",
    "time_zone_unknown": "time_zone",
}


def field_of(code: str) -> str:
    """The field of an import whose cell is the reason; empty where it is the row."""
    if code in _FIELDS_OF_WHOLE:
        return _FIELDS_OF_WHOLE[code]
    for ending in (*ENDINGS, "date_missing"):
        if code.endswith(ending):
            column = code.removesuffix(ending).rstrip("_")
            return _FIELDS.get(column, column)
    brought = (
        name for name in import_columns.all_words() if code.startswith(f"{name}_")
    )
    return max(brought, key=len, default="")
