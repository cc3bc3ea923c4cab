"""What a program answers, by question, as the questionnaire understands it."""

from collections.abc import Mapping
from datetime import date

from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Given, Question, Questionnaire
from web.errors import InvalidValue

Value = int | str | list[str]


def given_of(
    questionnaire: Questionnaire, answers: Mapping[str, Value]
) -> dict[str, Given]:
    """Raises InvalidValue by question: nothing is guessed, and nothing is dropped."""
    found, refused = {}, {}
    for key, value in answers.items():
        question = questionnaire.question(key)
        given = _given(question, value) if question else None
        if question is None:
            refused[key] = "unknown_field"
        elif given is None:
            refused[key] = "invalid"
        else:
            found[key] = given
    dropped = found.keys() - q.kept(questionnaire, found).keys() - _empty(found)
    # Answers to questions that these answers lead past.
    refused |= dict.fromkeys(dropped, "not_asked")
    if refused:
        raise InvalidValue(fields=refused)
    return found


def _empty(found: Mapping[str, Given]) -> set[str]:
    return {key for key, given in found.items() if given.is_empty}


def _given(question: Question, value: Value) -> Given | None:
    """None where it is of another shape than the question asks for."""
    if question.kind in q.WITH_NUMBER:
        return Given(number=value) if isinstance(value, int) else None
    if question.kind in q.WITH_CHOICES:
        return _choices(value)
    if not isinstance(value, str):
        return None
    if question.kind in q.WITH_TEXT:
        return Given(text=value)
    try:
        return Given(day=date.fromisoformat(value))
    except ValueError:
        return None


def _choices(value: Value) -> Given | None:
    if isinstance(value, int):
        return None
    return Given(choices=(value,) if isinstance(value, str) else tuple(value))
