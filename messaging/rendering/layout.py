"""What is equal in the mails of a kind: Django renders it, MJML becomes HTML, once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import css_inline
import mrml
from django.conf import settings
from django.template import Context, Engine, Library, TemplateSyntaxError
from django.template.backends.django import get_installed_libraries
from django.utils import translation
from django.utils.translation import gettext as _

from messaging.rendering.places import Names, Parted, WordsUsed, refuse_words
from messaging.rules.choices import Category

_FONT = "Arial, Helvetica, sans-serif"
_FONTS = {
    "zh-hans": f"Arial, 'PingFang SC', 'Microsoft YaHei', {_FONT}",
    "zh-hant": f"Arial, 'PingFang TC', 'Microsoft JhengHei', {_FONT}",
}
# Where a line may end without showing: short lines travel without being encoded.
_INSIDE_TAG = re.compile(r"(<(?:table|td|div)) ")
_OPTIONS = mrml.RenderOptions(fonts={})


@dataclass(frozen=True)
class Layout:
    """The three parts of a mail with places for the words of each."""

    subject: Parted
    text: Parted
    html: Parted


@lru_cache(maxsize=256)
def layout(template: str, category: Category, language: str, values: Names) -> Layout:
    """The parts of `template` (without its ending); `values` hold places for words.

    Raises TemplateSyntaxError where the MJML cannot be read, and where a template
    compares or filters words of a recipient.
    """
    try:
        return _made(template, category, language, values)
    except WordsUsed as error:
        raise TemplateSyntaxError(f"{template}: {error}") from error


def _made(template: str, category: Category, language: str, values: Names) -> Layout:
    get = _engine().get_template
    with translation.override(language):
        known = values.as_dict() | _constants(language, category)
        plain = Context(known, autoescape=False)
        return Layout(
            subject=Parted(get(f"{template}.subject.txt").render(plain)),
            text=Parted(get(f"{template}.txt").render(plain)),
            html=Parted(to_html(get(f"{template}.mjml").render(Context(known)))),
        )


def to_html(mjml: str) -> str:
    """MJML as HTML with our classes as style attributes. Raises TemplateSyntaxError for
    what cannot be read."""
    try:
        html = mrml.to_html(mjml, None, _OPTIONS).content
    except OSError as error:
        raise TemplateSyntaxError(f"MJML cannot be read: {error}") from error
    return _INSIDE_TAG.sub(r"\1\n", _inlined(html))


def _inlined(html: str) -> str:
    """Our classes become style attributes; MJML's own sheets stay in the head."""
    kept = html.replace('<style type="text/css">', '<style data-css-inline="keep">')
    inliner = css_inline.CSSInliner(
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
        extra_css=_css(),
    )
    return inliner.inline(kept).replace(' data-css-inline="keep"', ' type="text/css"')


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
            Category.BIRTHDAY: _("Stop birthday greetings"),
        }.get(category, ""),
    }


@lru_cache(maxsize=1)
def _engine() -> Engine:
    """Django's, with the tags of translation at hand in every mail, and with filters
    that refuse the words of a recipient."""
    engine = Engine(
        dirs=settings.TEMPLATES[0]["DIRS"],
        libraries=get_installed_libraries(),
        builtins=["django.templatetags.i18n", "django.templatetags.l10n"],
    )
    engine.template_builtins = [_guarded(one) for one in engine.template_builtins]
    engine.template_libraries = {
        name: _guarded(one) for name, one in engine.template_libraries.items()
    }
    return engine


def _guarded(library: Library) -> Library:
    """The library, with filters that refuse places; `default` only asks whether there
    are words."""
    guarded = Library()
    guarded.tags = library.tags
    guarded.filters = {
        name: one if name == "default" else _refusing(name, one)
        for name, one in library.filters.items()
    }
    return guarded


def _refusing(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(apply)
    def applied(*values: Any, **more: Any) -> Any:
        for value in values:
            refuse_words(name, value)
        return apply(*values, **more)

    return applied


@lru_cache(maxsize=1)
def _css() -> str:
    _template, origin = _engine().find_template("emails/base.css")
    return Path(origin.name).read_text(encoding="utf-8")
