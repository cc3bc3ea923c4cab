"""Numbers as the world writes them: marks, signs and currencies around the digits."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from crm.services.imports.values.cells import Refused, plain
from crm.services.imports.values.currency_signs import SIGNS, WITH_POINT
from web.errors import InvalidValue
from web.rules import money

# What stands between whole and fraction; empty: each number must tell by itself.
MARKS = {"": "", "point": ".", "comma": ","}

_MACHINE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NUMBER = re.compile(r"[0-9][0-9 .,']*|[.,][0-9]+")
_WORD = re.compile(r"[^\s0-9.,'()+-]+\.?")
_MINUS = str.maketrans(
    {**dict.fromkeys("−–‒﹣", "-"), **dict.fromkeys("’‘`´٬", "'"), "٫": "."}
)
# In threes, or as India groups: 12,34,567.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([ ,.'])[0-9]{3}(?:\1[0-9]{3})*")
_INDIAN = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
# `12,-` and `12.–` are whole amounts, not negative ones.
_NO_CENTS = re.compile(r"(?<=[0-9])[.,]--?$")


def number(
    *, digits: int, places: int, mark: str = ""
) -> Callable[[str], Decimal | Refused]:
    """Reads a number with so many digits before and after its mark (see MARKS).

    Without a chosen decimal mark `1.299` and `1,299` are refused: each is a thousand
    to one half of the world and a bit more than one to the other.
    """
    decimal_mark = MARKS[mark]

    def read(raw: str) -> Decimal | Refused:
        written = _as_machines_do(raw, decimal_mark)
        if isinstance(written, Refused):
            return written
        try:
            return money.parse_decimal(written, field="n", digits=digits, places=places)
        except InvalidValue as error:
            return Refused(error.fields["n"], raw)

    return read


def currencies_named(raw: str) -> frozenset[str]:
    """The currencies that a sign or a code beside the number may mean; empty: none."""
    return _currencies(_WORD.findall(_prepared(raw)))


def decimal_mark_of(cells: Iterable[str]) -> tuple[str, str]:
    """("point" or "comma", a cell that can be read in no other way); both empty where
    no cell of the column tells, or where two contradict each other."""
    proofs: dict[str, str] = {}
    for cell in cells:
        found = _unsigned(_prepared(cell))
        mark = _mark_of(found[1]) if found else ""
        if found and mark and set(found[1]) & {".", ","}:
            proofs.setdefault("point" if mark == "." else "comma", cell)
    return next(iter(proofs.items())) if len(proofs) == 1 else ("", "")


def _as_machines_do(raw: str, decimal_mark: str) -> str | Refused:
    text = _prepared(raw)
    if decimal_mark == "." and _MACHINE.fullmatch(text):
        return text
    found = _unsigned(text)
    if found is None:
        return Refused("number_invalid", raw)
    sign, body = found
    mark = decimal_mark or _mark_of(body)
    if not mark:
        return Refused("number_ambiguous", raw)
    digits = _digits(body, mark)
    return f"{sign}{digits}" if digits else Refused("number_invalid", raw)


def _prepared(raw: str) -> str:
    """Narrow, with digits of ASCII and one sign for minus."""
    text = plain(raw)
    if text.isascii():
        return text
    text = text.translate(_MINUS)
    return "".join(str(unicodedata.decimal(one, one)) for one in text)


def _unsigned(text: str) -> tuple[str, str] | None:
    """The sign, and the number without it and without its currency."""
    words = _WORD.findall(text)
    if len(words) > 1 or (words and not _currencies(words)):
        return None
    if words:
        text = _without_currency(text, words[0])
    sign, text = "", _NO_CENTS.sub("", text)
    if text[:1] == "(" and text[-1:] == ")":
        sign, text = "-", text[1:-1].strip()
    elif text[:1] in ("-", "+"):
        sign, text = text[0].strip("+"), text[1:].strip()
    elif text[-1:] == "-":
        sign, text = "-", text[:-1].strip()
    return (sign, text) if _NUMBER.fullmatch(text) else None


def _without_currency(text: str, word: str) -> str:
    """At either end, or between a sign and the number: -$12, ($12), $-12."""
    word = word if word.casefold() in WITH_POINT else word.rstrip(".")
    before, _, after = text.partition(word)
    if before.strip(" +-(") and after.strip(" -)"):
        return "?"  # in the midst of the digits
    return f"{before.strip()}{after.strip()}"


def _currencies(words: Sequence[str]) -> frozenset[str]:
    if len(words) != 1:
        return frozenset()
    word = words[0].casefold()
    bare = word.rstrip(".")
    if bare.upper() in money.CURRENCIES:
        return frozenset({bare.upper()})
    return SIGNS.get(word) or SIGNS.get(bare) or frozenset()


def _mark_of(body: str) -> str:
    """The decimal mark that this number itself tells; empty where it does not."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    mark, other = (".", ",") if points else (",", ".")
    if points + commas > 1:
        return other  # it stands between thousands
    if points + commas == 0 or " " in body or "'" in body:
        return mark
    whole, _, rest = body.partition(mark)
    could_be_thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
    return "" if could_be_thousands else mark


def _digits(body: str, mark: str) -> str:
    """As machines write it; empty where the marks stand in no place of theirs."""
    whole, _, rest = body.partition(mark)
    if rest and not rest.isdigit():
        return ""
    if whole and not whole.isdigit():
        if not _GROUPED.fullmatch(whole) and not _INDIAN.fullmatch(whole):
            return ""
        whole = re.sub("[ ,.']", "", whole)
    return f"{whole or 0}.{rest}" if rest else whole or "0"
