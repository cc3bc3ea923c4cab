"""Recommendation scores over time, drawn."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from insights import score_words as words
from surveys import result_words
from surveys.rules.scales import Result
from surveys.rules.spans import Unit
from surveys.selectors.trend import ScoreSpan
from web.charts import Axis, Chart, Point, Series, line_chart
from web.formats import signed

AXIS = Axis(-100, 100, [(at, signed(at)) for at in (-100, -50, 0, 50, 100)])


def over_time(
    key: str, name: str, rows: Sequence[ScoreSpan], unit: Unit, urls: Sequence[str]
) -> Chart:
    """The score of each span with its interval, and gaps where too few answered; from
    the first that has answers. `urls`: of the answers of each."""
    first = next((at for at, row in enumerate(rows) if row.result), len(rows))
    points = [
        _point(at, row, unit, urls[at] if row.result else "")
        for at, row in enumerate(rows)
        if at >= first
    ]
    title = _("Score over time: %(survey)s") % {"survey": name}
    return line_chart(key, title, [Series(_("Score"), points)], AXIS)


def _point(at: int, row: ScoreSpan, unit: Unit, url: str) -> Point:
    label = words.label(row, unit)
    if row.result is None or not row.has_score:
        few = 0 if row.result is None else row.result.n
        return Point(at, label, None, words.too_few(few), is_over=row.is_over, url=url)
    return Point(
        at,
        label,
        row.result.exact,
        result_words.value(row.result),
        low=row.result.low,
        high=row.result.high,
        doubt=_doubt(row.result),
        is_over=row.is_over,
        url=url,
    )


def _doubt(result: Result) -> str:
    low, high = result_words.low(result), result_words.high(result)
    return f"{low} – {high}, n = {result.n}"
