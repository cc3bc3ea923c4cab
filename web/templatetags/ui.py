"""The template tags of every page: icons, chips, menu items, names, dates and money.

Words go through gettext; numbers and dates are written in the page's language.
`now` is taken from the context where a view gives it, so that a page shows one time.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.core.exceptions import ValidationError
from django.forms import BoundField, Field
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from web import formats
from web.addresses import address
from web.escaping import escaped
from web.notices import Notice, notices_of

register = template.Library()

ICONS = Path(__file__).parents[1] / "icons"
THEMES = ("light", "dark", "auto")
TONE_ICONS = {
    "good": "check",
    "info": "info",
    "wait": "clock",
    "warn": "question",
    "bad": "triangle",
    "off": "pause",
}


# --- Icons and chips -----------------------------------------------------------------


@register.simple_tag
@cache
def icon(name: str, extra: str = "") -> SafeString:
    """An inline drawing, hidden from readers: the word stands beside it."""
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        "{}</svg>",
        f"ic {extra}".strip(),
        _drawing(name),
    )


@cache
def _drawing(name: str) -> SafeString:
    """What stands inside web/icons/<name>.svg; size and stroke come from our CSS."""
    file = ICONS / f"{name}.svg"
    if not file.exists():
        raise template.TemplateSyntaxError(f"There is no icon named {name!r}.")
    drawing = file.read_text().partition(">")[2].rpartition("</svg>")[0]
    return SafeString(drawing)


def draw_chip(tone: str, icon_name: str, word: object) -> SafeString:
    """Return a chip: a word in a tone, and an icon where one is named."""
    if tone not in TONE_ICONS:
        raise template.TemplateSyntaxError(f"There is no tone named {tone!r}.")
    drawing = icon(icon_name) if icon_name else ""
    return SafeString(
        f'<span class="p-chip p-{tone}">{drawing}<span>{escaped(word)}</span></span>'
    )


@register.simple_block_tag
def badge(content: str, tone: str = "off", icon: str = "") -> SafeString:
    """A chip in own words: `{% badge tone="warn" icon="triangle" %}…{% endbadge %}`."""
    return draw_chip(tone, icon, content)


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon that goes with a tone where nothing better was named."""
    return icon(TONE_ICONS.get(tone, "check"))


@register.filter
def notices(messages: Iterable[Message] | None) -> list[Notice]:
    """Django's messages as notices; none where a page stands without a request."""
    return notices_of(messages or ())


# --- The shell -----------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context,
    url_name: str,
    icon_name: str,
    word: str,
    count: Any = None,
    key: str = "",
) -> SafeString:
    """A line of the side menu; none for a page that does not exist yet. `count` is what
    waits for a person, `key` the letter that goes there after `g`."""
    return SafeString(_nav_item(_path(context), url_name, icon_name, word, count, key))


@register.simple_tag(takes_context=True)
def nav_items(context: Context, lines: Iterable[Any]) -> SafeString:
    """Several, each with `url_name`, `icon`, `label`, `count` and `key`: a tag for each
    of the twenty took a tenth of an empty page."""
    path = _path(context)
    items = (
        _nav_item(path, one.url_name, one.icon, one.label, one.count, one.key)
        for one in lines
    )
    return SafeString("".join(items))


def _path(context: Context) -> str:
    request: HttpRequest | None = context.get("request")
    return request.path if request else ""


def _nav_item(
    path: str, url_name: str, icon_name: str, word: object, count: Any, key: str
) -> str:
    try:
        url = address(url_name)
    except NoReverseMatch:
        return ""
    begin, end = _nav_line(url, icon_name, str(word), key)
    return f"{begin}{_current(path, url)}{end}{_count(count)}</a>"


@lru_cache(maxsize=256)
def _nav_line(url: str, icon_name: str, word: str, key: str) -> tuple[str, str]:
    """What is the same on every page, before and after the mark of the current one."""
    go = format_html(' data-go="{}"', key) if key else ""
    return (
        format_html('<a class="p-nav" href="{}"', url),
        format_html("{}>{}<span>{}</span>", go, icon(icon_name), word),
    )


def _current(path: str, url: str) -> str:
    if path == url:
        return ' aria-current="page"'
    if url != "/" and path.startswith(url):
        return ' aria-current="true"'
    return ""


def _count(count: Any) -> SafeString | str:
    if not count:
        return ""
    return format_html('<span class="p-cnt">{}</span>', formats.number(count))


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """light, dark or auto: from the cookie, then from the person's own choice."""
    request = context.get("request")
    wanted = request.COOKIES.get("theme", "") if request else ""
    own = getattr(getattr(request, "user", None), "theme", "")
    return next((choice for choice in (wanted, own) if choice in THEMES), "auto")


# --- Forms ---------------------------------------------------------------------------


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's own control; what people type decides its direction."""
    typed = field.widget_type in {"text", "textarea", "search"}
    if not typed or "dir" in field.field.widget.attrs:
        return field.as_widget()
    return field.as_widget(attrs={"dir": "auto"})


@register.simple_tag
def options(
    choices: Iterable[tuple[object, object]], chosen: object = ""
) -> SafeString:
    """The <option>s of a select: pairs of value and words, one of them chosen."""
    return SafeString(
        "\n".join(
            f'<option value="{escaped(value)}"{" selected" if value == chosen else ""}>'
            f"{escaped(word)}</option>"
            for value, word in choices
        )
    )


@register.filter
def problems(field: BoundField) -> list[str]:
    """The errors of one field; a bare "required" names the field it is about."""
    return [
        _required(field) if error.code == "required" and _is_stock(error) else message
        for error in field.errors.as_data()
        for message in error.messages
    ]


def _is_stock(error: ValidationError) -> bool:
    return str(error.message) == str(Field.default_error_messages["required"])


def _required(field: BoundField) -> str:
    if hasattr(field.field, "choices"):
        return gettext("Choose one under “%(label)s”.") % {"label": field.label}
    return gettext("Fill in “%(label)s”.") % {"label": field.label}


# --- Names, numbers, dates -----------------------------------------------------------

for function in (
    formats.bcp47,
    formats.own_language,
    formats.number,
    formats.signed,
    formats.percent,
    formats.money,
    formats.day,
    formats.clock,
):
    register.filter(function.__name__, function)


@register.simple_tag
def bdi(text: object, language: str = "") -> SafeString:
    """Text of another direction or script, kept from disturbing its surroundings."""
    if not language:
        return SafeString(f"<bdi>{escaped(text)}</bdi>")
    tag = escaped(formats.bcp47(language))
    return SafeString(f'<bdi lang="{tag}">{escaped(text)}</bdi>')


@register.simple_tag
def name(person: Any) -> SafeString:
    """Somebody's name, in their own language where we know it."""
    return bdi(str(person), getattr(person, "language", "") or "")


@register.filter
def ltr(text: object) -> SafeString:
    """Addresses, telephone numbers and codes: left to right everywhere."""
    return SafeString(f'<bdi dir="ltr">{escaped(text)}</bdi>')


@register.filter
def up_to(first: int, last: int) -> range:
    """The whole numbers of a scale, both ends included."""
    return range(first, last + 1)


@register.simple_tag(takes_context=True)
def when(context: Context, value: date | datetime | None, zone: str = "") -> SafeString:
    """An absolute time for tables: 9 Nov, 14:32."""
    if not value:
        return SafeString("")
    if not isinstance(value, datetime):
        return _time(value, formats.day(value, _now(context)))
    local = formats.in_zone(value, zone)
    return _time(value, f"{formats.day(local.date(), _now(context))}, {local:%H:%M}")


@register.simple_tag(takes_context=True)
def ago(context: Context, value: date | datetime | None) -> SafeString:
    """How far away and which day: 12 days ago, 9 Nov; of today, the clock."""
    if not value:
        return SafeString("")
    on, today = formats.local_day(value), formats.local_day(_now(context))
    if isinstance(value, datetime) and on == today:
        return _time(value, f"{formats.in_zone(value, ''):%H:%M}")
    return _time(value, formats.distance_and_day(on, today))


@register.simple_tag(takes_context=True)
def day_heading(context: Context, value: date | datetime) -> str:
    """The heading of a day in a timeline: Today, 21 November."""
    return formats.day_heading(value, _now(context))


def _now(context: Context) -> datetime:
    now: datetime | None = context.get("now")
    return now or timezone.now()


def _time(value: date | datetime, text: str) -> SafeString:
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = value.astimezone(UTC)
    # ISO 8601 has nothing to escape.
    return SafeString(f'<time datetime="{value.isoformat()}">{escaped(text)}</time>')
