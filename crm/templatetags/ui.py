"""The template tags of every page: icons, chips, menu items, names, dates and money.

Words go through gettext; numbers and dates are written by Babel in the page's language.
`now` is taken from the context where a view gives it, so that a page tells one time.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from crm.icons import ICONS

register = template.Library()

LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_TW", "he": "he"}
OWN_LANGUAGES = {
    "en": "English",
    "zh-hans": "简体中文",
    "zh-hant": "繁體中文",
    "he": "עברית",
}
BCP47 = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
THEMES = ("light", "dark", "auto")
TONE_ICONS = {
    "good": "check",
    "info": "info",
    "wait": "clock",
    "warn": "question",
    "bad": "triangle",
    "off": "pause",
}


class Chip(NamedTuple):
    """How one state is told: never by its colour alone."""

    icon: str
    word: str | Promise
    tone: str


MESSAGE_CHIPS = {
    "planned": Chip("calendar", _("Planned"), "info"),
    "claimed": Chip("send", _("Being sent"), "info"),
    "handed": Chip("send", _("Being sent"), "info"),
    "later": Chip("clock", _("Later"), "wait"),
    "on_hold": Chip("pause", _("On hold"), "off"),
    "sent": Chip("check", _("Sent"), "good"),
    "suppressed": Chip("cross", _("Not sent"), "off"),
    "expired": Chip("hourglass", _("Too late"), "off"),
    "cancelled": Chip("slash", _("Cancelled"), "off"),
    "superseded": Chip("history", _("Replaced"), "off"),
    "failed": Chip("triangle", _("Failed"), "bad"),
    "uncertain": Chip("question", _("Unsure"), "warn"),
}


# --- Icons and chips -----------------------------------------------------------------


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An inline drawing, hidden from readers: the word stands beside it."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"There is no icon named {name!r}.")
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        f"ic {extra}".strip(),
        ICONS[name],
    )


def _chip(tone: str, icon_name: str, word: object) -> SafeString:
    if tone not in TONE_ICONS:
        raise template.TemplateSyntaxError(f"There is no tone named {tone!r}.")
    drawing = icon(icon_name) if icon_name else ""
    return format_html(
        '<span class="p-chip p-{}">{}<span>{}</span></span>', tone, drawing, word
    )


@register.simple_tag
def chip(state: str, detail: object = "") -> SafeString:
    """The chip of a message state: `{% chip "later" "24 Nov" %}`."""
    if state not in MESSAGE_CHIPS:
        raise template.TemplateSyntaxError(f"There is no chip for {state!r}.")
    shown = MESSAGE_CHIPS[state]
    word = format_html("{}, {}", shown.word, detail) if detail else shown.word
    return _chip(shown.tone, shown.icon, word)


@register.simple_block_tag
def badge(content: str, tone: str = "off", icon: str = "") -> SafeString:
    """A chip in own words: `{% badge tone="warn" icon="triangle" %}…{% endbadge %}`."""
    return _chip(tone, icon, content)


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon that goes with a tone where nothing better was named."""
    return icon(TONE_ICONS.get(tone, "check"))


# --- The shell -----------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context, url_name: str, icon_name: str, word: str, *rest: Any, key: str = ""
) -> SafeString:
    """A line of the side menu; a page that does not exist yet has no line.

    The optional fourth argument is the count of what waits for a person, `key` the
    letter that goes there after `g`.
    """
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return SafeString("")
    return format_html(
        '<a class="p-nav" href="{}"{}{}>{}<span>{}</span>{}</a>',
        url,
        _current(context.get("request"), url),
        format_html(' data-go="{}"', key) if key else "",
        icon(icon_name),
        word,
        _count(rest[0] if rest else None),
    )


def _current(request: HttpRequest | None, url: str) -> SafeString | str:
    path = request.path if request else ""
    if path == url:
        return format_html(' aria-current="{}"', "page")
    if url != "/" and path.startswith(url):
        return format_html(' aria-current="{}"', "true")
    return ""


def _count(count: Any) -> SafeString | str:
    if not count:
        return ""
    return format_html('<span class="p-cnt">{}</span>', number(count))


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


# --- Names ---------------------------------------------------------------------------


@register.filter
def bcp47(language: str) -> str:
    """zh-Hant, as the lang attribute wants it."""
    return BCP47.get(language.lower(), language)


@register.filter
def own_language(code: str) -> str:
    """A language as those who read it call it."""
    return OWN_LANGUAGES.get(code, code)


@register.simple_tag
def bdi(text: object, language: str = "") -> SafeString:
    """Text of another direction or script, kept from disturbing its surroundings."""
    if not language:
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<bdi lang="{}">{}</bdi>', bcp47(language), text)


@register.simple_tag
def name(person: Any) -> SafeString:
    """Somebody's name, in their own language where we know it."""
    return bdi(str(person), getattr(person, "language", "") or "")


@register.filter
def ltr(text: object) -> SafeString:
    """Addresses, telephone numbers and codes: left to right everywhere."""
    return format_html('<bdi dir="ltr">{}</bdi>', text)


# --- Numbers and money ---------------------------------------------------------------


def _locale() -> Locale:
    return Locale.parse(LOCALES.get(get_language() or "en", "en_GB"))


@register.filter
def number(value: Decimal | int | float) -> str:
    """1,240: grouped as the language groups."""
    return numbers.format_decimal(value, locale=_locale())


@register.filter
def up_to(first: int, last: int) -> range:
    """The whole numbers of a scale, both ends included."""
    return range(first, last + 1)


@register.filter
def money(amount: Decimal | int | None, currency: str) -> str:
    """£9,184.50; nothing at all for nothing known."""
    if amount is None:
        return ""
    return numbers.format_currency(amount, currency, locale=_locale())


# --- Dates ---------------------------------------------------------------------------


def _day_of(value: date | datetime) -> date:
    if not isinstance(value, datetime):
        return value
    return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()


def _now(context: Context) -> datetime:
    return context.get("now") or timezone.now()


def _skeleton(value: date, *, long: bool, with_year: bool) -> str:
    fields = ("y" if with_year else "") + ("MMMMd" if long else "MMMd")
    return dates.format_skeleton(fields, value, locale=_locale())


@register.filter
def day(value: date | datetime | None, now: datetime | None = None) -> str:
    """9 Nov, or 9 Nov 2024 when that is not this year."""
    if not value:
        return ""
    on, today = _day_of(value), _day_of(now or timezone.now())
    return _skeleton(on, long=False, with_year=on.year != today.year)


@register.filter
def clock(value: datetime | None, zone: str = "") -> str:
    """14:32, in that zone or else in the reader's."""
    if not value:
        return ""
    local = value.astimezone(ZoneInfo(zone)) if zone else timezone.localtime(value)
    return f"{local:%H:%M}"


@register.simple_tag(takes_context=True)
def when(context: Context, value: date | datetime | None, zone: str = "") -> SafeString:
    """An absolute time for tables: 9 Nov, 14:32."""
    if not value:
        return SafeString("")
    if not isinstance(value, datetime):
        return _time(value, day(value, _now(context)))
    local = value.astimezone(ZoneInfo(zone)) if zone else timezone.localtime(value)
    return _time(value, f"{day(local.date(), _now(context))}, {local:%H:%M}")


@register.simple_tag(takes_context=True)
def ago(context: Context, value: date | datetime | None) -> SafeString:
    """How far away and which day: 12 days ago, 9 Nov."""
    if not value:
        return SafeString("")
    now = _now(context)
    distance = distance_in_words((_day_of(value) - _day_of(now)).days)
    return _time(value, f"{distance}, {day(value, now)}")


@register.simple_tag(takes_context=True)
def day_heading(context: Context, value: date | datetime) -> str:
    """The heading of a day in a timeline: Today, 21 November."""
    on, today = _day_of(value), _day_of(_now(context))
    text = _skeleton(on, long=True, with_year=on.year != today.year)
    if on == today:
        return translate("Today, %(day)s") % {"day": text}
    if on == today - timedelta(days=1):
        return translate("Yesterday, %(day)s") % {"day": text}
    weekday = dates.format_date(on, "EEEE", locale=_locale())
    return translate("%(weekday)s, %(day)s") % {"weekday": weekday, "day": text}


def _time(value: date | datetime, text: str) -> SafeString:
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = value.astimezone(UTC)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


def distance_in_words(days: int) -> str:
    """Days until eight weeks, weeks until half a year, then months and years."""
    near = {
        0: translate("today"),
        1: translate("tomorrow"),
        -1: translate("yesterday"),
    }
    if days in near:
        return near[days]
    span = _span(abs(days))
    if days > 0:
        return translate("in %(span)s") % {"span": span}
    return translate("%(span)s ago") % {"span": span}


def _span(days: int) -> str:
    if days < 60:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if days < 182:
        weeks = days // 7
        return ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": weeks}
    if days < 730:
        months = days * 12 // 365
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    years = days * 4 // 1461
    return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
