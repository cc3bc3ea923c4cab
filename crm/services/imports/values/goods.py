"""What a list of products says: whether one can be had, and in which months."""

import re

from crm.services.imports.values.cells import Refused, folded, plain

_YES = """yes y true 1 on x available active in_stock instock published visible
    backorder onbackorder notify allow continue כן 是 有货 有貨 במלאי""".split()
_NO = """no n false 0 -1 off unavailable inactive draft archived private unlisted hidden
    unpublished out_of_stock outofstock sold_out deny discontinued לא 否 无货 無貨
    אזל""".split()
_SAID = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_SPAN = re.compile(r"(\w+)\s*[-–]\s*(\w+)")
_WHOLE_PAGE = re.compile(r"https?://\S+", re.IGNORECASE)
MOST_PAGE = 500


def yes_or_no(raw: str) -> bool | None | Refused:
    """What a cell says of a product, in the words of shops; None for an empty one."""
    word = folded(raw).replace(" ", "_").replace("-", "_")
    # A minus is more than a mark between words.
    word = word if word != "_1" else "-1"
    if not word:
        return None
    found = _SAID.get(word)
    return Refused("yes_no_unknown", raw) if found is None else found


def months(raw: str) -> list[int] | Refused:
    """`11-2`, `Nov-Feb` or `11, 12, 1`, as numbers in their order; [] for nothing."""
    text = folded(raw)
    found: set[int] = set()
    for first, last in _SPAN.findall(text):
        start, end = _month(first), _month(last)
        if not start or not end:
            return Refused("month_invalid", raw)
        # From November on over the turn of the year.
        found |= {(start + step - 1) % 12 + 1 for step in range((end - start) % 12 + 1)}
    for word in re.split(r"[\s,;/、，]+", _SPAN.sub(" ", text)):
        if word and not _month(word):
            return Refused("month_invalid", raw)
        if word:
            found.add(_month(word))
    return sorted(found)


def _month(word: str) -> int:
    """1 to 12; 0 for no month."""
    if word.isdecimal():
        return int(word) if len(word) <= 2 and 1 <= int(word) <= 12 else 0
    return _MONTHS.index(word[:3]) + 1 if word[:3] in _MONTHS else 0


def page(raw: str) -> str:
    """The address of a page or a picture."""
    address = plain(raw)
    if not address:
        return ""
    if len(address) > MOST_PAGE:
        return Refused("too_long", raw)
    fits = _WHOLE_PAGE.fullmatch(address) and address.isprintable()
    return address if fits else Refused("link_invalid", raw)


def first_of(raw: str) -> str:
    """The first of a list with commas, in which `\\,` is no end of a name."""
    whole = raw.replace("\\,", "\0")
    return whole.partition(",")[0].replace("\0", ",").strip()
