"""What the columns of a file mean, guessed from their names and from their contents.

Pure: a header and the first rows in, guesses out. Each guess says why and how sure it
is; people see both and decide.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from crm.services.imports.column_names import CUSTOMERS, NAMES, ORDERS, fold
from web.rules.money import CURRENCIES
from web.rules.places import COUNTRIES

# So much of a column must read as what its name says, or as what no column was named.
_MOST = 0.8
_SOME = 0.2
# What a file of orders has, and one of customers has not.
_ORDER_SIGNS = ("order_id", "ordered_at", "quantity")
_ORDER_CHOICES = (("sku", "product"), ("unit_price", "line_total"))
_SIGNS_OF_ORDERS = 3


class Certainty(IntEnum):
    """How sure a guess about a column is."""

    UNSURE = 1
    LIKELY = 2
    SURE = 3


class Why(StrEnum):
    """Why a column was taken for a field; crm/views tells it in words."""

    PRESET = "preset"
    REMEMBERED = "remembered"
    NAME_AND_CONTENTS = "name_and_contents"
    NAME = "name"
    EMPTY = "empty"
    DOUBTFUL = "doubtful"
    CONTENTS = "contents"


@dataclass(frozen=True)
class Guess:
    """`column` is its place in the header. `share`: how much of it reads as such."""

    column: int
    field: str
    certainty: Certainty
    why: Why
    share: float = 1.0


# --- What cells look like ------------------------------------------------------------

_ADDRESS = re.compile(r"(?:mailto:)?[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+", re.IGNORECASE)
# Nothing but digits may be any number; a phone's begin with + or 0, or stand apart.
_PHONE = re.compile(
    r"['=\"]*(?:tel:)?"
    r"(?:[+＋(0][0-9 ().\-/]{6,24}|[0-9]{2,4}[ .\-/][0-9 .\-]{5,20})\"?",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"'?(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?"
    r"|[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[^\W\d_]{3,9}\.?)[-/., ]+[0-9]{2,4}"
    r"|[^\W\d_]{3,9}\.? [0-9]{1,2},? [0-9]{4})(?:\D.*)?"
)
_BIRTHDAY = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}")
_NUMBER = re.compile(r"[-−(]?\W{0,3}[0-9]*(?:[.,'’ \u00a0\u202f][0-9]+)*\W{0,4}\)?")
_PRICE = re.compile(r"\W{0,3}[0-9]+[.,][0-9]{2}\W{0,3}")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][A-Za-z]{2,8}){0,2}")


def is_number(cell: str) -> bool:
    """Whether it is a number, with or without a currency."""
    has_digit = any(sign.isdigit() for sign in cell)
    bare = re.sub(r"\b[A-Z]{3}\b", "", cell).strip()
    return has_digit and bool(_NUMBER.fullmatch(bare))


def has_address(cell: str) -> bool:
    """Whether there is an email address in it."""
    return bool(_ADDRESS.search(cell))


def _is_id(cell: str) -> bool:
    return any(sign.isdigit() for sign in cell) and len(cell) <= 60 and "@" not in cell


def _has_letters(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and not _ADDRESS.fullmatch(cell)


def is_day(cell: str) -> bool:
    """Whether it is written as a day is, with or without a time."""
    return bool(_DAY.fullmatch(cell))


Looks = Mapping[str, Callable[[str], bool]]
_LOOKS: Looks = {
    "email": has_address,
    "phone": lambda cell: sum(sign.isdigit() for sign in cell) >= 6,
    "name": _has_letters,
    "given_name": _has_letters,
    "family_name": _has_letters,
    "language": lambda cell: bool(_LANGUAGE.fullmatch(cell)) or not cell.isascii(),
    "time_zone": lambda cell: "/" in cell or cell.upper() == "UTC",
    "birthday": lambda cell: is_day(cell) or bool(_BIRTHDAY.fullmatch(cell)),
    "customer_since": is_day,
    "ordered_at": is_day,
    "delivered_at": is_day,
    "order_id": _is_id,
    "quantity": is_number,
    "unit_price": is_number,
    "line_total": is_number,
    "currency": lambda cell: cell.upper() in CURRENCIES,
}
# What is found without a name: narrower, because there is no other sign of it.
_UNNAMED: Mapping[str, Looks] = {
    CUSTOMERS: {
        "email": lambda cell: bool(_ADDRESS.fullmatch(cell)),
        "phone": lambda cell: bool(_PHONE.fullmatch(cell)) and not is_day(cell),
        "country": lambda cell: cell in COUNTRIES,
    },
    ORDERS: {
        "customer_id": lambda cell: bool(_ADDRESS.fullmatch(cell)),
        "ordered_at": is_day,
        "currency": lambda cell: cell in CURRENCIES,
        "unit_price": lambda cell: bool(_PRICE.fullmatch(cell)),
    },
}


# --- Guesses -------------------------------------------------------------------------


def guess_columns(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    kind: str,
    synonyms: Mapping[str, str] = {},
    looks: Looks = MappingProxyType({}),
) -> list[Guess]:
    """A guess for each field that some column seems to hold, in the order of the file.

    A field has one column at most, and a column one field. `synonyms`: names of columns
    → fields that apps bring; `looks`: what the cells of those look like.
    """
    columns = [_cells(rows, at) for at in range(len(header))]
    found = _by_name(header, columns, _names(kind, synonyms), {**_LOOKS, **looks})
    found += _by_contents(columns, {**_UNNAMED.get(kind, {}), **looks}, found)
    found = _without_sums(header, found)
    return sorted(found, key=lambda guess: guess.column)


def guess_kind(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Orders, where enough of what only orders have is there; else customers."""
    fields = {guess.field for guess in guess_columns(header, rows, ORDERS)}
    signs = sum(sign in fields for sign in _ORDER_SIGNS)
    signs += sum(any(one in fields for one in choice) for choice in _ORDER_CHOICES)
    return ORDERS if signs >= _SIGNS_OF_ORDERS else CUSTOMERS


def _cells(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    cells = (row[at].strip() for row in rows if at < len(row))
    return [cell for cell in cells if cell]


def _without_sums(header: Sequence[str], found: list[Guess]) -> list[Guess]:
    """Beside a price, a sum is the order's more often than the line's."""
    if all(guess.field != "unit_price" for guess in found):
        return found
    return [
        guess
        for guess in found
        if guess.field != "line_total" or fold(header[guess.column]) == "linetotal"
    ]


def _share(cells: Sequence[str], looks: Callable[[str], bool]) -> float:
    return sum(map(looks, cells)) / len(cells) if cells else 0.0


def _names(kind: str, synonyms: Mapping[str, str]) -> dict[str, dict[str, int]]:
    names = dict(NAMES.get(kind, {}))
    for name, field in synonyms.items():
        names[field] = {**names.get(field, {}), fold(name): 0}
    return names


def _by_name(
    header: Sequence[str],
    columns: Sequence[Sequence[str]],
    names_of: Mapping[str, Mapping[str, int]],
    looks: Looks,
) -> list[Guess]:
    folded = [fold(name) for name in header]
    offers = []
    for order, (field, names) in enumerate(names_of.items()):
        for at, name in enumerate(folded):
            if name in names and (guess := _named(at, field, columns[at], looks)):
                # The best column of a field first, then the field that is rarer.
                rank = (-guess.certainty, names[name], order)
                offers.append((rank, guess))
    taken: dict[int, Guess] = {}
    for _, guess in sorted(offers, key=lambda offer: offer[0]):
        is_free = guess.column not in taken
        if is_free and all(one.field != guess.field for one in taken.values()):
            taken[guess.column] = guess
    return list(taken.values())


def _named(at: int, field: str, cells: Sequence[str], looks_of: Looks) -> Guess | None:
    if not cells:
        return Guess(at, field, Certainty.LIKELY, Why.EMPTY, 0.0)
    if field == "external_id":
        return _identity(at, cells)
    looks = looks_of.get(field)
    if looks is None:
        return Guess(at, field, Certainty.SURE, Why.NAME)
    share = _share(cells, looks)
    if share >= _MOST:
        return Guess(at, field, Certainty.SURE, Why.NAME_AND_CONTENTS, share)
    if share >= _SOME:
        return Guess(at, field, Certainty.UNSURE, Why.DOUBTFUL, share)
    return None


def _identity(at: int, cells: Sequence[str]) -> Guess | None:
    """An id stands once in a file; what repeats itself is none."""
    share = len(set(cells)) / len(cells)
    if share >= 0.95:
        return Guess(at, "external_id", Certainty.SURE, Why.NAME_AND_CONTENTS, share)
    if share >= 0.5:
        return Guess(at, "external_id", Certainty.UNSURE, Why.DOUBTFUL, share)
    return None


def _by_contents(
    columns: Sequence[Sequence[str]], looks_of: Looks, named: Sequence[Guess]
) -> list[Guess]:
    """Fields that no name told, where exactly one column looks like it."""
    fields = {guess.field for guess in named}
    taken = {guess.column for guess in named}
    found = []
    for field, looks in looks_of.items():
        if field in fields or (field == "unit_price" and "line_total" in fields):
            continue
        shares = {
            at: _share(cells, looks)
            for at, cells in enumerate(columns)
            if at not in taken and cells
        }
        good = [at for at, share in shares.items() if share >= _MOST]
        if len(good) == 1:
            at = good[0]
            taken.add(at)
            found.append(Guess(at, field, Certainty.UNSURE, Why.CONTENTS, shares[at]))
    return found
