"""Why a row was refused, in words. The codes are stable; the words may be bettered."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import import_columns
from crm.customer_facts import IMPORTED_LINES
from crm.rules.choices import OrderState
from crm.services.imports import product_words, subscription_words
from crm.services.imports.state_words import guess_state
from crm.services.imports.values.date_forms import possible_days

_WHOLE = {
    **product_words.WHOLE,
    **subscription_words.WHOLE,
    "nobody_named": gettext_lazy("There is neither a customer id nor an address."),
    "email_of_several": gettext_lazy(
        "Several customers have this address: say which by their id."
    ),
    "email_missing": gettext_lazy("There is no address."),
    "happened_at_in_future": gettext_lazy("The contact lies in the future."),
    "happened_at_missing": gettext_lazy("The day of the contact is empty."),
    "channel_unknown": gettext_lazy(
        "The channel is none of note, call, email, chat, visit and social."
    ),
    "direction_unknown": gettext_lazy(
        "The direction is none of inbound, outbound and internal."
    ),
    "columns": gettext_lazy("The row has more or fewer cells than the header."),
    "quoting": gettext_lazy("The quotes in the row do not pair up."),
    "twice_in_file": gettext_lazy("The same external id stands earlier in the file."),
    "record_unknown": gettext_lazy(
        "There is no such customer, and this import makes none."
    ),
    "address_ambiguous": gettext_lazy(
        "Several customers have this address. Merge them, or give the row an id."
    ),
    "person_missing": gettext_lazy("Nothing in the row says who this is."),
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
    "returns_line_alone": gettext_lazy(
        "This names the line of an order that it gives back, and not the order."
    ),
    "tax_no_part": gettext_lazy(
        "The tax in the price of the line is as much as the price, or more."
    ),
    "quantity_zero": gettext_lazy("The quantity is zero."),
    "price_missing": gettext_lazy("There is neither a unit price nor a line total."),
    "amount_out_of_range": gettext_lazy("The amount is too large."),
    "currency_unknown": gettext_lazy(
        "This is no ISO 4217 currency code: say what it means (on the command line "
        "with --value currency:€=EUR)."
    ),
    "status_unknown": gettext_lazy(
        "The status is none of placed, delivered and cancelled: say what it means (on "
        "the command line with --value status:Completed=delivered)."
    ),
    "tax_other_currency": gettext_lazy(
        "The sign beside the tax is that of another currency than the order's."
    ),
    "price_other_currency": gettext_lazy(
        "The sign beside the price is that of another currency than the order's."
    ),
    "customer_guest": gettext_lazy(
        "The order names no customer but a guest: say that it goes to the person of "
        "its address, or is kept without one (on the command line with --guests people "
        "or orders)."
    ),
    "guest_without_address": gettext_lazy(
        "The order names neither a customer nor an email address: say that it is kept "
        "under a record of its own (on the command line with --guests orders)."
    ),
    "delivered_before_ordered": gettext_lazy("Delivered before it was ordered."),
    "birthday_invalid": gettext_lazy("The birthday is no day of the calendar."),
    "birthday_ambiguous": gettext_lazy(
        "The birthday could be two days: say which comes first, the day or the month "
        "(on the command line with --date-format dmy or mdy)."
    ),
    "birthday_short_year": gettext_lazy(
        "The birthday has two digits of a year that fit two centuries."
    ),
    "birthday_is_number": gettext_lazy("The birthday is a number, not a date."),
    "language_unknown": gettext_lazy("No page here speaks this language."),
    "country_unknown": gettext_lazy("No country has this code or name."),
    "time_zone_unknown": gettext_lazy("There is no such time zone."),
    "tags_ambiguous": gettext_lazy(
        "Commas and semicolons stand between the tags: say which of them separates "
        "(on the command line with --tags-by comma or semicolon)."
    ),
    "email_invalid": gettext_lazy("This is no email address."),
    "email_not_ascii": gettext_lazy(
        "The part before the @ holds letters that mail servers do not accept."
    ),
    "phone_invalid": gettext_lazy("This is no telephone number."),
    "tags_too_many": gettext_lazy("There are more than 50 tags."),
}
ENDINGS = {
    **product_words.ENDINGS,
    "missing": gettext_lazy("is empty."),
    "too_long": gettext_lazy("is too long."),
    "control_characters": gettext_lazy("holds line breaks or control characters."),
    "not_text": gettext_lazy("holds bytes that are not text in the file's encoding."),
    "out_of_range": gettext_lazy("is outside what can be stored."),
    "date_ambiguous": gettext_lazy(
        "could be two days: say which comes first, the day or the month (on the "
        "command line with --date-format dmy or mdy)."
    ),
    "date_short_year": gettext_lazy(
        "has two digits of a year: say the order of its parts (on the command line "
        "with --date-format dmy, mdy or ymd)."
    ),
    "date_is_number": gettext_lazy(
        "is a number: if it is a spreadsheet's number of a day, say so (on the command "
        "line with --serial-dates)."
    ),
    "date_invalid": gettext_lazy("is no date of the calendar."),
    "date_in_future": gettext_lazy("lies in the future."),
    "date_too_early": gettext_lazy("lies before 1900."),
    "scientific": gettext_lazy(
        "was cut by a spreadsheet (1.23E+12), and its digits are lost: format the "
        "column as text where the file is made, and save it again."
    ),
    "ambiguous": gettext_lazy(
        "could be a thousand or a bit more than one: say what stands before decimals "
        "(on the command line with --numbers point or comma)."
    ),
    "archived": gettext_lazy("is archived: restore it in the settings to fill it."),
    "unknown_choice": gettext_lazy("is none of its choices: add it in the settings."),
    "yes_no_unknown": gettext_lazy("is neither yes nor no."),
    "link_invalid": gettext_lazy("is no address of a page."),
    "money_invalid": gettext_lazy("is no amount of money."),
    "currency_unknown": gettext_lazy("names no currency that is known."),
    "too_many_values": gettext_lazy("has more than 50 choices."),
    "invalid": gettext_lazy(
        "is no number (or its marks are those of another way to write one: on the "
        "command line --numbers point or comma)."
    ),
}
_COLUMNS = {
    **product_words.COLUMNS,
    **subscription_words.COLUMNS,
    **{fact.import_column: fact.label for fact in IMPORTED_LINES},
    "contact_id": gettext_lazy("The id of the contact"),
    "happened_at": gettext_lazy("The day of the contact"),
    "subject": gettext_lazy("The subject"),
    "body": gettext_lazy("The text"),
    "outcome": gettext_lazy("The outcome"),
    "order": gettext_lazy("The order id"),
    "customer": gettext_lazy("The customer id"),
    "external_id": gettext_lazy("The external id"),
    "sku": gettext_lazy("The product code"),
    "product": gettext_lazy("The product name"),
    "category": gettext_lazy("The category"),
    "line_id": gettext_lazy("The line id"),
    "returns_order": gettext_lazy("The order that is given back"),
    "returns_line": gettext_lazy("The line that is given back"),
    "line_tax": gettext_lazy("The tax in the price of the line"),
    "quantity": gettext_lazy("The quantity"),
    "price": gettext_lazy("The price"),
    "delivered": gettext_lazy("The delivery date"),
    "customer_since": gettext_lazy("The day since when they are a customer"),
    "": gettext_lazy("The order date"),
    "name": gettext_lazy("The name"),
    "email": gettext_lazy("The email address"),
    "phone": gettext_lazy("The telephone number"),
    "company": gettext_lazy("The company"),
    "postcode": gettext_lazy("The postcode"),
    "heard_from": gettext_lazy("How they heard of us"),
    "tags": gettext_lazy("A tag"),
    "custom": gettext_lazy("A field of our own"),
}
_NOTES = {
    **subscription_words.NOTES,
    "cells_lacking": gettext_lazy(
        "with fewer cells than the header: those that lack at the end count as empty"
        " (lines)"
    ),
    "country_unknown": gettext_lazy("country not known, left empty"),
    "language_unknown": gettext_lazy("language not spoken here, left empty"),
    "time_zone_unknown": gettext_lazy("time zone not known, left empty"),
    "name_is_none": gettext_lazy("a word for no name, left empty"),
    "email_second": gettext_lazy(
        "a second email address in the cell, not taken: the first one is"
    ),
    "phone_second": gettext_lazy(
        "a second telephone number in the cell, not taken: the first one is"
    ),
    "dates_day_first": gettext_lazy(
        "dates could be two days; others of the column have the day first: say so (on "
        "the command line with --date-format dmy)"
    ),
    "dates_month_first": gettext_lazy(
        "dates could be two days; others of the column have the month first: say so "
        "(on the command line with --date-format mdy)"
    ),
    "address_shared": gettext_lazy(
        "with an email address that another record has too: they are mailed and "
        "stopped together"
    ),
    "no_ground": gettext_lazy(
        "without an order and without a ground: no survey and no reminder goes to them"
        " (say on what ground you may write; on the command line with --ground)"
    ),
    "history_differs": gettext_lazy(
        "there already with another text: what is here stays"
    ),
    "address_ambiguous": gettext_lazy(
        "with an id that is new and an address that several customers have: made new"
    ),
    "found_by_address": gettext_lazy("found by their address; their ids are kept"),
    "known_left": gettext_lazy("known already and left as they are"),
    "same_person": gettext_lazy("the same person as a row before, by their address"),
    "lines_removed": gettext_lazy(
        "lines taken away, because the file has their orders without them"
    ),
}


def in_words(code: str, cell: str = "") -> str:
    """Why a row was refused, and what to do; `cell` is what it is about, if known."""
    if code == "status_unknown" and cell:
        state = guess_state(cell) or OrderState.DELIVERED
        return _(
            "“%(cell)s” is none of placed, delivered and cancelled: say what it means "
            "(on the command line with --value “status:%(cell)s=%(state)s”)."
        ) % {"cell": cell, "state": state.value}
    brought = import_columns.all_words()
    if code in _WHOLE or code in brought:
        words = str(_WHOLE.get(code) or brought[code])
    elif code == "date_missing":
        words = _("The order date is empty.")
    else:
        words = _of_column(code)
    return f"{words} {_about(code, cell)}" if cell else words


def note_in_words(code: str) -> str:
    """What people should know of rows that went in."""
    known = {**import_columns.all_words(), **_NOTES}
    if code in known:
        return str(known[code])
    return _("left empty: %(why)s") % {"why": in_words(code)}


def _of_column(code: str) -> str:
    known = {**import_columns.all_words(), **_COLUMNS}
    for ending, words in ENDINGS.items():
        column = code.removesuffix(ending).rstrip("_")
        if code.endswith(ending) and column in known:
            return f"{known[column]} {words}"
    return code


def _about(code: str, cell: str) -> str:
    """The cell, with both of its meanings where it has two."""
    days = possible_days(cell) if code.endswith("_ambiguous") else {}
    if "dmy" not in days or "mdy" not in days:
        return f"(“{cell}”)"
    return _("(“%(cell)s” is %(first)s or %(second)s.)") % {
        "cell": cell,
        "first": date_format(days["dmy"], "j F"),
        "second": date_format(days["mdy"], "j F"),
    }
