"""What may be answered to "how did you find us", of all surveys that ask it."""

from collections.abc import Sequence
from typing import NamedTuple

from surveys.models import SurveyVersion
from surveys.rules.questionnaire import Question, QuestionKind, parse


class OriginChoice(NamedTuple):
    """One choice of a question in one version of a survey; its words in each
    language."""

    version: int
    question: str
    choice: str
    words: Sequence[str]


def origin_choices() -> list[OriginChoice]:
    """Of every version, also of surveys that are closed: their answers stay."""
    asking = [{"kind": QuestionKind.SOURCE.value}]
    rows = SurveyVersion.objects.filter(content__contains={"questions": asking})
    return [
        OriginChoice(pk, question.key, key, _words(question, key))
        for pk, content in rows.values_list("pk", "content")
        for question in parse(content).questions
        if question.kind is QuestionKind.SOURCE
        for key in question.choice_keys
    ]


def _words(question: Question, key: str) -> Sequence[str]:
    """None of a choice of the customer's own: what they wrote says it."""
    found = next((one for one in question.choices if one.key == key), None)
    return list(found.texts.values()) if found else ()
