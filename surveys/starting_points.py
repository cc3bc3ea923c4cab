"""What a new survey may begin with, in the words of the language that is active.

Words are written into the survey in every language: from then on they are its own.
The lead question of NPS has none: its wording is fixed, so that scores compare.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from surveys.choices import SurveyKind
from surveys.rules.questionnaire import (
    END,
    Branch,
    Choice,
    Look,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    ScoreBand,
    score_and_reason,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class StartingPoint:
    """`asks`: what its question says, for the card."""

    name: str
    kind: SurveyKind
    label: "StrPromise"
    suits: "StrPromise"
    make: Callable[[], Questionnaire]


def _in_each(say: Callable[[], str]) -> dict[str, str]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[language] = say()
    return found


def _titles(say: Callable[[], str]) -> Mapping[str, Mapping[str, str]]:
    return {language: {"title": words} for language, words in _in_each(say).items()}


def _choices(said: Mapping[str, Callable[[], str]]) -> tuple[Choice, ...]:
    return tuple(Choice(key, _in_each(say)) for key, say in said.items())


def _four() -> Questionnaire:
    """How it was, what was difficult or went wrong, what is missing, and whether they
    would recommend us and why."""
    wrong = _choices(
        {
            "product": lambda: _("The product"),
            "delivery": lambda: _("The delivery"),
            "service": lambda: _("Help from people"),
            "price": lambda: _("The price"),
        }
    )
    difficult = _choices(
        {
            "nothing": lambda: _("No, nothing"),
            "ordering": lambda: _("Ordering"),
            "delivery": lambda: _("The delivery"),
            "using": lambda: _("Using the product"),
            "help": lambda: _("Getting help"),
        }
    )
    return Questionnaire(
        (
            Question(
                "score",
                QuestionKind.SCORE,
                required=True,
                scale=Scale.CSAT,
                look=Look.STARS,
                branches=(Branch("wrong", band=ScoreBand.LOW),),
            ),
            Question(
                "difficult",
                QuestionKind.CHOICES,
                texts=_titles(lambda: _("Was anything difficult?")),
                choices=difficult,
                has_other=True,
                branches=(
                    Branch("missing", answered=True),
                    Branch("missing", answered=False),
                ),
            ),
            Question(
                "wrong",
                QuestionKind.CHOICES,
                texts=_titles(lambda: _("What went wrong?")),
                choices=wrong,
                has_other=True,
            ),
            Question(
                "missing",
                QuestionKind.SHORT,
                texts=_titles(lambda: _("What should we offer that we do not have?")),
            ),
            Question("recommend", QuestionKind.SCORE, scale=Scale.NPS),
            Question("why", QuestionKind.SHORT, texts=_titles(lambda: _("And why?"))),
        )
    )


def _leaving() -> Questionnaire:
    """To those who left: why, and what would bring them back."""
    return Questionnaire(
        (
            Question(
                "why",
                QuestionKind.CHOICE,
                required=True,
                texts=_titles(
                    lambda: _("You have not ordered for a while. What is the reason?")
                ),
                choices=_choices(
                    {
                        "enough": lambda: _("I still have enough"),
                        "price": lambda: _("It became too expensive"),
                        "quality": lambda: _("I was not satisfied"),
                        "elsewhere": lambda: _("I buy somewhere else now"),
                    }
                ),
                has_other=True,
                branches=(Branch(END, choice="enough"),),
            ),
            Question(
                "back",
                QuestionKind.LONG,
                texts=_titles(lambda: _("What would make you come back?")),
            ),
        )
    )


STARTING_POINTS = {
    point.name: point
    for point in (
        StartingPoint(
            "nps",
            SurveyKind.NPS,
            gettext_lazy("Would they recommend us"),
            gettext_lazy("0 to 10 and why. Its wording is fixed, so that it compares."),
            lambda: score_and_reason(Scale.NPS),
        ),
        StartingPoint(
            "csat_stars",
            SurveyKind.CSAT,
            gettext_lazy("How satisfied they are, in stars"),
            gettext_lazy("1 to 5 stars and why: after a delivery or a conversation."),
            lambda: score_and_reason(Scale.CSAT, Look.STARS),
        ),
        StartingPoint(
            "csat_faces",
            SurveyKind.CSAT,
            gettext_lazy("How satisfied they are, in faces"),
            gettext_lazy("Five faces and why: good at the till and on a parcel."),
            lambda: score_and_reason(Scale.CSAT, Look.FACES),
        ),
        StartingPoint(
            "ces",
            SurveyKind.CES,
            gettext_lazy("How easy we made it"),
            gettext_lazy("1 to 7 and why: after somebody needed help."),
            lambda: score_and_reason(Scale.CES),
        ),
        StartingPoint(
            "four",
            SurveyKind.FOUR,
            gettext_lazy("Four questions about an order"),
            gettext_lazy(
                "Stars, what was difficult or went wrong, what is missing, and whether "
                "they would recommend you and why."
            ),
            _four,
        ),
        StartingPoint(
            "exit",
            SurveyKind.EXIT,
            gettext_lazy("Why they left"),
            gettext_lazy("One choice, and what would bring them back."),
            _leaving,
        ),
        StartingPoint(
            "blank",
            SurveyKind.OWN,
            gettext_lazy("Questions of your own"),
            gettext_lazy("Begins empty."),
            Questionnaire,
        ),
    )
}
# The scale by which a survey of a kind is counted: its first question must have it.
LEADS = {
    SurveyKind.NPS: Scale.NPS,
    SurveyKind.CSAT: Scale.CSAT,
    SurveyKind.CES: Scale.CES,
}
