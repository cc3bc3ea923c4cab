"""The figures of the calendar.

A tag and not a template: with every automation on a page has some five hundred of them,
and the nodes of a template for each took a quarter of a second of the processor.
"""

from collections.abc import Iterator

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from messaging.selectors.calendar import Day, DayLine, Number
from messaging.selectors.forecast_people import DECISIONS
from web import formats
from web.escaping import escaped
from web.templatetags.ui import bdi, icon

register = template.Library()


@register.simple_tag
def calendar_lines(day: Day) -> SafeString:
    """Each automation of the day: its name, and a link for each figure."""
    words = {decision: escaped(word) for decision, word in DECISIONS.items()}
    on = date_format(day.on, "j F")
    return SafeString("".join(_line(line, on, words) for line in day.lines))


def _line(line: DayLine, on: str, words: dict[str, str]) -> SafeString:
    title = escaped(f"{line.automation.name}, {on}")
    new, mark = "", SafeString("")
    if line.is_new:
        new = SafeString(' class="p-cal-new"')
        mark = format_html(
            '{}<span class="visually-hidden">{}</span> ',
            icon("plus"),
            gettext("switched off"),
        )
    return format_html(
        "<li{}><span>{}{}</span> {}</li>",
        new,
        mark,
        bdi(line.automation.name),
        SafeString(" ".join(_figures(line, title, words))),
    )


def _figures(line: DayLine, title: str, words: dict[str, str]) -> Iterator[str]:
    for number in line.goes:
        yield _link(number, title, words[number.decision], "")
    for number in line.beside:
        yield _link(number, title, words[number.decision], words[number.decision])
    for number in line.lost:
        word = words[number.decision]
        yield _link(
            number, title, word, f"{word} {escaped(gettext('by it'))}", icon("down")
        )


def _link(number: Number, title: str, label: str, word: str, drawing: str = "") -> str:
    """`word`: what stands behind the figure; nothing where they go on their day. All
    texts are HTML."""
    if number.late:
        drawing, word = icon("history"), escaped(gettext("from before"))
    mails, href = escaped(formats.number(number.mails)), escaped(number.href)
    return (
        f'<a class="p-cal-n" href="{href}"'
        f' aria-label="{title}: {mails} {label}">{drawing}{mails} {word}</a>'
    )
