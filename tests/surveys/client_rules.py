"""What mail programs do to HTML, as rules that a part of a mail must keep.

Gathered from what Gmail, Outlook (Word's renderer and the new one), Apple Mail and the
Android programs are known to drop or change. Each rule says what would go wrong and for
whom; `broken` gives the pieces that break it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

VOID = {"br", "img", "meta", "link", "input", "hr"}
HEX = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parents: tuple["Element", ...]
    words: str = ""

    @property
    def style(self) -> dict[str, str]:
        pairs = (
            part.partition(":") for part in self.attributes.get("style", "").split(";")
        )
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}

    def inherited(self, name: str) -> str:
        for element in (self, *reversed(self.parents)):
            if name in element.style:
                return element.style[name]
        return ""


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        here = Element(
            tag, {name: value or "" for name, value in attrs}, tuple(self.open)
        )
        self.found.append(here)
        if tag not in VOID:
            self.open.append(here)

    def handle_endtag(self, tag):
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data):
        for element in self.open:
            element.words += data


def elements(html: str) -> list[Element]:
    return Reader(html).found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True)
class Rule:
    name: str
    clients: str
    broken: Callable[[list[Element]], Iterable[str]]


def presses(found: list[Element]) -> list[Element]:
    """The links that answer."""
    return [
        one
        for one in found
        if one.tag == "a" and re.search(r"[?](score|answer)=", one.attributes["href"])
    ]


def cell_of(link: Element) -> Element:
    return next(one for one in reversed(link.parents) if one.tag == "td")


def table_of(link: Element) -> Element:
    return next(one for one in reversed(link.parents) if one.tag == "table")


DROPPED = {
    "form",
    "input",
    "button",
    "svg",
    "img",
    "video",
    "script",
    "iframe",
    "object",
}
IGNORED_BY_WORD = re.compile(
    r"\b(flex|grid|var\(|calc\(|min\(|max\(|rgba|hsl|\d(rem|vw|vh|em)\b|position|float)"
)


def _dropped_tags(found):
    return [one.tag for one in found if one.tag in DROPPED]


def _unknown_css(found):
    return [
        f"{one.tag}: {one.attributes.get('style')}"
        for one in [*presses(found), *map(cell_of, presses(found))]
        if IGNORED_BY_WORD.search(one.attributes.get("style", ""))
    ]


def _not_in_cells(found):
    return [
        link.words
        for link in presses(found)
        if table_of(link).attributes.get("role") != "presentation"
    ]


def _no_border_on_the_cell(found):
    return [
        link.words
        for link in presses(found)
        if "solid" not in cell_of(link).style.get("border", "")
        or "border" in link.style
    ]


def _collapsed(found):
    return [
        link.words
        for link in presses(found)
        if table_of(link).style.get("border-collapse") != "separate"
        or int(table_of(link).attributes.get("cellspacing", 0)) < 4
    ]


def _no_own_colours(found):
    """Both, on the same piece: who turns one of them alone makes it unreadable."""
    wrong = []
    for link in presses(found):
        cell = cell_of(link)
        ground = cell.style.get("background-color", "")
        ink = link.style.get("color", "")
        is_whole = HEX.fullmatch(ground) and HEX.fullmatch(ink)
        if not is_whole or cell.attributes.get("bgcolor", "").upper() != ground.upper():
            wrong.append(link.words)
        elif contrast(ground, ink) < 7:
            wrong.append(f"{link.words}: contrast")
    return wrong


def _turned_dark(found):
    """As a program does that turns colours by itself: lightness upside down."""

    def turned(colour):
        return "#" + "".join(
            f"{255 - int(colour[at : at + 2], 16):02x}" for at in (1, 3, 5)
        )

    return [
        link.words
        for link in presses(found)
        if contrast(
            turned(cell_of(link).style["background-color"]), turned(link.style["color"])
        )
        < 4.5
    ]


def _too_small(found):
    """44 px with the borders, as fingers need; 32 wide where seven stand in a row."""
    wrong = []
    for link in presses(found):
        cell = cell_of(link).attributes
        high, wide = int(cell.get("height", 0)), cell.get("width", "")
        whole = table_of(link).attributes.get("width") == "100%"
        if high < 42 or not (whole or int(wide or 0) >= 32):
            wrong.append(link.words)
        if link.style.get("display") != "block":
            wrong.append(f"{link.words}: only its letters can be pressed")
    return wrong


def _too_wide(found):
    """280 px are what a phone of 320 leaves: no row is wider."""
    wide: dict[int, int] = {}
    for link in presses(found):
        table = table_of(link)
        if table.attributes.get("width") != "100%":
            gap = int(table.attributes["cellspacing"])
            start = wide.get(id(table), gap)
            wide[id(table)] = start + int(cell_of(link).attributes["width"]) + 2 + gap
    return [str(width) for width in wide.values() if width > 280]


def _no_direction(found):
    return [
        link.words
        for link in presses(found)
        if table_of(link).attributes.get("dir") not in ("ltr", "rtl")
    ]


def _no_words(found):
    """Without pictures and colours, also read aloud: each link says something."""
    return [
        link.attributes["href"] for link in presses(found) if not link.words.strip()
    ]


def _same_address(found):
    hrefs = [link.attributes["href"] for link in presses(found)]
    return [one for one in hrefs if hrefs.count(one) > 1 or not one.startswith("http")]


RULES = (
    Rule("no element that is taken out", "Gmail, Outlook, Yahoo", _dropped_tags),
    Rule("no CSS that Word does not know", "Outlook 2016-2021", _unknown_css),
    Rule("each answer in a cell of a plain table", "Outlook, readers", _not_in_cells),
    Rule("the border on the cell", "Outlook 2016-2021", _no_border_on_the_cell),
    Rule("gaps by the table, not by margins", "Outlook, Gmail", _collapsed),
    Rule("ink and ground on one piece", "Gmail dark, Apple Mail dark", _no_own_colours),
    Rule("readable turned upside down", "Outlook and Gmail on iOS, dark", _turned_dark),
    Rule("large enough for a finger", "phones", _too_small),
    Rule("no wider than a small phone", "phones", _too_wide),
    Rule("its own direction", "Gmail takes dir off the body", _no_direction),
    Rule("words in each link", "pictures off, screen readers", _no_words),
    Rule("an address of its own, whole", "all", _same_address),
)
