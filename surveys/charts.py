"""Where the bars of the score chart stand: drawn by the server, shown 1:1."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from surveys import rules
from surveys.rules import Band
from web import formats

# One drawing for wide pages and one for phones: a scaled one had 6 px text.
WIDTHS = (720, 340)
HEIGHT = 200
TALLEST, FLOOR = 110.0, 130.0
MARGIN = {720: 24.0, 340: 6.0}
GAP = {720: 8.0, 340: 4.0}
BAND_CLASSES = {
    Band.DETRACTOR: "p-detractor",
    Band.PASSIVE: "p-passive",
    Band.PROMOTER: "p-promoter",
}


@dataclass(frozen=True)
class Bar:
    score: int
    answers: int
    css: str
    x: str
    y: str
    width: str
    height: str
    middle: str
    label_y: str
    url: str


@dataclass(frozen=True)
class Bracket:
    name: str
    share: str
    path: str
    middle: str
    url: str


@dataclass(frozen=True)
class ScoreBars:
    width: int
    height: int
    bars: list[Bar]
    brackets: list[Bracket]
    summary: str

    @property
    def is_wide(self) -> bool:
        return self.width == WIDTHS[0]


def score_bars(counts: Mapping[int, int], width: int, url: str) -> ScoreBars:
    """Eleven bars under three labelled brackets; bars start at nothing."""
    bars = [_bar(score, counts, width, url) for score in rules.SCORES]
    return ScoreBars(
        width=width,
        height=HEIGHT,
        bars=bars,
        brackets=[_bracket(band, counts, width, url) for band in BAND_CLASSES],
        summary=", ".join(f"{score}: {counts[score]}" for score in rules.SCORES),
    )


def _bar(score: int, counts: Mapping[int, int], width: int, url: str) -> Bar:
    most = max(counts.values()) or 1
    height = TALLEST * counts[score] / most
    left, wide = _column(score, width)
    return Bar(
        score=score,
        answers=counts[score],
        css=BAND_CLASSES[rules.classify(score)],
        x=_short(left),
        y=_short(FLOOR - height),
        width=_short(wide),
        height=_short(height),
        middle=_short(left + wide / 2),
        label_y=_short(FLOOR - height - 6),
        url=f"{url}?score={score}",
    )


def _column(score: int, width: int) -> tuple[float, float]:
    """Left edge and width of one bar."""
    gap = GAP[width]
    room = width - 2 * MARGIN[width] - 10 * gap
    wide = room / 11
    return MARGIN[width] + score * (wide + gap), wide


def _bracket(band: Band, counts: Mapping[int, int], width: int, url: str) -> Bracket:
    scores = [score for score in rules.SCORES if rules.classify(score) is band]
    left, _wide = _column(scores[0], width)
    last, wide = _column(scores[-1], width)
    right = last + wide
    answers = sum(counts[score] for score in scores)
    return Bracket(
        name=_names()[band],
        share=_share(answers, sum(counts.values())),
        path=f"M{_short(left)} 154v6H{_short(right)}v-6",
        middle=_short((left + right) / 2),
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


def _short(value: float) -> str:
    """One decimal, with a point in every language."""
    return f"{value:.1f}"
