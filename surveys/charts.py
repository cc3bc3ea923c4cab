"""Charts of a survey: a bar for each score under labelled brackets, and the trend."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from surveys import result_words as words
from surveys import rules
from surveys.rules.questionnaire import Scale, ScoreBand, band_of, numbers_of
from surveys.rules.spans import Unit
from surveys.selectors.trend import ScoreSpan
from web import formats
from web.charts import Axis, Chart, Point, Series, line_chart
from web.charts import columns as drawn
from web.charts.columns import BarChart, Bracket, Column, Drawing

BAND_CLASSES = {
    ScoreBand.LOW: "p-detractor",
    ScoreBand.MIDDLE: "p-passive",
    ScoreBand.HIGH: "p-promoter",
}
_AXES = {
    Scale.NPS: (-100, 100, (-100, -50, 0, 50, 100)),
    Scale.CSAT: (0, 100, (0, 25, 50, 75, 100)),
    Scale.CES: (1, 7, (1, 3, 5, 7)),
}


def score_charts(
    scale: Scale, counts: Mapping[int, int], url: str, query: Mapping[str, str]
) -> list[BarChart]:
    """Return the chart in each width. `counts` holds the answers of every score; links
    lead to `url` with the scores and `query`."""
    columns = [
        Column(
            label=str(score),
            count=counts[score],
            css=BAND_CLASSES[band_of(scale, score)],
            url=_link(url, [score], query),
        )
        for score in numbers_of(scale)
    ]
    return [
        BarChart(
            drawing=drawing,
            bars=drawn.bars(columns, drawing),
            brackets=[
                _bracket(scale, band, counts, drawing, url, query)
                for band in BAND_CLASSES
            ],
            summary=", ".join(f"{one.label}: {one.count}" for one in columns),
        )
        for drawing in drawn.DRAWINGS
    ]


def trend_chart(
    scale: Scale,
    spans: Sequence[ScoreSpan],
    unit: Unit,
    url: str,
    query: Mapping[str, str],
) -> Chart | None:
    """The score over time with its interval; None where nobody answered. Each point
    leads to `url` with `query` and its own days."""
    first = next((at for at, one in enumerate(spans) if one.result), None)
    if first is None:
        return None
    kept = {name: one for name, one in query.items() if name not in ("from", "to")}
    begin = f"{url}?{urlencode(kept)}{'&' if kept else ''}"
    points = [
        _point(at, one, unit, _days_link(begin, one))
        for at, one in enumerate(spans)
        if at >= first
    ]
    low, high, ticks = _AXES[scale]
    axis = Axis(low, high, [(at, words.scale(scale, at)) for at in ticks])
    series = Series(words.kind(scale), points)
    return line_chart("trend", _("Over time"), [series], axis)


def _point(at: int, span: ScoreSpan, unit: Unit, url: str) -> Point:
    label, result = words.span(span.days, unit), span.result
    if result is None or not span.has_score:
        few = words.too_few(result.n if result else 0)
        return Point(at, label, None, few, is_over=span.is_over, url=url)
    return Point(
        at,
        label,
        result.exact,
        words.value(result),
        low=result.low,
        high=result.high,
        doubt=f"{words.low(result)} – {words.high(result)}, n = {result.n}",
        is_over=span.is_over,
        url=url,
    )


def _days_link(begin: str, span: ScoreSpan) -> str:
    """To the answers of a span, by an address that begins so; nowhere where it has
    none."""
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    return f"{begin}{urlencode(days)}" if span.result else ""


def _bracket(
    scale: Scale,
    band: ScoreBand,
    counts: Mapping[int, int],
    drawing: Drawing,
    url: str,
    query: Mapping[str, str],
) -> Bracket:
    numbers = numbers_of(scale)
    scores = [score for score in numbers if band_of(scale, score) is band]
    answers = sum(counts[score] for score in scores)
    return drawn.bracket(
        drawing,
        columns=(scores[0] - numbers[0], scores[-1] - numbers[0], len(numbers)),
        name=words.bands(scale)[band],
        share=_share(answers, sum(counts.values()), with_count=drawing is drawn.WIDE),
        url=_link(url, scores, query),
    )


def _link(url: str, scores: Sequence[int], query: Mapping[str, str]) -> str:
    asked = [*query.items(), *(("score", str(score)) for score in scores)]
    return f"{url}?{urlencode(asked)}"


def _share(answers: int, everybody: int, *, with_count: bool) -> str:
    """24 (32 %), on a phone 32 %, as two columns are no wider there; a bare count where
    there are too few for percent."""
    if everybody < rules.ENOUGH_FOR_A_SCORE:
        return str(answers)
    share = formats.percent(round(100 * answers / everybody))
    return formats.left_to_right(f"{answers} ({share})" if with_count else share)
