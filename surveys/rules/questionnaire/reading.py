"""A questionnaire from JSON and back; JSON of another shape is refused as a whole."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from surveys.rules.questionnaire.document import (
    ASKED_SCALES,
    Branch,
    Choice,
    Look,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    ScoreBand,
)

MOST_QUESTIONS = 30
MOST_CHOICES = 30
MOST_BRANCHES = 10
LONGEST_WORDS = 1000
LONGEST_KEY = 40

_QUESTIONNAIRE = {"questions", "thanks", "confidential"}
_QUESTION = {
    *("key", "kind", "required", "texts", "choices"),
    *("scale", "look", "has_other", "branches"),
}
_CHOICE = {"key", "texts"}
_BRANCH = {"goto", "band", "least", "most", "choice", "answered"}

Chosen = TypeVar("Chosen", bound=StrEnum)


class NotAQuestionnaire(ValueError):
    """JSON of another shape. Says where, for whoever sent it."""


def parse(content: object) -> Questionnaire:
    """Raises NotAQuestionnaire. Whether it makes sense is what `check` asks."""
    found = _object(content, _QUESTIONNAIRE, "questionnaire")
    rows = _list(found.get("questions", []), MOST_QUESTIONS, "questions")
    return Questionnaire(
        questions=tuple(_question(row) for row in rows),
        thanks=_words_by(found.get("thanks", {}), "thanks"),
        confidential=_flag(found, "confidential"),
    )


def to_json(questionnaire: Questionnaire) -> dict[str, Any]:
    """What `parse` reads; without what is empty."""
    return _without_empty(
        {
            "questions": [_question_json(one) for one in questionnaire.questions],
            "thanks": {by: dict(words) for by, words in questionnaire.thanks.items()},
            "confidential": questionnaire.confidential,
        }
    )


def _question(content: object) -> Question:
    row = _object(content, _QUESTION, "question")
    key = _key(row)
    choices = _list(row.get("choices", []), MOST_CHOICES, key)
    branches = _list(row.get("branches", []), MOST_BRANCHES, key)
    scale = _one_of(row, "scale", Scale)
    if scale is not None and scale not in ASKED_SCALES:
        raise NotAQuestionnaire("scale")
    return Question(
        key=key,
        kind=_required(row, "kind", QuestionKind),
        required=_flag(row, "required"),
        texts=_words_by(row.get("texts", {}), key),
        choices=tuple(_choice(one) for one in choices),
        scale=scale,
        look=_one_of(row, "look", Look),
        has_other=_flag(row, "has_other"),
        branches=tuple(_branch(one) for one in branches),
    )


def _choice(content: object) -> Choice:
    row = _object(content, _CHOICE, "choice")
    return Choice(key=_key(row), texts=_words(row.get("texts", {}), "choice"))


def _branch(content: object) -> Branch:
    row = _object(content, _BRANCH, "branch")
    answered = row.get("answered")
    if answered is not None and not isinstance(answered, bool):
        raise NotAQuestionnaire("branch: answered")
    return Branch(
        goto=_key(row, "goto"),
        band=_one_of(row, "band", ScoreBand),
        least=_number(row, "least"),
        most=_number(row, "most"),
        choice=_key(row, "choice") if "choice" in row else "",
        answered=answered,
    )


def _question_json(question: Question) -> dict[str, Any]:
    return _without_empty(
        {
            "key": question.key,
            "kind": question.kind.value,
            "required": question.required,
            "texts": {by: dict(words) for by, words in question.texts.items()},
            "choices": [
                _without_empty({"key": one.key, "texts": dict(one.texts)})
                for one in question.choices
            ],
            "scale": question.scale and question.scale.value,
            "look": question.look and question.look.value,
            "has_other": question.has_other,
            "branches": [_branch_json(branch) for branch in question.branches],
        }
    )


def _branch_json(branch: Branch) -> dict[str, Any]:
    # A score of 0 and an "answered" that is false say something.
    numbers = {"least": branch.least, "most": branch.most, "answered": branch.answered}
    return {
        "goto": branch.goto,
        **_without_empty({"band": branch.band, "choice": branch.choice}),
        **{name: one for name, one in numbers.items() if one is not None},
    }


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _object(content: object, known: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping) or not content.keys() <= known:
        raise NotAQuestionnaire(where)
    return content


def _list(content: object, most: int, where: str) -> Sequence[object]:
    if not isinstance(content, list | tuple) or len(content) > most:
        raise NotAQuestionnaire(where)
    return content


def _key(row: Mapping[str, Any], name: str = "key") -> str:
    key = row.get(name)
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise NotAQuestionnaire(name)
    if not key.replace("_", "").replace("-", "").isalnum() or not key.isascii():
        raise NotAQuestionnaire(name)
    return key


def _flag(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise NotAQuestionnaire(name)
    return value


def _number(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotAQuestionnaire(name)
    return value


def _one_of(row: Mapping[str, Any], name: str, kind: type[Chosen]) -> Chosen | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        return kind(value)
    except ValueError as error:
        raise NotAQuestionnaire(name) from error


def _required(row: Mapping[str, Any], name: str, kind: type[Chosen]) -> Chosen:
    found = _one_of(row, name, kind)
    if found is None:
        raise NotAQuestionnaire(name)
    return found


def _words(content: object, where: str) -> dict[str, str]:
    if not isinstance(content, Mapping):
        raise NotAQuestionnaire(where)
    for name, words in content.items():
        if not (isinstance(name, str) and isinstance(words, str)):
            raise NotAQuestionnaire(where)
        if len(words) > LONGEST_WORDS or "\x00" in words:
            raise NotAQuestionnaire(where)
    return dict(content)


def _words_by(content: object, where: str) -> dict[str, dict[str, str]]:
    if not isinstance(content, Mapping):
        raise NotAQuestionnaire(where)
    return {str(by): _words(words, where) for by, words in content.items()}
