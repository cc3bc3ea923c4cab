"""Orders whose items stand in one cell, as exports of WooCommerce write them.

A text in which each row is an order is written anew with a row for each item, under the
names of columns that such programs give to files of that kind. Two shapes are known:
all items in `line_items`, and one in each of `line_item_1`, `line_item_2` and so on.

    id:12|name:Mug|product_id:3|sku:M1|quantity:2|total:20.00;id:13|name:Tea|quantity:1
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from crm.services.imports.encoding import open_bytes, refuse_bomb

# Our column of an item -> what it is called in a cell, the best first.
COLUMNS: Mapping[str, Sequence[str]] = {
    "item_id": ("id", "item_id"),
    "item_sku": ("sku", "product_sku"),
    "item_name": ("name", "product_name"),
    "item_quantity": ("quantity", "qty"),
    # What was paid for them all, after discounts.
    "item_total": ("total", "line_total", "subtotal", "sub_total"),
    # Which comes on top of it.
    "item_total_tax": ("total_tax", "line_tax", "tax"),
}
_KEYS = {key for keys in COLUMNS.values() for key in keys} | {
    *("product_id", "variation_id", "price", "tax_class", "meta"),
    *("subtotal_tax", "sub_total_tax", "refunded", "refunded_qty", "refund", "type"),
    *("tax_data", "item_meta", "sub_total_price"),
}
_OF_ITEMS = re.compile(r"line_items|line_item_[0-9]{1,3}")
_OF_ORDERS = {"order_id", "order_number", "order_number_formatted"}
_NEXT_ITEM = re.compile(r";\s*(?=(?:id|name):)")
_IS_ITEM = re.compile(r"\s*(?:\[\s*\{|(?:id|name|sku|product_id|item_id):[^|]*\|)")
# Orders that are looked at to see whether their cells hold items.
_LOOKED_AT = 20
_DELIMITERS = ",;\t"


def unfold(path: Path, target: Path, *, most_rows: int | None = None) -> bool:
    """Write the text with a row for each item, where it is such a text; False where it
    is none. `most_rows`: only the beginning of it, so many orders."""
    try:
        with closing(_text(path)) as text:
            first = text.readline(65_536)
        for delimiter in _DELIMITERS:
            header = next(csv.reader([first], delimiter=delimiter), [])
            if _is_of_orders(header) and _places(header):
                return _unfold(path, target, delimiter, most_rows)
    except (UnicodeError, csv.Error):
        # The import itself says what is wrong with it.
        pass
    return False


def _text(path: Path) -> io.TextIOWrapper:
    stream = cast(BinaryIO, open_bytes(path))
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def _is_of_orders(header: Sequence[str]) -> bool:
    return not _OF_ORDERS.isdisjoint(name.strip().lower() for name in header)


def _places(header: Sequence[str]) -> list[int]:
    """Where the columns of items stand."""
    names = (name.strip().lower() for name in header)
    return [at for at, name in enumerate(names) if _OF_ITEMS.fullmatch(name)]


def _unfold(path: Path, target: Path, delimiter: str, most_rows: int | None) -> bool:
    if not _holds_items(path, delimiter):
        return False
    size = 0
    with (
        target.open("w", encoding="utf-8", newline="") as written,
        closing(_text(path)) as text,
    ):
        write = csv.writer(written).writerow
        for row in _unfolded(
            csv.reader(text, delimiter=delimiter, strict=True), most_rows
        ):
            write(row)
            size += len(row) + sum(map(len, row))
            refuse_bomb(size)
    return True


def _holds_items(path: Path, delimiter: str) -> bool:
    with closing(_text(path)) as text:
        header, *rows = islice(
            csv.reader(text, delimiter=delimiter, strict=True), _LOOKED_AT
        )
    places = _places(header)
    cells = [row[at] for row in rows for at in places if at < len(row)]
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(map(_IS_ITEM.match, filled))


def _unfolded(rows: Iterator[list[str]], most_rows: int | None) -> Iterator[list[str]]:
    header = next(rows)
    places = _places(header)
    kept = [at for at in range(len(header)) if at not in places]
    yield [*(header[at] for at in kept), *COLUMNS]
    for row in islice(rows, most_rows):
        order = [row[at] if at < len(row) else "" for at in kept]
        cells = [row[at] for at in places if at < len(row)]
        # What is too much is told where the rows are checked.
        beyond = row[len(header) :]
        for item in [item for cell in cells for item in _items(cell)] or [{}]:
            yield [*order, *(_told(item, keys) for keys in COLUMNS.values()), *beyond]


def _items(cell: str) -> list[Mapping[str, str]]:
    cell = cell.strip()
    if not cell:
        return []
    if cell.startswith("["):
        return _of_json(cell)
    return [_pairs(one) for one in _NEXT_ITEM.split(cell)]


def _of_json(cell: str) -> list[Mapping[str, str]]:
    try:
        found = json.loads(cell)
    except ValueError:
        return [{"name": cell}]
    return [
        {
            str(key).lower(): "" if value is None else str(value)
            for key, value in one.items()
        }
        for one in found
        if isinstance(one, dict)
    ]


def _pairs(text: str) -> Mapping[str, str]:
    """key:value|key:value; a name may hold both signs."""
    found: dict[str, str] = {}
    last = ""
    for piece in text.split("|"):
        key, colon, value = piece.partition(":")
        key = key.strip().lower()
        if colon and key in _KEYS:
            last, found[key] = key, value.strip()
        elif last:
            found[last] += f"|{piece}"
    return found


def _told(item: Mapping[str, str], keys: Sequence[str]) -> str:
    return next((item[key] for key in keys if item.get(key)), "")
