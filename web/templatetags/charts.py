"""Charts drawn by the server as inline SVG, shown 1:1, without any script.

A chart and its table are drawn by a tag: as nodes of a template it had seven hundred of
them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as translate

from web.charts.parts import Cell, Chart, Label, Plot, Row
from web.escaping import escaped
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


@register.simple_tag
def draw_chart(chart: Chart) -> SafeString:
    """The drawing in both widths, what its bars are called, and its table."""
    plots = (_svg(chart, plot) for plot in chart.plots)
    return SafeString("".join([*plots, _legend(chart), _table(chart)]))


def _svg(chart: Chart, plot: Plot) -> str:
    """Coordinates and paths are our own, and have nothing to escape."""
    key = escaped(f"{chart.key}-{plot.name}")
    css = "p-for-desktops" if plot.is_wide else "p-for-phones"
    role = "group" if plot.strips else "img"
    return (
        f'<svg class="p-chart {css}" role="{role}" direction="ltr"'
        f' width="{plot.width}" height="{plot.height}"'
        f' viewBox="0 0 {plot.width} {plot.height}"'
        f' aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escaped(chart.title)}</title>'
        f'<desc id="{key}-desc">{escaped(chart.summary)}</desc>'
        f'<defs><pattern id="{key}-hatch" width="6" height="6"'
        ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path class="p-base" d="M0 0V6" /></pattern></defs>'
        f"{''.join(_parts(plot, f'{key}-hatch'))}</svg>"
    )


def _legend(chart: Chart) -> str:
    names = "".join(
        f'<li><svg width="12" height="12"><rect class="{css}" width="12" height="12" />'
        f"</svg> {escaped(name)}</li>"
        for css, name in chart.keys
    )
    return f'<ul class="p-chart p-legend" aria-hidden="true">{names}</ul>' * bool(names)


def _table(chart: Chart) -> str:
    """The numbers behind the drawing."""
    heads = "".join(
        f'<th scope="col" class="p-n">{escaped(name)}</th>' for name in chart.names
    )
    not_over = f'<span class="p-mut">{escaped(translate("(not over)"))}</span>'
    rows = "".join(_row(row, not_over) for row in chart.rows)
    return (
        '<details class="p-more p-chart-table">'
        f"<summary>{escaped(translate('Show as table'))}</summary>"
        '<table class="p-table p-compact">'
        f'<caption class="visually-hidden">{escaped(chart.title)}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _parts(plot: Plot, hatch: str) -> Iterator[str]:
    for path in plot.grid:
        yield f'<path class="p-grid" d="{path}"/>'
    yield from _texts(plot.ticks)
    for bar in plot.bars:
        yield (
            f'<rect class="{bar.css}" x="{bar.x}" y="{bar.y}" width="{bar.width}"'
            f' height="{bar.height}"><title>{escaped(bar.words)}</title></rect>'
        )
    for line in plot.lines:
        if line.band:
            yield f'<path class="{line.css} p-band" d="{line.band}"/>'
    for line in plot.lines:
        if line.path:
            yield f'<path class="{line.css} p-line" d="{line.path}"/>'
    for path in plot.hatches:
        yield f'<path fill="url(#{hatch})" d="{path}"/>'
    for dot in plot.dots:
        yield (
            f'<circle class="{dot.css} p-dot" cx="{dot.x}" cy="{dot.y}" r="4">'
            f"<title>{escaped(dot.words)}</title></circle>"
        )
    yield from _texts(plot.labels)
    yield from _texts(plot.ends, ' class="p-end"')
    for strip in plot.strips:
        words = escaped(strip.words)
        yield (
            f'<a href="{escaped(strip.url)}" tabindex="-1" aria-label="{words}">'
            f'<title>{words}</title><rect class="p-strip" x="{strip.x}" y="0"'
            f' width="{strip.width}" height="{plot.height}"/></a>'
        )


def _texts(labels: Iterable[Label], css: str = "") -> Iterator[str]:
    for one in labels:
        yield (
            f'<text{css} x="{one.x}" y="{one.y}" text-anchor="{one.anchor}">'
            f"{escaped(one.text)}</text>"
        )


def _row(row: Row, not_over: str) -> str:
    mark = "" if row.is_over else f" {not_over}"
    cells = "".join(map(_cell, row.cells))
    return f'<tr><th scope="row">{escaped(row.label)}{mark}</th>{cells}</tr>'


def _cell(cell: Cell) -> str:
    shown = escaped(cell.shown)
    if cell.url:
        shown = f'<a href="{escaped(cell.url)}">{shown}</a>'
    if cell.doubt:
        shown += f' <span class="p-mut">{escaped(cell.doubt)}</span>'
    return f'<td class="p-n" data-label="{escaped(cell.name)}">{shown}</td>'
