"""Values of the fields that staff make: read from any entry point, kept as JSON.

A number is kept as text ("12.5"), so that nothing rounds it; a day as "2026-05-03";
money as {"amount": "12.50", "currency": "EUR"}; a choice by its key, several as a list
of keys in the order of the field; yes and no as true and false. The database checks the
same (migration custom_values_hold).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from crm.rules.choices import CustomKind
from web.errors import InvalidValue
from web.rules import money, text

TEXT_MOST = 1_000
LINK_MOST = 2_000
DIGITS, PLACES = 14, 6
MOST_CHOSEN = 50
# Between the choices of one cell of a file; no choice has it in its name.
BETWEEN = ";"
SEARCHABLE = frozenset({CustomKind.TEXT, CustomKind.LINK})
SORTABLE = frozenset(
    {CustomKind.TEXT, CustomKind.NUMBER, CustomKind.MONEY, CustomKind.DATE}
)
_YES = frozenset({"yes", "y", "true", "1", "on", "כן", "是"})
_NO = frozenset({"no", "n", "false", "0", "off", "לא", "否"})
_AMOUNT_FIRST = re.compile(r"(-?[0-9.]+) ?([A-Za-z]{3})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True)
class Definition:
    """A field as its values need to know it. `choices`: key -> label, in their order,
    also those that are no longer offered: whoever has one keeps it."""

    key: str
    kind: CustomKind
    choices: Mapping[str, str] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    is_archived: bool = False


def read(known: Definition, value: Any) -> Any:
    """The value as it is kept; None where there is none.

    Raises InvalidValue, with the code beside the name of the field, "custom.KEY".
    """
    if value is None or value == "" or value == []:
        return None
    return _READ[known.kind](known, value)


def name_of(key: str) -> str:
    """What services, files and errors call the field."""
    return f"custom.{key}"


def as_cell(known: Definition, value: Any) -> str:
    """The value as a file holds it: `read` of it is the same value again."""
    if known.kind is CustomKind.NUMBER:
        return f"{money.unmistakable(Decimal(value)):f}"
    if known.kind is CustomKind.MONEY:
        amount = money.unmistakable(Decimal(value["amount"]))
        return f"{amount:f} {value['currency']}"
    if known.kind is CustomKind.CHOICE:
        return known.choices.get(value, str(value))
    if known.kind is CustomKind.CHOICES:
        return BETWEEN.join(known.choices.get(key, str(key)) for key in value)
    if known.kind is CustomKind.YES_NO:
        return "yes" if value else "no"
    return str(value)


def searched(known: Definition, value: Any) -> str:
    """What a search looks through."""
    return value if known.kind in SEARCHABLE and isinstance(value, str) else ""


# --- Readers -------------------------------------------------------------------------


def _refused(known: Definition, code: str) -> InvalidValue:
    return InvalidValue(fields={name_of(known.key): code})


def _line(known: Definition, value: Any, most: int) -> str | None:
    if not isinstance(value, str):
        raise _refused(known, "not_text")
    return text.one_line(value, field=name_of(known.key), most=most) or None


def _text(known: Definition, value: Any) -> str | None:
    return _line(known, value, TEXT_MOST)


def _link(known: Definition, value: Any) -> str | None:
    """A page of the web; `example.org/tea` is one, too."""
    line = _line(known, value, LINK_MOST)
    if line is None:
        return None
    if not _SCHEME.match(line):
        line = f"https://{line}"
    try:
        parts = urlsplit(line)
        is_page = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_page = False
    if not is_page or re.search(r"[\s<>\"]", line) or len(line) > LINK_MOST:
        raise _refused(known, "link_invalid")
    return f"{parts.scheme.lower()}{line[len(parts.scheme) :]}"


def _decimal(known: Definition, value: Any, places: int) -> Decimal:
    """A float has lost its digits already, and true is no number."""
    if isinstance(value, Decimal) or type(value) is int:
        value = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not isinstance(value, str):
        raise _refused(known, "number_invalid")
    return money.parse_decimal(
        value, field=name_of(known.key), digits=DIGITS, places=places
    )


def _number(known: Definition, value: Any) -> str:
    return f"{_decimal(known, value, PLACES).normalize():f}"


def _money(known: Definition, value: Any) -> dict[str, str]:
    """An object of two, or "12.50 EUR"."""
    if isinstance(value, str):
        found = _AMOUNT_FIRST.fullmatch(value.strip())
        if not found:
            raise _refused(known, "money_invalid")
        value = {"amount": found[1], "currency": found[2]}
    if not isinstance(value, Mapping) or value.keys() != {"amount", "currency"}:
        raise _refused(known, "money_invalid")
    if not isinstance(value["currency"], str):
        raise _refused(known, "currency_unknown")
    currency = money.valid_currency(value["currency"], field=name_of(known.key))
    amount = _decimal(known, value["amount"], money.places_of(currency))
    return {
        "amount": f"{money.round_money(amount, currency):f}",
        "currency": currency,
    }


def _date(known: Definition, value: Any) -> str:
    """A day of the calendar: no clock and no zone touches it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        day = value
    else:
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError):
            raise _refused(known, "date_invalid") from None
        if day.isoformat() != value:
            raise _refused(known, "date_invalid")
    if day.year < 1000:
        raise _refused(known, "date_invalid")
    return day.isoformat()


def _choice(known: Definition, value: Any) -> str:
    """By its key or its label, whatever the capitals."""
    if isinstance(value, str):
        if value in known.choices:
            return value
        folded = value.strip().casefold()
        for key, label in known.choices.items():
            if label.casefold() == folded:
                return key
    raise _refused(known, "unknown_choice")


def _choices(known: Definition, value: Any) -> list[str] | None:
    if isinstance(value, str):
        is_one = value.strip().casefold() in map(str.casefold, known.choices.values())
        between = BETWEEN if BETWEEN in value or is_one else ","
        value = [part for part in value.split(between) if part.strip()]
    if not isinstance(value, list | tuple):
        raise _refused(known, "unknown_choice")
    if len(value) > MOST_CHOSEN:
        raise _refused(known, "too_many_values")
    chosen = {_choice(known, one) for one in value}
    return [key for key in known.choices if key in chosen] or None


def _yes_no(known: Definition, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word in _YES or word in _NO:
        return word in _YES
    raise _refused(known, "yes_no_unknown")


_READ: dict[CustomKind, Callable[[Definition, Any], Any]] = {
    CustomKind.TEXT: _text,
    CustomKind.NUMBER: _number,
    CustomKind.MONEY: _money,
    CustomKind.DATE: _date,
    CustomKind.CHOICE: _choice,
    CustomKind.CHOICES: _choices,
    CustomKind.YES_NO: _yes_no,
    CustomKind.LINK: _link,
}
