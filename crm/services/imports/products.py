"""The products that a file names, numbered as they appear."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from crm.rules import product_codes, trade
from crm.rules.choices import ProductNature
from crm.services.imports import values
from crm.services.imports.proposals import Suspect
from crm.services.imports.slices import escaped
from crm.services.imports.values import Refused

CODE_LENGTH = 120
# Tells long names apart where they are cut to make a code.
_MARK_LENGTH = 8


@dataclass(slots=True)
class FileProduct:
    """A product by its number in this run. The first name in the file counts, so that
    the same file gives the same name again."""

    no: int
    sku: str
    nature: ProductNature
    is_ruled: bool
    # Is the quantity positive, and the sign of the price -> nature of the line.
    natures: Mapping[tuple[bool, int], str]
    name: str = ""
    category: str = ""


# trade.line_nature, worked out once for every case there is.
_LINE_NATURES = {
    nature: {
        (is_taken, sign): trade.line_nature(
            nature, Decimal(1 if is_taken else -1), Decimal(sign)
        ).value
        for is_taken in (True, False)
        for sign in (-1, 0, 1)
    }
    for nature in ProductNature
}


class FileProducts:
    """The products that the lines of a file name, each with its nature."""

    def __init__(
        self, rules: trade.ProductRules, natures: Mapping[str, ProductNature]
    ) -> None:
        self._rules = rules
        # Natures that products have already, where they are not plain products.
        self._natures = natures
        self._known: dict[str, FileProduct] = {}
        # Of earlier steps: code -> name and category, the first that the file gave.
        self._earlier: dict[str, list[str]] = {}
        self._fresh: dict[int, FileProduct] = {}
        # Products of this run that may be no goods, by their number.
        self.suspects: dict[int, Suspect] = {}
        self._count = 0
        self._sku = values.identifier(CODE_LENGTH)
        self._name = values.remembering(values.name_line(300))
        self._category = values.remembering(values.name_line(120))

    def read(self, raw: str, name: str, category: str) -> FileProduct | Refused:
        """The product of a line, or why the line is refused."""
        product = self._known.get(raw) or self._meet(raw, name)
        if isinstance(product, Refused):
            return product
        if name:
            clean = self._name(name)
            if isinstance(clean, Refused):
                return clean.of("product")
            if not product.name and clean:
                product.name = clean
                self._fresh[product.no] = product
        if category:
            clean = self._category(category)
            if isinstance(clean, Refused):
                return clean.of("category")
            if not product.category and clean:
                product.category = clean
                self._fresh[product.no] = product
        return product

    def take_fresh(self) -> list[str]:
        """Lines for COPY of what is new, or newly described, since the last slice."""
        fresh, self._fresh = self._fresh, {}
        for item in fresh.values():
            self._suspect(item)
        return [
            f"{item.no}\t{escaped(item.sku)}\t{escaped(item.name)}"
            f"\t{escaped(item.category)}\t{item.nature.value}\t{item.is_ruled}\n"
            for item in fresh.values()
        ]

    def carried(self) -> dict[str, list[str]]:
        """What the next step has to know of the products so far."""
        here = {item.sku: [item.name, item.category] for item in self._known.values()}
        return self._earlier | here

    def resume(self, carried: dict[str, list[str]]) -> None:
        """Go on with what an earlier step gave."""
        self._earlier = carried

    def _suspect(self, item: FileProduct) -> None:
        if item.is_ruled or item.nature is not ProductNature.PRODUCT:
            return
        found = product_codes.suggestion(item.sku, item.name)
        if found is not None:
            self.suspects[item.no] = Suspect(found, item.sku, item.name)

    def _meet(self, raw: str, name: str) -> FileProduct | Refused:
        sku = self._sku(raw)
        if isinstance(sku, Refused):
            return sku.of("sku")
        is_named = not sku
        sku = sku or self._code_of(name)
        if isinstance(sku, Refused) or not sku:
            return sku.of("product") if sku else Refused("sku_missing")
        product = self._known.get(sku)
        if product is None:
            ruled = self._rules.match(sku)
            nature = ruled or self._natures.get(sku, ProductNature.PRODUCT)
            product = FileProduct(
                self._count, sku, nature, ruled is not None, _LINE_NATURES[nature]
            )
            product.name, product.category = self._earlier.get(sku, ("", ""))
            self._count += 1
            self._fresh[product.no] = product
        self._known[sku] = product
        if not is_named:
            self._known[raw] = product
        return product

    def _code_of(self, name: str) -> str:
        """Where a shop gives no code, its name for the product is one."""
        clean = "" if values.is_nothing(name) else self._name(name)
        return clean if isinstance(clean, Refused) else code_of(clean)


def code_of(name: str) -> str:
    """The code of a product to which its shop gives none: its name, cut to fit."""
    if len(name) <= CODE_LENGTH:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:_MARK_LENGTH]
    return f"{name[: CODE_LENGTH - _MARK_LENGTH - 1]} {mark}"
