"""Small charts drawn by the server as inline SVG, shown 1:1, without any script."""

from dataclasses import dataclass
from datetime import date

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as translate

from web.formats import day, number

register = template.Library()

WIDTH, HEIGHT, TOP = 340, 64, 14


@dataclass(frozen=True)
class DayCount:
    """One bar."""

    on: date
    count: int


@register.simple_tag
def day_bars(days: list[DayCount], title: str) -> SafeString:
    """Bars for consecutive days, starting at 0, time from left to right everywhere.

    The largest bar is labelled and both end dates are written; each bar shows its own
    day and number.
    """
    if not days:
        return SafeString("")
    most = max(entry.count for entry in days)
    slot = WIDTH / len(days)
    bars = [
        _bar(entry, x=index * slot, width=slot - 2, most=most)
        for index, entry in enumerate(days)
    ]
    return format_html(
        '<svg class="p-chart" role="img" direction="ltr" width="{w}" height="{h}"'
        ' viewBox="0 0 {w} {h}" aria-label="{label}">{bars}'
        '<path class="p-base" d="M0 {base}.5H{w}"/>'
        '<text x="0" y="{low}">{first}</text>'
        '<text x="{w}" y="{low}" text-anchor="end">{last}</text>{peak}</svg>',
        w=WIDTH,
        h=HEIGHT + 18,
        label=_label(days, title),
        bars=format_html_join("", "{}", ((bar,) for bar in bars)),
        base=HEIGHT,
        low=HEIGHT + 14,
        first=day(days[0].on),
        last=day(days[-1].on),
        peak=_peak(days, most, slot),
    )


def _bar(entry: DayCount, *, x: float, width: float, most: int) -> SafeString:
    height = (HEIGHT - TOP) * entry.count / most if most else 0
    return format_html(
        '<rect class="p-bar" x="{}" y="{}" width="{}" height="{}">'
        "<title>{}: {}</title></rect>",
        f"{x:.1f}",
        f"{HEIGHT - height:.1f}",
        f"{max(width, 1):.1f}",
        f"{height:.1f}",
        day(entry.on),
        number(entry.count),
    )


def _peak(days: list[DayCount], most: int, slot: float) -> SafeString:
    if not most:
        return SafeString("")
    index = next(at for at, entry in enumerate(days) if entry.count == most)
    middle = min(max((index + 0.5) * slot, 12), WIDTH - 12)
    return format_html(
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        f"{middle:.1f}",
        TOP - 4,
        number(most),
    )


def _label(days: list[DayCount], title: str) -> str:
    return translate("%(title)s: %(total)s, %(first)s to %(last)s") % {
        "title": title,
        "total": number(sum(entry.count for entry in days)),
        "first": day(days[0].on),
        "last": day(days[-1].on),
    }
