"""The chart of answers by score: a bar for each score, a bracket for each band."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from surveys import rules
from surveys.rules import Band
from web import formats
from web.charts import columns as drawn
from web.charts.columns import BarChart, Bracket, Column, Drawing

BAND_CLASSES = {
    Band.DETRACTOR: "p-detractor",
    Band.PASSIVE: "p-passive",
    Band.PROMOTER: "p-promoter",
}


def score_charts(counts: Mapping[int, int], url: str) -> list[BarChart]:
    """Return the chart in each width. `counts` holds the answers of every score; links
    lead to `url` with the scores as its query."""
    columns = [
        Column(
            label=str(score),
            count=counts[score],
            css=BAND_CLASSES[rules.classify(score)],
            url=f"{url}?score={score}",
        )
        for score in rules.SCORES
    ]
    return [
        BarChart(
            drawing=drawing,
            bars=drawn.bars(columns, drawing),
            brackets=[_bracket(band, counts, drawing, url) for band in BAND_CLASSES],
            summary=", ".join(f"{one.label}: {one.count}" for one in columns),
        )
        for drawing in drawn.DRAWINGS
    ]


def _bracket(
    band: Band, counts: Mapping[int, int], drawing: Drawing, url: str
) -> Bracket:
    scores = [score for score in rules.SCORES if rules.classify(score) is band]
    answers = sum(counts[score] for score in scores)
    return drawn.bracket(
        drawing,
        columns=(scores[0], scores[-1], len(rules.SCORES)),
        name=_names()[band],
        share=_share(answers, sum(counts.values())),
        url=url + "?" + "&".join(f"score={score}" for score in scores),
    )


def _names() -> dict[Band, str]:
    return {
        Band.DETRACTOR: _("Detractors"),
        Band.PASSIVE: _("Passives"),
        Band.PROMOTER: _("Promoters"),
    }


def _share(answers: int, everybody: int) -> str:
    """24 (32 %), and a bare count where there are too few for percent."""
    if everybody < rules.ENOUGH_FOR_A_SCORE:
        return str(answers)
    share = formats.percent(round(100 * answers / everybody))
    return formats.left_to_right(f"{answers} ({share})")
