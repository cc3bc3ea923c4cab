"""HTML that is not trusted: cleaned for the frame it is shown in, and as plain text."""

import re
from html.parser import HTMLParser

import nh3

_TAGS = nh3.ALLOWED_TAGS | {"font", "center", "section", "article", "header", "footer"}
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "*": {"style", "dir", "lang", "align", "title"},
    "img": {"src", "alt", "width", "height"},
    "a": {"href"},
    "font": {"color", "face", "size"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "td": {"width", "height", "colspan", "rowspan", "valign", "bgcolor"},
    "th": {"width", "height", "colspan", "rowspan", "valign", "bgcolor"},
    "tr": {"valign", "bgcolor"},
}
# None of them takes an address, moves a box out of its place or covers another.
_STYLES = {
    *("color", "background-color", "font", "font-family", "font-size", "font-style"),
    *("font-weight", "line-height", "letter-spacing", "text-align", "text-indent"),
    *("text-decoration", "text-transform", "vertical-align", "white-space"),
    *("direction", "unicode-bidi", "width", "height", "max-width", "min-width"),
    *("padding", "padding-left", "padding-right", "padding-top", "padding-bottom"),
    *("margin-left", "margin-right", "margin-top", "margin-bottom", "margin"),
    *("border", "border-left", "border-right", "border-top", "border-bottom"),
    *("border-collapse", "border-color", "border-radius", "border-spacing"),
    *("border-style", "border-width", "display", "float", "clear", "list-style-type"),
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)

_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_BLOCKS = frozenset(
    "address article blockquote br center dd div dl dt footer h1 h2 h3 h4 h5 h6 header"
    " hr li ol p pre section table tbody tfoot thead tr ul".split()
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset("area br col hr img input link meta source wbr".split())
# Many programs close neither <p> nor <td>.
_MOST_DEPTH = 2_000
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_MANY_LINES = re.compile(r"\n{3,}")


def is_too_deep(html: str) -> bool:
    """Whether its elements are nested deeper than mail programs write: to clean such
    HTML takes minutes, so it is shown as text."""
    depth = 0
    for found in _TAG.finditer(html):
        if found[2].lower() in _VOID:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > _MOST_DEPTH:
            return True
    return False


def clean(html: str) -> str:
    """The HTML without scripts, forms, frames and whatever else acts. Pictures keep
    their addresses: the page that shows them holds the remote ones back."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filtered,
        url_schemes=_SCHEMES,
        filter_style_properties=_STYLES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _filtered(tag: str, name: str, value: str) -> str | None:
    """Data is for pictures alone, and those of formats in which nothing runs."""
    if value.lstrip().lower().startswith("data:"):
        is_picture = tag == "img" and name == "src" and _PICTURE.match(value.lstrip())
        return value if is_picture else None
    if name == "style" and "url(" in value.replace("\\", "").lower():
        return None
    return value


def as_text(html: str) -> str:
    """What a reader would see of it, a line for each block."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = (
        _SPACES.sub(" ", line).strip() for line in "".join(reader.parts).split("\n")
    )
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))
