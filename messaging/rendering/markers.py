"""Carry template tags through MJML and CSS inlining, where they would not survive.

Each tag becomes a marker word. Between elements and in text it travels as a comment,
which HTML allows even between two <tr>; inside attributes, <title> and the preview it
travels as the bare word. Afterwards every marker is replaced by its tag again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import css_inline
import mrml
from django.template import TemplateSyntaxError

from messaging.rendering.source import TAG

# Elements of MJML whose content is text or HTML; in all others only elements stand.
_TEXT = frozenset({"mj-text", "mj-button", "mj-table", "mj-raw", "mj-navbar-link"})
_WORDS_ONLY = frozenset({"mj-title", "mj-preview", "mj-style", "title", "style"})
_BLOCK_TAGS = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.S
)
_ELEMENT = re.compile(
    r"<!--.*?-->|<(?P<close>/?)(?P<name>[a-zA-Z][\w:-]*)"
    r"(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^'\">])*?)(?P<empty>/?)>",
    re.S,
)
_WORD = re.compile(r"pz\d+zp")
_MARKER = re.compile(r"<!--pz(?P<content>\d+)zp-->|pz(?P<bare>\d+)zp")
# Where a line may end without showing: short lines travel without being encoded.
_INSIDE_TAG = re.compile(r"(<(?:table|td|div)) ")
_OPTIONS = mrml.RenderOptions(fonts={})


@dataclass(frozen=True)
class Chunk:
    """A piece of template: as it reads in text, and inside an attribute or title."""

    content: str
    bare: str


def through_mjml(source: str, chunks: dict[str, Chunk], css: str) -> str:
    """The HTML of an MJML source whose template tags are kept.

    `chunks` says for some tags ("{{ wording.intro }}") what stands in their place.
    """
    marked, tags = _hidden(source)
    html = _inlined(_from_mjml("".join(_wrapped(marked))), css)
    missing = [tag for number, tag in enumerate(tags) if f"pz{number}zp" not in html]
    if missing:
        raise TemplateSyntaxError(f"MJML has no place for {missing[0]} where it stands")

    def shown(found: re.Match[str]) -> str:
        tag = tags[int(found["content"] or found["bare"])]
        chunk = chunks.get(tag) or Chunk(tag, tag)
        return chunk.content if found["content"] else chunk.bare

    return _MARKER.sub(shown, html)


def _from_mjml(source: str) -> str:
    try:
        return mrml.to_html(source, None, _OPTIONS).content
    except OSError as error:
        raise TemplateSyntaxError(f"MJML cannot be read: {error}") from error


def _hidden(source: str) -> tuple[str, list[str]]:
    tags: list[str] = []

    def word(found: re.Match[str]) -> str:
        tags.append(found[0])
        return f"pz{len(tags) - 1}zp"

    # A translated block is one unit: its inside is no MJML of its own.
    return TAG.sub(word, _BLOCK_TAGS.sub(word, source)), tags


def _wrapped(source: str) -> Iterator[str]:
    """The source with each marker in the clothes its place asks for."""
    open_elements: list[str] = []
    end = 0
    for element in _ELEMENT.finditer(source):
        yield _dressed(source[end : element.start()], open_elements)
        yield element[0]
        end = element.end()
        name = element["name"] or ""
        if not name.startswith("mj-") or element["empty"]:
            continue
        if element["close"]:
            open_elements.pop()
        else:
            open_elements.append(name)
    yield source[end:]


def _dressed(text: str, open_elements: list[str]) -> str:
    inside = open_elements[-1] if open_elements else ""
    if inside in _WORDS_ONLY:
        return text
    if inside in _TEXT:
        return _WORD.sub(lambda found: f"<!--{found[0]}-->", text)
    return _WORD.sub(lambda found: f"<mj-raw><!--{found[0]}--></mj-raw>", text)


def _inlined(html: str, css: str) -> str:
    """Our classes become style attributes; MJML's own sheets stay in the head."""
    kept = html.replace('<style type="text/css">', '<style data-css-inline="keep">')
    inliner = css_inline.CSSInliner(
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
        extra_css=css,
    )
    whole = inliner.inline(kept).replace(' data-css-inline="keep"', ' type="text/css"')
    return _INSIDE_TAG.sub(r"\1\n", whole)
