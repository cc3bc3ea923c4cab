"""The first question of a survey as a mail holds it, with a link for each answer.

All of it in the language that is active. What the templates ask is numbers and flags:
words are places there (messaging/rendering/places.py).
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys import question_words as words
from surveys.question_words import Facts
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Look, Question, Questionnaire

# More than these are chosen on the page.
MOST_CHOICES = 8
# Text, not pictures: mail programs hide those until somebody allows them.
# Of the oldest faces that fonts have.
FACES = ("\U0001f61e", "\U0001f615", "\U0001f610", "\U0001f60a", "\U0001f604")


def first_question(
    questionnaire: Questionnaire, facts: Facts, shop_language: str = ""
) -> dict[str, Any]:
    """What `emails/surveys/_first_question` shows; `facts` as on the page."""
    question = questionnaire.questions[0]
    asked = words.words_of(question, facts, shop_language)
    return {
        "question": asked.title,
        "ends": _ends(question, asked),
        "lasts": _lasts(questionnaire),
        "first": {
            "numbers": _numbers(question),
            "is_nps": question.scale is q.Scale.NPS,
            "is_stars": words.look_of(question) is Look.STARS,
            "faces": _faces(question),
            "choices": _choices(question, shop_language),
        },
    }


def _numbers(question: Question) -> list[int]:
    is_wanted = question.kind in q.WITH_NUMBER
    return list(question.numbers) if is_wanted else []


def _faces(question: Question) -> list[dict[str, Any]]:
    if words.look_of(question) is not Look.FACES:
        return []
    return [{"value": number, "face": FACES[number - 1]} for number in question.numbers]


def _choices(question: Question, shop_language: str) -> list[dict[str, Any]]:
    """Of a single choice: of several, one press says too little."""
    is_one = question.kind in (q.QuestionKind.CHOICE, q.QuestionKind.SOURCE)
    if not is_one or len(question.choice_keys) > MOST_CHOICES:
        return []
    return [
        {"key": key, "label": words.choice_words(question, key, shop_language)}
        for key in question.choice_keys
    ]


def _ends(question: Question, asked: words.QuestionWords) -> str:
    if question.kind not in q.WITH_NUMBER:
        return ""
    return _("%(low)s, %(high)s") % {"low": asked.low, "high": asked.high}


def _lasts(questionnaire: Questionnaire) -> str:
    """How much it asks of somebody's time: the line that mail programs show first."""
    count = q.most_asked(questionnaire)
    if q.is_short(questionnaire) or count == 1:
        return _("One question, about 20 seconds.")
    return ngettext(
        "%(count)d question, about %(seconds)d seconds.",
        "%(count)d questions, about %(seconds)d seconds.",
        count,
    ) % {"count": count, "seconds": 10 * -(-q.seconds(questionnaire) // 10)}
