"""Which questions count for what was answered, and what may be answered to each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from surveys.rules.questionnaire.document import (
    END,
    OTHER,
    WITH_CHOICES,
    WITH_NUMBER,
    WITH_TEXT,
    Branch,
    Question,
    QuestionKind,
    Questionnaire,
)

LONGEST_TEXT = {QuestionKind.SHORT: 200, QuestionKind.LONG: 4000}
LONGEST_OTHER = 200
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Given:
    """What was answered to one question: the part that its kind needs, and with OTHER
    among the choices the customer's own words."""

    number: int | None = None
    text: str = ""
    choices: tuple[str, ...] = ()
    day: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        return self == Given()


Answers = Mapping[str, Given]


def next_after(questionnaire: Questionnaire, key: str, answers: Answers) -> str | None:
    """The key of the question that comes after this one; None: it was the last."""
    question = questionnaire.question(key)
    if question is None:
        return None
    place = questionnaire.place(key)
    for branch in question.branches:
        if not _holds(question, branch, answers.get(key, Given())):
            continue
        if branch.goto == END:
            return None
        # Never back, or nobody would come to the end.
        if place < questionnaire.place(branch.goto) < len(questionnaire.questions):
            return branch.goto
    rest = questionnaire.questions[place + 1 :]
    return rest[0].key if rest else None


def path(questionnaire: Questionnaire, answers: Answers) -> tuple[str, ...]:
    """The questions that count for these answers, in order."""
    keys: list[str] = []
    key = questionnaire.questions[0].key if questionnaire.questions else None
    while key is not None:
        keys.append(key)
        key = next_after(questionnaire, key, answers)
    return tuple(keys)


def kept(questionnaire: Questionnaire, answers: Answers) -> dict[str, Given]:
    """Of these answers those to questions that count for them, without empty ones."""
    return {
        key: answers[key]
        for key in path(questionnaire, answers)
        if key in answers and not answers[key].is_empty
    }


def unanswered(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """Questions that must be answered before these answers are complete."""
    given = kept(questionnaire, answers)
    return [
        key
        for key in path(questionnaire, answers)
        if key not in given and _is_required(questionnaire, key)
    ]


def wrong(question: Question, given: Given) -> str:
    """The code of what is wrong with an answer to it; "" where nothing is."""
    if given.is_empty:
        return ""
    if question.kind in WITH_NUMBER:
        return _wrong_number(question, given)
    if question.kind in WITH_CHOICES:
        return _wrong_choices(question, given)
    if question.kind in WITH_TEXT:
        return _wrong_text(given, LONGEST_TEXT[question.kind])
    return _wrong_day(given)


def _is_required(questionnaire: Questionnaire, key: str) -> bool:
    question = questionnaire.question(key)
    return question is not None and question.required


def _holds(question: Question, branch: Branch, given: Given) -> bool:
    if branch.answered is not None:
        return branch.answered is not given.is_empty
    if branch.choice:
        return branch.choice in given.choices
    if given.number is None or given.number not in question.numbers:
        return False
    if branch.band is not None:
        return question.band(given.number) is branch.band
    if branch.least is None and branch.most is None:
        return False
    least = question.numbers[0] if branch.least is None else branch.least
    most = question.numbers[-1] if branch.most is None else branch.most
    return least <= given.number <= most


def _wrong_number(question: Question, given: Given) -> str:
    if given != Given(number=given.number):
        return "not_a_number"
    return "" if given.number in question.numbers else "out_of_range"


def _wrong_choices(question: Question, given: Given) -> str:
    if given != Given(choices=given.choices, text=given.text):
        return "unknown_choice"
    if not given.choices or not set(given.choices) <= set(question.choice_keys):
        return "unknown_choice"
    if len(given.choices) != len(set(given.choices)):
        return "unknown_choice"
    if question.kind is not QuestionKind.CHOICES and len(given.choices) > 1:
        return "more_than_one"
    if given.text and OTHER not in given.choices:
        return "unknown_choice"
    return "too_long" if len(given.text) > LONGEST_OTHER else ""


def _wrong_text(given: Given, most: int) -> str:
    if given != Given(text=given.text):
        return "not_text"
    return "too_long" if len(given.text) > most else ""


def _wrong_day(given: Given) -> str:
    if given.day is None or given != Given(day=given.day):
        return "not_a_day"
    return "" if FIRST_DAY <= given.day <= LAST_DAY else "not_a_day"
