"""The words of questions: a survey's own, or the standard ones, with what we know of
the customer in their places. All of it in the language that is active."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from surveys import words
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Look, Question, Scale

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

Facts = Mapping[str, str]
Text = TypeVar("Text")


@dataclass(frozen=True)
class QuestionWords:
    """`low` and `high` stand at the ends of a scale; `is_personal`: somebody's facts
    are in it."""

    title: str
    help: str = ""
    low: str = ""
    high: str = ""
    is_personal: bool = False


# What stands at the ends where a survey says nothing else.
_ENDS: dict[Scale | None, "tuple[StrPromise, StrPromise]"] = {
    Scale.NPS: (gettext_lazy("0 = not at all"), gettext_lazy("10 = certainly")),
    Scale.CSAT: (
        gettext_lazy("1 = very dissatisfied"),
        gettext_lazy("5 = very satisfied"),
    ),
    Scale.CES: (
        gettext_lazy("1 = disagree strongly"),
        gettext_lazy("7 = agree strongly"),
    ),
    None: (gettext_lazy("1 = very bad"), gettext_lazy("5 = very good")),
}
# What each face says, from 1 to 5.
FACES = (
    gettext_lazy("Very dissatisfied"),
    gettext_lazy("Dissatisfied"),
    gettext_lazy("Neither satisfied nor dissatisfied"),
    gettext_lazy("Satisfied"),
    gettext_lazy("Very satisfied"),
)


def words_of(
    question: Question, facts: Facts, shop_language: str = ""
) -> QuestionWords:
    """As the customer reads them; `shop_language` is for a survey that is not written
    in theirs."""
    own = _own(question, shop_language)
    title = own.get("title", "") or standard_title(question)
    low, high = ends_of(question)
    written = (title, *(own.get(part, "") for part in ("help", "low", "high")))
    read = tuple(q.recalled(words, facts) for words in written)
    return QuestionWords(
        title=read[0],
        help=read[1],
        low=read[2] or low,
        high=read[3] or high,
        is_personal=read != written,
    )


def _own(question: Question, shop_language: str) -> Mapping[str, str]:
    if question.scale is Scale.NPS:
        return {}
    return in_language(question.texts, shop_language) or {}


def in_language(texts: Mapping[str, Text], shop_language: str) -> Text | None:
    """In the language that is active, else in the shop's, English or any."""
    for language in (get_language() or "", shop_language, "en", *texts):
        if texts.get(language):
            return texts[language]
    return None


def standard_title(question: Question) -> str:
    """The question of its scale, or of the reason for a score."""
    if question.key == q.REASON:
        return _("What is the main reason for your score?")
    if question.scale is Scale.NPS:
        return words.question()
    if question.scale is Scale.CSAT:
        return _("How satisfied are you with your order?")
    if question.scale is Scale.CES:
        return _("We made it easy for you to get what you needed.")
    return ""


def ends_of(question: Question) -> tuple[str, str]:
    """What stands at both ends of a scale; nothing where it has none."""
    if question.kind not in q.WITH_NUMBER:
        return "", ""
    low, high = _ENDS[question.scale]
    return str(low), str(high)


def look_of(question: Question) -> Look:
    """How a number is asked for: stars and faces are of five."""
    if question.kind is q.QuestionKind.STARS:
        return question.look or Look.STARS
    if question.scale is Scale.CSAT:
        return question.look or Look.STARS
    return Look.NUMBERS


def label_of(question: Question, number: int) -> str:
    """What a screen reader says at one star, face or number."""
    last = question.numbers[-1]
    if look_of(question) is Look.FACES:
        said = {"face": FACES[number - 1], "number": number, "last": last}
        return _("%(face)s, %(number)s of %(last)s") % said
    return _("%(number)s of %(last)s") % {"number": number, "last": last}


def choice_words(question: Question, key: str, shop_language: str) -> str:
    """What stands beside a choice."""
    if key == q.OTHER:
        return _("Something else")
    choice = next(one for one in question.choices if one.key == key)
    return in_language(choice.texts, shop_language) or choice.key


PROBLEMS: "dict[str, StrPromise]" = {
    "required": gettext_lazy("This question needs an answer"),
    "not_a_number": gettext_lazy("Choose one of the numbers"),
    "out_of_range": gettext_lazy("Choose one of the numbers"),
    "unknown_choice": gettext_lazy("Choose one of the answers on the page"),
    "more_than_one": gettext_lazy("Choose one answer only"),
    "too_long": gettext_lazy("Use at most %(most)d characters"),
    "control_characters": gettext_lazy("This holds characters that cannot be stored"),
    "not_text": gettext_lazy("This holds characters that cannot be stored"),
    "not_a_day": gettext_lazy("Enter a day as year-month-day, such as 2026-05-03"),
}


def problem(question: Question, code: str) -> str:
    """What is wrong with an answer, in words."""
    most = q.LONGEST_TEXT.get(question.kind, q.LONGEST_OTHER)
    return str(PROBLEMS[code]) % {"most": most}


# Why an answer by a share link is not kept yet.
_REFUSED: "dict[str, StrPromise]" = {
    "hidden_field": gettext_lazy(
        "A hidden field was filled in. Nothing was sent: press the button once more."
    ),
    "answer_too_quick": gettext_lazy(
        "That was very quick. Nothing was sent yet: press the button once more."
    ),
    "answer_page_too_old": gettext_lazy(
        "This page was open for very long. Nothing was sent yet, and what you wrote is "
        "still here: press the button once more."
    ),
    "too_many_attempts": gettext_lazy(
        "Many answers came from here within an hour. Nothing was sent now, and what "
        "you wrote is still here: try again in an hour."
    ),
}


def refused(code: str) -> str:
    """What a person reads who is turned away for now."""
    return str(_REFUSED[code])
