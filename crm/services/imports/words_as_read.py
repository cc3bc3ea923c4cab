"""What an import makes of cells of words, for people to see beside them: countries,
languages, addresses, telephone numbers, yes and no, fields of staff, moves of
contracts."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format

from crm import selectors
from crm.import_columns import ImportContext, ImportKind, all_groups
from crm.models.fields import pairs
from crm.rules import custom_values
from crm.rules.choices import CustomKind, SubscriptionMove
from crm.rules.custom_values import Definition
from crm.services.imports import code_words, custom_columns, customer_readers
from crm.services.imports.custom_cells import CellWays
from crm.services.imports.values import Refused
from crm.services.imports.values.people import addresses_in, phones_in
from crm.services.imports.values.words import mapped
from web import formats
from web.errors import InvalidValue
from web.rules import text

# What is read of a cell in a row of this country, in words; empty where it says just
# that.
Told = Callable[[str, str], str]
_NAMES: Mapping[str, Callable[[str], Any]] = {
    "country": formats.country,
    "language": lambda code: dict(settings.LANGUAGES).get(code, code),
    "happened": lambda code: dict(pairs(SubscriptionMove)).get(code, code),
}


def told(
    kind: str, mapping: Mapping[str, str], context: ImportContext
) -> dict[str, Told]:
    """By field, of those that the file has."""
    used = {name for name, column in mapping.items() if column}
    found: dict[str, Told] = {
        name: _code(name, context)
        for name in code_words.FIELDS.get(kind, ())
        if name in _NAMES
    }
    found |= {"email": _email, "phone": _phone}
    if kind == ImportKind.CUSTOMERS:
        found |= _of_apps(context) | _of_staff(used, context)
    return {name: read for name, read in found.items() if name in used}


def country_of(raw: str, context: ImportContext) -> str:
    """The code that a row's cell of a country means, or that of the file or shop."""
    cells = context.options.cells
    read = mapped(
        lambda word: code_words.meaning("country", word), cells.words_of("country")
    )
    return read(raw) or cells.defaults.get("country", "") or context.shop_country


def _code(name: str, context: ImportContext) -> Told:
    """One of ours, by what it is called. What staff chose for a word comes first."""
    said = context.options.cells.words_of(name)
    meant, name_of = mapped(str, said), _NAMES[name]

    def answer(raw: str, country: str) -> str:
        word = meant(raw)
        code = code_words.meaning(name, word)
        if word and not code:
            return Refused("unknown")
        return str(name_of(code)) if code else ""

    return answer


def _email(raw: str, country: str) -> str:
    try:
        return text.valid_email(raw)
    except InvalidValue as error:
        found = addresses_in(raw)
        return found[0] if found else Refused(error.fields["email"])


def _phone(raw: str, country: str) -> str:
    found = phones_in(raw)
    try:
        number, _typed = text.valid_phone(found[0] if found else raw, country=country)
    except InvalidValue as error:
        return Refused(error.fields["phone"])
    return number


def _of_apps(context: ImportContext) -> dict[str, Told]:
    def shown(read: Callable[[str], str], words: Mapping[str, Any]) -> Told:
        return lambda raw, country: str(words.get(read(raw), ""))

    return {
        each.name: shown(each.reader(context), each.shown)
        for group in all_groups(ImportKind.CUSTOMERS)
        for each in group.fields
        if each.shown
    }


def _of_staff(names: set[str], context: ImportContext) -> dict[str, Told]:
    """The fields that staff made, as they would stand on the customer's page."""
    own = [name for name in names if name.startswith(custom_columns.PREFIX)]
    if not own:
        return {}
    cells = context.options.cells
    ways = CellWays(
        currency=cells.defaults.get("currency") or selectors.business().currency,
        numbers=cells.numbers,
        date_order=cells.date_order,
        has_serial_dates=cells.has_serial_dates,
    )
    fields = custom_columns.of_file(own).of_file
    return {name: _own(field, ways) for name, field in fields.items()}


def _own(field: Definition, ways: CellWays) -> Told:
    read = customer_readers.own(field, ways)

    def answer(raw: str, country: str) -> str:
        value = read(raw)
        if isinstance(value, Refused):
            return value
        if value is None:
            return ""
        if field.kind is CustomKind.DATE:
            return date_format(date.fromisoformat(value), "j F Y")
        return custom_values.as_cell(field, value)

    return answer
