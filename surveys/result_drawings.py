"""Parts of the results page as HTML, drawn once for the same figures.

What is drawn follows from the arguments alone and from the language, so that a part
that was drawn is never old. No name or word of a customer goes in.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from surveys import charts
from surveys import result_words as words
from surveys.result_tables import BarRow, GroupRow, link_of
from surveys.rules import Enough
from surveys.rules.questionnaire import Scale
from surveys.rules.spans import Unit
from surveys.selectors.trend import ScoreSpan
from surveys.templatetags.scores import score_told
from web import formats
from web.escaping import escaped
from web.templatetags.charts import draw_chart

# Of each part: forty kilobytes for the widest, in each process.
_MOST = 100
_Query = tuple[tuple[str, str], ...]


def trend(
    scale: Scale,
    spans: Sequence[ScoreSpan],
    unit: Unit,
    url: str,
    query: Mapping[str, str],
) -> SafeString:
    """The score over time, with its table; empty where nobody answered."""
    asked = tuple(query.items())
    return _trend(scale, tuple(spans), unit, url, asked, get_language())


@lru_cache(maxsize=_MOST)
def _trend(
    scale: Scale,
    spans: tuple[ScoreSpan, ...],
    unit: Unit,
    url: str,
    query: _Query,
    _language: str | None,
) -> SafeString:
    chart = charts.trend_chart(scale, spans, unit, url, dict(query))
    return draw_chart(chart) if chart else SafeString("")


def scores(
    scale: Scale, counts: Mapping[int, int], url: str, query: Mapping[str, str]
) -> SafeString:
    """How many gave which score, with its table."""
    asked = tuple(query.items())
    return _scores(scale, tuple(counts.items()), url, asked, get_language())


@lru_cache(maxsize=_MOST)
def _scores(
    scale: Scale,
    counts: tuple[tuple[int, int], ...],
    url: str,
    query: _Query,
    _language: str | None,
) -> SafeString:
    asked = dict(query)
    rows = [
        (score, answers, link_of(url, {**asked, "score": str(score)}))
        for score, answers in counts
    ]
    drawn = charts.score_charts(scale, dict(counts), url, asked)
    context = {"charts": drawn, "counts": rows}
    return render_to_string("surveys/_bars.html", context)


def groups(rows: Sequence[GroupRow]) -> SafeString:
    """The rows of the table of groups, with the words of its head for phones."""
    return _groups(tuple(rows), get_language())


@lru_cache(maxsize=_MOST)
def _groups(rows: tuple[GroupRow, ...], _language: str | None) -> SafeString:
    return SafeString("".join(_group_rows(rows)))


def _group_rows(rows: Sequence[GroupRow]) -> Iterator[str]:
    score_word, between, moved, answers = (
        escaped(gettext(word))
        for word in (
            "Score",
            "Likely between",
            "Last 3 months over, beside the 3 before",
            "Answers",
        )
    )
    for row in rows:
        doubt = ""
        if row.result.enough is Enough.FULL:
            doubt = f"{words.low(row.result)} – {words.high(row.result)}"
        yield (
            f'<tr><th scope="row"><a href="{escaped(row.url)}">'
            f"<bdi>{escaped(row.name)}</bdi></a></th>"
            f'<td data-label="{score_word}">{score_told(row.result)}</td>'
            f'<td data-label="{between}">{escaped(doubt)}</td>'
            f'<td data-label="{moved}">{escaped(row.moved)}</td>'
            f'<td class="p-n" data-label="{answers}">'
            f'<a href="{escaped(row.answers_url)}">'
            f"{escaped(formats.number(row.result.n))}</a></td></tr>"
        )


def bars(title: str, rows: Sequence[BarRow]) -> SafeString:
    """How many gave which choice of a further question."""
    return _bars(title, tuple(rows), get_language())


@lru_cache(maxsize=_MOST)
def _bars(title: str, rows: tuple[BarRow, ...], _language: str | None) -> SafeString:
    return render_to_string("surveys/_result_bars.html", {"title": title, "rows": rows})


def forget() -> None:
    """As in a process that has just begun."""
    for part in (_trend, _scores, _groups, _bars):
        part.cache_clear()
