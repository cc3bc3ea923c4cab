"""How long it takes to answer, roughly: the reading and the pressing or typing."""

from collections.abc import Callable

from surveys.rules.questionnaire.checking import always_leaves
from surveys.rules.questionnaire.document import (
    END,
    Question,
    QuestionKind,
    Questionnaire,
)

# Beyond this people leave.
LONGEST_SECONDS = 40

_TO_ANSWER = {
    QuestionKind.SCORE: 4,
    QuestionKind.STARS: 3,
    QuestionKind.CHOICE: 3,
    QuestionKind.CHOICES: 5,
    QuestionKind.SHORT: 7,
    QuestionKind.LONG: 11,
    QuestionKind.DAY: 6,
    QuestionKind.SOURCE: 3,
}
# A quick reader; a sign of Chinese says as much as three letters.
_LETTERS_A_SECOND = 25
_STANDARD_LETTERS = 50


def seconds(questionnaire: Questionnaire) -> int:
    """Along the longest way through it, in the language with most to read."""
    return round(_longest(questionnaire, _of_question))


def most_asked(questionnaire: Questionnaire) -> int:
    """The number of questions on the way through it that has most of them."""
    return round(_longest(questionnaire, lambda _question: 1.0))


def _longest(
    questionnaire: Questionnaire, weight: Callable[[Question], float]
) -> float:
    longest: dict[str, float] = {END: 0.0}
    following = END
    for question in reversed(questionnaire.questions):
        ways = {branch.goto for branch in question.branches}
        if not always_leaves(question):
            ways.add(following)
        rest = max(longest.get(way, 0.0) for way in ways)
        longest[question.key] = weight(question) + rest
        following = question.key
    return longest[following]


def _of_question(question: Question) -> float:
    letters = [_letters(question, language) for language in question.texts]
    to_read = max(letters, default=_STANDARD_LETTERS)
    return _TO_ANSWER[question.kind] + to_read / _LETTERS_A_SECOND


def _letters(question: Question, language: str) -> int:
    words = question.texts[language]
    choices = (choice.texts.get(language, "") for choice in question.choices)
    parts = (words.get("title", ""), words.get("help", ""), *choices)
    return sum(3 if letter >= "\u2e80" else 1 for part in parts for letter in part)
