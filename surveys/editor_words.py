"""Words of the editor: kinds of questions, bands, and where a branch leads."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.question_words import standard_title
from surveys.rules.questionnaire import (
    Look,
    Question,
    QuestionKind,
    Scale,
    ScoreBand,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

KINDS: "dict[QuestionKind, StrPromise]" = {
    QuestionKind.SCORE: gettext_lazy("Score"),
    QuestionKind.STARS: gettext_lazy("Stars, 1 to 5"),
    QuestionKind.CHOICE: gettext_lazy("One choice"),
    QuestionKind.CHOICES: gettext_lazy("Several choices"),
    QuestionKind.SHORT: gettext_lazy("Short text"),
    QuestionKind.LONG: gettext_lazy("Long text"),
    QuestionKind.DAY: gettext_lazy("Day"),
    QuestionKind.SOURCE: gettext_lazy("How they found us"),
}
SCALES: "dict[Scale, StrPromise]" = {
    Scale.NPS: gettext_lazy("Recommendation, 0 to 10"),
    Scale.CSAT: gettext_lazy("Satisfaction, 1 to 5"),
    Scale.CES: gettext_lazy("Effort, 1 to 7"),
}
LOOKS: "dict[Look, StrPromise]" = {
    Look.NUMBERS: gettext_lazy("Numbers"),
    Look.STARS: gettext_lazy("Stars"),
    Look.FACES: gettext_lazy("Faces"),
}
BAND_WORDS: "dict[ScoreBand, StrPromise]" = {
    ScoreBand.LOW: gettext_lazy("low"),
    ScoreBand.MIDDLE: gettext_lazy("in the middle"),
    ScoreBand.HIGH: gettext_lazy("high"),
}


def kind_of(question: Question) -> str:
    """Satisfaction, 1 to 5; or: several choices."""
    if question.scale is not None:
        return str(SCALES[question.scale])
    return str(KINDS[question.kind])


def title_of(question: Question, language: str) -> str:
    """As colleagues find it in a list: in the shop's language, or in any it has."""
    for code in (language, *question.texts):
        if title := question.texts.get(code, {}).get("title", ""):
            return title
    return standard_title(question) or _("Not written yet")
