"""The rules of a row of a list of products, and its way into a slice.

Shops write a product with variants as several rows. What the first of them says of all
(name, category, picture, whether it is shown) holds for the others of its family, where
their own cells are empty; so does what a parent says, that a row names.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from crm.rules import trade
from crm.rules.choices import ProductNature
from crm.services.imports import values
from crm.services.imports.parts import Parts
from crm.services.imports.product_columns import COLUMNS
from crm.services.imports.product_columns import FIELDS as FIELDS
from crm.services.imports.products import CODE_LENGTH, code_of
from crm.services.imports.reading import Row
from crm.services.imports.row_checks import RowCheck
from crm.services.imports.slices import NULL, escaped
from crm.services.imports.values import Refused, goods
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.numbers import currencies_named
from crm.services.imports.values.words import mapped
from crm.services.products import MOST_CATEGORY, MOST_NAME, MOST_SUPPLY
from crm.sql.product_import import TABLE
from web.rules import money

SLICE_ROWS = 3_000
# What shops write where a product has no variants.
_NO_VARIANT = "default title"
# Of a family; what is of one variant alone is not in it.
_SHARED = ("name", "category", "picture", "listed")


@dataclass(frozen=True)
class ProductSettings:
    """What the run knows besides the file."""

    # Of prices that name none.
    currency: str
    rules: trade.ProductRules
    cells: CellRules


class ProductCheck(RowCheck):
    """A list of products."""

    def __init__(self, parts: Parts, settings: ProductSettings) -> None:
        super().__init__(parts, COLUMNS, table=TABLE, most=SLICE_ROWS)
        self._rules = settings.rules
        self._usual = settings.currency
        self._counts_all_stock = "stock_counted" not in parts.positions
        self._number = values.number(
            digits=8, places=money.MOST_PLACES, mark=settings.cells.numbers
        )
        self._currency = mapped(values.currency(), settings.cells.words_of("currency"))
        self._sku = values.identifier(CODE_LENGTH)
        self._name = values.name_line(MOST_NAME)
        self._category = values.name_line(MOST_CATEGORY)
        self._stock = values.number(digits=9, places=3, mark=settings.cells.numbers)
        # Family or parent -> what its first row says.
        self._families: dict[str, dict[str, str]] = {}
        self._seen: set[str] = set()

    def carried(self) -> bytes:
        return json.dumps([self._families, sorted(self._seen)]).encode()

    def resume(self, carried: bytes) -> None:
        self._families, seen = json.loads(carried)
        self._seen = set(seen)

    def _check(self, line: int, row: Row) -> str:
        given = dict(zip(COLUMNS, self._cells(row), strict=True))
        is_further = self._gather(given)
        if is_further and not (given["sku"] or given["price"] or given["option_1"]):
            # A further picture of the product above.
            return ""
        name = self._name(_named(given))
        if isinstance(name, Refused):
            return name.of("product")
        sku = self._sku(given["sku"]) or code_of(name)
        if isinstance(sku, Refused):
            return sku.of("sku")
        if not sku:
            return Refused("sku_missing")
        if sku in self._seen:
            return Refused("sku_twice", sku)
        self._seen.add(sku)
        read = partial(self._cell, line)
        cells = (
            str(line),
            escaped(sku),
            self._rules.nature_of(sku).value,
            self._nature(line, given["gift_card"]),
            name,
            read("category", given["category"], self._category),
            *self._priced(line, given),
            read("link", given["link"], goods.page),
            read("picture", given["picture"], goods.page),
            self._can_be_had(line, given),
            read("season", given["season"], _season),
            read("days_of_supply", given["days_of_supply"], self._days),
            read("tax_percent", given["tax_percent"], self._tax),
        )
        return "\t".join(cell or NULL for cell in cells) + "\n"

    # --- What rows have in common ----------------------------------------------------

    def _gather(self, given: dict[str, str]) -> bool:
        """The first of lists; and what its family says, where the row says nothing.
        Returns whether rows of the family came before."""
        given["category"] = given["category"] or goods.first_of(given["categories"])
        known = self._families.get(given["family"] or given["parent"])
        # A picture of one variant, of the family, and of whatever stands in the row.
        shared = known["picture"] if known else ""
        several = goods.first_of(given["pictures"])
        given["picture"] = given["picture"] or shared or several
        if known is not None:
            for name in _SHARED:
                given[name] = given[name] or known[name]
            return bool(given["family"])
        said = {name: given[name] for name in _SHARED}
        said["picture"] = several or said["picture"]
        if given["family"]:
            self._families[given["family"]] = said
        elif given["row_id"]:
            self._families[f"id:{given['row_id']}"] = said
            if given["sku"]:
                self._families[given["sku"]] = said
        return False

    # --- One cell --------------------------------------------------------------------

    def _cell(
        self, line: int, column: str, raw: str, read: Callable[[str], Any]
    ) -> str:
        """As COPY writes it, empty for nothing; what cannot be read is left out."""
        if values.is_nothing(raw):
            return ""
        value = read(raw)
        if isinstance(value, Refused):
            self._slice.leave_out(line, column, value.of(column), raw)
            return ""
        return escaped(value)

    def _priced(self, line: int, given: dict[str, str]) -> tuple[str, str]:
        """Price and currency, both or none."""
        raw = given["price"]
        if values.is_nothing(raw):
            return "", ""
        found = self._price(raw, given["currency"])
        if isinstance(found, Refused):
            self._slice.leave_out(line, "price", found, raw)
            return "", ""
        return found

    def _price(self, raw: str, currency: str) -> tuple[str, str] | Refused:
        amount = self._number(raw)
        if isinstance(amount, Refused):
            return amount.of("price")
        if amount < 0:
            return Refused("price_out_of_range", raw)
        code = self._currency(currency)
        if isinstance(code, Refused):
            return Refused("currency_unknown", currency)
        beside = currencies_named(raw)
        if not code:
            code = next(iter(beside)) if len(beside) == 1 else self._usual
        if beside and code not in beside:
            return Refused("price_of_other_currency", raw)
        return f"{money.round_money(amount, code)}", code

    def _can_be_had(self, line: int, given: dict[str, str]) -> str:
        """No where anything in the row says so; empty where nothing says either."""
        said = [
            self._yes_or_no(line, name, given[name]) for name in ("available", "listed")
        ]
        gone = self._yes_or_no(line, "discontinued", given["discontinued"])
        said.append(None if gone is None else not gone)
        said.append(self._has_stock(line, given))
        known = [one for one in said if one is not None]
        return ("t" if all(known) else "f") if known else ""

    def _yes_or_no(self, line: int, column: str, raw: str) -> bool | None:
        found = goods.yes_or_no(raw)
        if isinstance(found, Refused):
            self._slice.leave_out(line, column, found.of(column), raw)
            return None
        return found

    def _has_stock(self, line: int, given: dict[str, str]) -> bool | None:
        """Nothing where the shop does not count it, or sells without."""
        raw = given["stock"]
        is_counted = given["stock_counted"] or self._counts_all_stock
        if not raw or not is_counted:
            return None
        if self._yes_or_no(line, "sells_without_stock", given["sells_without_stock"]):
            return None
        number = self._stock(raw)
        if isinstance(number, Refused):
            self._slice.leave_out(line, "stock", number.of("stock"), raw)
            return None
        return number > 0

    def _nature(self, line: int, raw: str) -> str:
        """A gift card where the row says so; else nothing, as it is."""
        is_card = self._yes_or_no(line, "gift_card", raw)
        return ProductNature.GIFT_CARD.value if is_card else ""

    def _tax(self, raw: str) -> str:
        number = self._number(raw.rstrip().removesuffix("%"))
        if isinstance(number, Refused):
            return number
        if not 0 <= number < 100 or number != round(number, 2):
            return Refused("out_of_range", raw)
        return str(number)

    def _days(self, raw: str) -> str:
        number = self._stock(raw)
        if isinstance(number, Refused):
            return number
        if number != number.to_integral_value() or not 1 <= number <= MOST_SUPPLY:
            return Refused("out_of_range", raw)
        return str(int(number))


def _season(raw: str) -> str:
    found = goods.months(raw)
    return found if isinstance(found, Refused) else f"{{{','.join(map(str, found))}}}"


def _named(given: dict[str, str]) -> str:
    """With its options behind it, as the lines of orders have it."""
    options = [given[f"option_{n}"] for n in (1, 2, 3)]
    told = [one for one in options if one and one.casefold() != _NO_VARIANT]
    return " - ".join(filter(None, [given["name"], " / ".join(told)]))
