"""The days of the calendar and its table of sums.

Functions and not templates: with every automation on a page has some five hundred
figures in sixty days, and the nodes of a template for each took most of its time.
"""

from collections.abc import Iterator
from functools import cache

from django import template
from django.template import Context, Engine
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from messaging.selectors.calendar import Calendar, Day, DayLine, Number, Row
from messaging.selectors.forecast_people import DECISIONS
from web import formats
from web.escaping import escaped
from web.templatetags.ui import draw_chip, icon

register = template.Library()


class _Words:
    """What the figures of one page share, each as HTML and written once."""

    def __init__(self) -> None:
        self.decisions = {key: escaped(word) for key, word in DECISIONS.items()}
        self.number = cache(lambda mails: escaped(formats.number(mails)))
        self.name = cache(escaped)
        self.day = cache(lambda on: escaped(date_format(on, "j F")))
        self.today = escaped(gettext("today, still to go"))
        self.from_before = escaped(gettext("from before"))
        self.by_it = escaped(gettext("by it"))
        off = escaped(gettext("switched off"))
        self.off = f'{icon("plus")}<span class="visually-hidden">{off}</span> '


@register.simple_tag(takes_context=True)
def calendar_days(context: Context, days: list[Day]) -> SafeString:
    """A list item for each day, with the items that apps bring to it."""
    words = _Words()
    return SafeString("".join(_day(context, day, words) for day in days))


@register.simple_tag
def calendar_sums(page: Calendar) -> SafeString:
    """A row of the table for each automation that has mails: how many of each kind."""
    words, chip = _Words(), draw_chip("info", "plus", gettext("switched off"))
    # By hand: `reverse` for each is slow.
    beginning = reverse("messaging:automation-list")
    return SafeString("".join(_row(row, beginning, chip, words) for row in page.rows))


def _day(context: Context, day: Day, words: _Words) -> str:
    lists = [
        "".join(_line(line, day, words) for line in day.lines),
        "".join(f"<li>{item}</li>" for item in _items(context, day)),
    ]
    drawn = "".join(f"<ul>{one}</ul>" for one in lists if one)
    kinds = f"p-cal-day p-cal-{day.column}{' p-cal-today' * day.is_today}"
    free = "" if drawn else " p-cal-free"
    month = "" if day.begins_month else ' class="p-cal-dow"'
    today = f'<span class="p-mut">{words.today}</span>' if day.is_today else ""
    return (
        f'<li class="{kinds}{free}"><h3><time datetime="{day.on.isoformat()}">'
        f'<span class="p-cal-dow">{escaped(day.weekday)}</span> {day.on.day}'
        f" <span{month}>{escaped(day.month)}</span></time> {today}</h3>"
        f"{_holidays(day)}{drawn}</li>\n"
    )


def _holidays(day: Day) -> str:
    return "".join(
        f'<p class="p-cal-feast"><bdi>{escaped(name)}</bdi>'
        f' <span class="p-mut">{escaped(country)}</span></p>'
        for name, country in day.holidays
    )


def _items(context: Context, day: Day) -> Iterator[str]:
    for name, item in day.items:
        with context.push(day=day, item=item):
            yield Engine.get_default().get_template(name).render(context)


def _line(line: DayLine, day: Day, words: _Words) -> str:
    """An automation on a day: its name, and a link for each figure."""
    name = words.name(line.automation.name)
    title = f"{name}, {words.day(day.on)}"
    new, mark = (' class="p-cal-new"', words.off) if line.is_new else ("", "")
    figures = " ".join(_figures(line, title, words))
    return f"<li{new}><span>{mark}<bdi>{name}</bdi></span> {figures}</li>"


def _figures(line: DayLine, title: str, words: _Words) -> Iterator[str]:
    for number in line.goes:
        yield _link(number, title, words, "")
    for number in line.beside:
        yield _link(number, title, words, words.decisions[number.decision])
    for number in line.lost:
        word = f"{words.decisions[number.decision]} {words.by_it}"
        yield _link(number, title, words, word, icon("down"))


def _link(
    number: Number, title: str, words: _Words, word: str, drawing: str = ""
) -> str:
    """`word`: what stands behind the figure; nothing where they go on their day."""
    if number.late:
        drawing, word = icon("history"), words.from_before
    mails, label = words.number(number.mails), words.decisions[number.decision]
    return (
        f'<a class="p-cal-n" href="{escaped(number.href)}"'
        f' aria-label="{title}: {mails} {label}">{drawing}{mails} {word}</a>'
    )


def _row(row: Row, beginning: str, chip: str, words: _Words) -> str:
    name = words.name(row.automation.name)
    cells = "".join(_cell(number, name, words) for number in row.numbers)
    return (
        f'<tr><th scope="row"><a href="{beginning}{row.automation.pk}/">'
        f"<bdi>{name}</bdi></a> {chip if row.is_new else ''}</th>{cells}</tr>\n"
    )


def _cell(number: Number | None, name: str, words: _Words) -> str:
    if number is None:
        return '<td class="p-n"></td>'
    mails, label = words.number(number.mails), words.decisions[number.decision]
    return (
        f'<td class="p-n" data-label="{label}"><a href="{escaped(number.href)}"'
        f' aria-label="{name}, {label}: {mails}">{mails}</a></td>'
    )
