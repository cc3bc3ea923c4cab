"""The figures and tables of Insights as HTML.

As nodes of a template each figure had some eighty of them and each cell of a table a
dozen, which was a third of what a page took.
"""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.figures import Figure, Unit
from insights.selectors import churn, cohorts, retention
from web import formats
from web.escaping import escaped
from web.templatetags.charts import draw_chart


def figure(made: Figure, id_: str) -> str:
    """A figure with its doubt, its people and its drawing; `id_` tells it from those of
    the same key."""
    key = escaped(f"figure-{id_}{made.key}")
    not_over = "" if made.is_over else " p-not-over"
    told = [made.doubt, made.movement]
    if not made.is_over:
        told.append(
            _(
                "Not over: later orders may still change this."
                " It is compared with nothing."
            )
        )
    beside = "".join(f'<p class="p-sub">{escaped(one)}</p>' for one in told if one)
    return (
        f'<section class="p-card p-pad p-figure{not_over}" aria-labelledby="{key}">'
        f'<h2 class="p-mut" id="{key}">{escaped(made.title)}</h2>'
        f'<p class="p-big">{escaped(made.shown)}</p><p>{escaped(made.sentence)}</p>'
        f"{beside}{_people(made)}{draw_chart(made.trend) if made.trend else ''}"
        '<details class="p-more">'
        f"<summary>{escaped(_('How is this counted?'))}</summary>"
        f"<p>{escaped(made.how)}</p></details></section>"
    )


def _people(made: Figure) -> str:
    if not made.people_url:
        return ""
    n = made.people or 0
    told = (
        ngettext("%(n)s answer", "%(n)s answers", n)
        if made.unit is Unit.POINTS
        else ngettext("%(n)s person", "%(n)s people", n)
    )
    url = escaped(made.people_url)
    return f'<p><a href="{url}">{escaped(told % {"n": n})}</a></p>'


def retention_rows(rows: Iterable[retention.Row]) -> Iterator[str]:
    """A row for each time or group, each number with its people."""
    groups = {
        "start": _("At the start"),
        "kept": _("Kept"),
        "lost": _("Left"),
        "new": _("New"),
        "back": _("Came back"),
        "end": _("At the end"),
    }
    rate = escaped(_("Retention"))
    for row in rows:
        share = _too_few()
        if row.shown:
            doubt = f'<span class="p-mut">{escaped(row.doubt)}</span>'
            share = f"{escaped(row.shown)} <br> {doubt}"
        cells = "".join(
            people_cell(getattr(row.counts, group), row.links[group], label)
            for group, label in groups.items()
        )
        yield (
            f'{_begin(row.is_over)}<th scope="row"><bdi>{escaped(row.label)}</bdi>'
            f'{_mark(row.is_over)}</th><td class="p-n" data-label="{rate}">{share}</td>'
            f"{cells}</tr>"
        )


def churn_rows(months: Iterable[churn.Month]) -> Iterator[str]:
    """A row for each month, and whether those who came replace those who left."""
    groups = {
        "start": _("At the start"),
        "lost": _("Left"),
        "new": _("New"),
        "back": _("Came back"),
    }
    rate = escaped(_("Churn"))
    asked = escaped(_("Do those who came replace those who left?"))
    for row in months:
        share = escaped(row.shown) if row.shown else _too_few()
        cells = "".join(
            people_cell(getattr(row.counts, group), row.links[group], label)
            for group, label in groups.items()
        )
        yield (
            f'{_begin(row.is_over)}<th scope="row">{escaped(row.label)}'
            f'{_mark(row.is_over)}</th><td class="p-n" data-label="{rate}">{share}</td>'
            f'{cells}<td data-label="{asked}">{_replaced(row)}</td></tr>'
        )


def _replaced(row: churn.Month) -> str:
    balance = row.balance
    if not row.is_over:
        return f'<span class="p-mut">{escaped(_("Not over"))}</span>'
    if balance.is_growing:
        return escaped(_("Yes, more came than left"))
    if balance.lost > balance.gained:
        return escaped(_("No, more left than came"))
    return escaped(_("As many came as left"))


def cohort_rows(lines: Iterable[cohorts.Line]) -> Iterator[str]:
    """A row for each cohort, with a figure in every cell."""
    people = _("People")
    for line in lines:
        cells = "".join(
            _cohort_cell(at, cell) for at, cell in enumerate(line.cells) if cell
        )
        nothing = "<td></td>" * line.cells.count(None)
        yield (
            f'<tr><th scope="row">{escaped(line.label)}</th>'
            f"{people_cell(line.size, line.url, people)}{cells}{nothing}</tr>"
        )


def _cohort_cell(at: int, cell: cohorts.Cell) -> str:
    css, told = "", cohort_share(cell)
    if cell.doubt:
        doubt = escaped(cell.doubt)
        told += f'<br> <span class="p-mut p-small text-nowrap">{doubt}</span>'
    if not cell.is_over:
        css = " p-not-over"
        told += f' <span class="visually-hidden">{escaped(_("(not over)"))}</span>'
    return f'<td class="p-n p-tone-{cell.tone}{css}" data-label="{at}">{told}</td>'


def cohort_share(cell: cohorts.Cell | cohorts.Mean) -> str:
    """A share that opens its people; a dash where there are too few to say."""
    told = escaped(cell.shown)
    if not cell.is_told:
        hidden = f'<span class="visually-hidden">{told}</span>'
        told = f'<span aria-hidden="true">\N{EN DASH}</span> {hidden}'
    return f'<a href="{escaped(cell.url)}">{told}</a>' if cell.url else told


def people_cell(n: int, url: str, label: str) -> str:
    """A count in a table that opens its people."""
    told = f'<a href="{escaped(url)}">{formats.number(n)}</a>' if n else "0"
    return f'<td class="p-n" data-label="{escaped(label)}">{told}</td>'


def _too_few() -> str:
    return f'<span class="p-mut">{escaped(_("Too few to say"))}</span>'


def _begin(is_over: bool) -> str:
    return "<tr>" if is_over else '<tr class="p-not-over">'


def _mark(is_over: bool) -> str:
    """Behind the name of a time that is not over."""
    not_over = escaped(_("(not over)"))
    return "" if is_over else f' <span class="p-mut">{not_over}</span>'
