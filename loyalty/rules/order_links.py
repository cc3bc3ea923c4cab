"""Where a mail leads to order: the shop's own address, filled in for products. Pure.

A template has a place for one product, `https://shop.example/cart/{sku}:{quantity}`, or
for several, `https://shop.example/cart/{lines}`, which becomes `SKU:2,OTHER:1` (as the
cart permalinks of Shopify have it).
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote, urlsplit

from web.errors import InvalidValue
from web.rules import text

MOST = 500
_FIELD = "template"
_PLACES = frozenset({"sku", "quantity", "lines"})
_PLACE = re.compile(r"{([^{}]*)}")
_SCHEMES = frozenset({"http", "https"})

Line = tuple[str, Decimal]


def checked(template: str) -> str:
    """The template as it is stored; empty for none. Raises InvalidValue for what is no
    address of the web, places that we do not know, and none for the product."""
    line = text.one_line(template, field=_FIELD, most=MOST)
    if not line:
        return ""
    places = set(_PLACE.findall(line))
    if places - _PLACES or re.search("[{}]", _PLACE.sub("", line)):
        raise InvalidValue(fields={_FIELD: "place_unknown"})
    if not places & {"sku", "lines"}:
        raise InvalidValue(fields={_FIELD: "place_missing"})
    if {"sku", "lines"} <= places:
        raise InvalidValue(fields={_FIELD: "place_both"})
    try:
        parts = urlsplit(line)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    is_page = bool(host) and parts.scheme in _SCHEMES and not parts.username
    if not is_page or "{" in parts.netloc or re.search(r"\s", line):
        raise InvalidValue(fields={_FIELD: "link_invalid"})
    return line


def takes_several(template: str) -> bool:
    """Whether one address may hold a basket of several products."""
    return "{lines}" in template


def address(template: str, lines: Sequence[Line]) -> str:
    """The template with these codes and quantities; of one that takes a single product
    the first line counts. Codes are quoted, so that none can leave its place."""
    (sku, quantity) = lines[0]
    values = {
        "sku": quote(sku, safe=""),
        "quantity": _plain(quantity),
        "lines": ",".join(
            f"{quote(one, safe='')}:{_plain(number)}" for one, number in lines
        ),
    }
    return _PLACE.sub(lambda place: values[place[1]], template)


def _plain(quantity: Decimal) -> str:
    """3, or 0.5; never 3.000."""
    return format(quantity.normalize(), "f")
