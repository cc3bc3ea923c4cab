"""What the page of a survey's questions shows."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from crm import selectors as crm
from surveys.choices import SurveyKind
from surveys.models import Survey, SurveyVersion
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Problem, Questionnaire
from surveys.services import editing
from surveys.starting_points import LEADS


@dataclass(frozen=True)
class Editor:
    """The draft of a survey, or what is live where there is none."""

    survey: Survey
    draft: SurveyVersion | None
    questionnaire: Questionnaire
    shop_language: str

    @property
    def languages(self) -> list[str]:
        """All that customers' pages exist in, the shop's own first."""
        codes = [code for code, _name in settings.LANGUAGES]
        return sorted(
            codes, key=lambda code: (code != self.shop_language, codes.index(code))
        )

    @cached_property
    def written(self) -> list[str]:
        """The languages that it must be whole in: the shop's, and those begun."""
        begun = {
            language
            for question in self.questionnaire.questions
            for language, words in question.texts.items()
            if any(words.values())
        }
        return [
            one for one in self.languages if one == self.shop_language or one in begun
        ]

    @property
    def unwritten(self) -> list[str]:
        """Whose readers get the shop's language; none where all words are ours."""
        if all(one.has_standard_words for one in self.questionnaire.questions):
            return []
        return [one for one in self.languages if one not in self.written]

    @cached_property
    def problems(self) -> list[Problem]:
        """What keeps the draft from being published."""
        lead = LEADS.get(SurveyKind(self.survey.kind))
        return q.check(self.questionnaire, self.written, lead)

    @property
    def seconds(self) -> int:
        """How long it takes to answer, in seconds."""
        return q.seconds(self.questionnaire)

    @property
    def is_long(self) -> bool:
        """Whether it takes longer than most people stay."""
        return self.seconds > q.LONGEST_SECONDS


def editor(survey: Survey) -> Editor:
    """As the next press changes it."""
    return Editor(
        survey=survey,
        draft=editing.draft_of(survey),
        questionnaire=q.parse(editing.content_of(survey)),
        shop_language=crm.business().language,
    )


def versions(survey: Survey) -> list[SurveyVersion]:
    """The newest first, the draft before all."""
    rows = survey.versions.select_related("made_by").order_by("-number")
    return list(rows)
