"""Compile a kind's three templates for one language and one wording, once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.template import Engine, Template
from django.template.backends.django import get_installed_libraries
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from messaging.rendering.markers import Chunk, through_mjml
from messaging.rendering.source import TAG, flatten, read
from messaging.rules.choices import Category
from messaging.rules.wording import Placeholder, pieces

_FONT = "Arial, Helvetica, sans-serif"
_FONTS = {
    "zh-hans": f"Arial, 'PingFang SC', 'Microsoft YaHei', {_FONT}",
    "zh-hant": f"Arial, 'PingFang TC', 'Microsoft JhengHei', {_FONT}",
}
_TRANSLATE = re.compile(r"{%\s*trans(?:late)?\s+(?:\"([^\"]*)\"|'([^']*)')\s*%}")
# {% blocktranslate with name=first_name %}Hello {{ name }},{% endblocktranslate %}
_SENTENCE = re.compile(
    r"{%\s*blocktranslate(?:\s+with(?P<names>(?:\s+\w+=[^\s%]+)+))?\s*%}"
    r"(?P<text>(?:[^{]|{(?!%))*){%\s*endblocktranslate\s*%}"
)
_NAMED = re.compile(r"(\w+)=(\S+)")
_VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")
_WORDING = re.compile(r"{{\s*wording\.(\w+)\s*}}")

# (field, staff's words or the default), sorted: what a cached compilation depends on.
Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Compiled:
    subject: Template
    text: Template
    html: Template
    # What templates may ask for and what never changes for this language.
    constants: dict[str, object]
    placeholders: frozenset[str]


@lru_cache(maxsize=256)
def compiled(
    template: str, category: Category, language: str, words: Words
) -> Compiled:
    with translation.override(language):
        constants = _constants(language, category)
        wording = dict(words)
        return Compiled(
            subject=_plain(f"{template}.subject.txt", wording, constants),
            text=_plain(f"{template}.txt", wording, constants),
            html=_html(f"{template}.mjml", wording, constants),
            constants={**constants, "wording": wording},
            placeholders=frozenset(
                piece.name
                for text in wording.values()
                for piece in pieces(text)
                if isinstance(piece, Placeholder)
            ),
        )


def _constants(language: str, category: Category) -> dict[str, str]:
    right_to_left = language in settings.LANGUAGES_BIDI
    first, _dash, script = language.partition("-")
    return {
        "lang": f"{first}-{script.title()}" if script else first,
        "dir": "rtl" if right_to_left else "ltr",
        "start": "right" if right_to_left else "left",
        "end": "left" if right_to_left else "right",
        "font": _FONTS.get(language, _FONT),
        "stop_label": {
            Category.SURVEY: _("Stop surveys"),
            Category.LOYALTY: _("Stop these emails"),
            Category.MARKETING: _("Stop offers"),
        }.get(category, ""),
    }


def _plain(name: str, wording: dict[str, str], constants: dict[str, str]) -> Template:
    flat = flatten(name)
    chunks = dict(_text_chunks(flat.text, wording, constants))
    text = _SENTENCE.sub(_translated, flat.text)
    text = TAG.sub(lambda tag: chunks.get(tag[0], tag[0]), text)
    return Template(flat.loads + text, engine=_engine())


def _html(name: str, wording: dict[str, str], constants: dict[str, str]) -> Template:
    flat = flatten(name)
    # Attributes of MJML must hold their values before it is compiled.
    source = _VARIABLE.sub(
        lambda found: escape(constants.get(found[1], "")) or found[0], flat.text
    )
    chunks = dict(_html_chunks(source, wording))
    html = through_mjml(source, chunks, css=read("emails/base.css"))
    return Template(flat.loads + html, engine=_engine())


def _text_chunks(
    source: str, wording: dict[str, str], constants: dict[str, str]
) -> Iterator[tuple[str, str]]:
    for tag in TAG.findall(source):
        if found := _WORDING.fullmatch(tag):
            yield tag, _as_template(wording[found[1]], "{% templatetag openbrace %}")
        elif found := _TRANSLATE.fullmatch(tag):
            yield tag, _(found[1] or found[2])
        elif (found := _VARIABLE.fullmatch(tag)) and found[1] in constants:
            yield tag, constants[found[1]]


def _html_chunks(source: str, wording: dict[str, str]) -> Iterator[tuple[str, Chunk]]:
    for sentence in _SENTENCE.finditer(source):
        text = _translated(sentence)
        yield sentence[0], Chunk(content=text, bare=text.replace('"', "&quot;"))
    for tag in TAG.findall(source):
        if found := _WORDING.fullmatch(tag):
            text = escape(wording[found[1]]).replace("\n", "<br>\n")
            yield (
                tag,
                Chunk(
                    content=_as_template(text, "&#123;", "<bdi>", "</bdi>"),
                    bare=_as_template(text.replace("<br>\n", " "), "&#123;"),
                ),
            )
        elif found := _TRANSLATE.fullmatch(tag):
            text = _(found[1] or found[2]).replace("{", "&#123;")
            yield tag, Chunk(content=text, bare=text.replace('"', "&quot;"))


def _translated(found: re.Match[str]) -> str:
    """The sentence in the language of this compilation, with plain variables in it.

    Translating is half of what filling in costs, and the same for every mail.
    """
    values = dict(_NAMED.findall(found["names"] or ""))
    names = {name: name for name in _VARIABLE.findall(found["text"])} | values
    source = _VARIABLE.sub(r"%(\1)s", found["text"].replace("%", "%%"))
    return _(source) % {name: f"{{{{ {value} }}}}" for name, value in names.items()}


def _as_template(text: str, brace: str, before: str = "", after: str = "") -> str:
    """Words of staff as template source: only placeholders can come alive in it."""
    return "".join(
        piece.replace("{", brace)
        if isinstance(piece, str)
        else f"{{% if words.{piece.name} %}}{piece.lead}{before}"
        f"{{{{ words.{piece.name} }}}}{after}{piece.tail}"
        f"{{% else %}}{piece.instead}{{% endif %}}"
        for piece in pieces(text)
    )


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(
        libraries=get_installed_libraries(),
        builtins=["django.templatetags.i18n", "django.templatetags.l10n"],
    )
