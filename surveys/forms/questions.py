"""What was sent with a page of questions, question by question. Nothing is guessed.

A field is named by the key of its question behind a prefix; the customer's own words
beside "something else" have an ending that no key can have.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict

from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Given, Question, Questionnaire
from web.errors import InvalidValue
from web.rules import text

PREFIX = "a."
OWN_WORDS = ".other"
# Which question a button was pressed at, and which ones stood on the page.
NEXT, BACK, AT, SHOWN = "next", "back", "at", "shown"
COMPLETE = "complete"
_NUMBER = re.compile(r"[0-9]|10")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Sent:
    """A page of questions as it was sent: what can be kept, what is wrong with the
    rest, by key, and which button was pressed."""

    given: Mapping[str, Given] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Given] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    at: str = ""
    is_complete: bool = False
    is_back: bool = False


def read(questionnaire: Questionnaire, data: QueryDict) -> Sent:
    """Only questions that stood on the page: what was not asked keeps its answer."""
    keys = tuple(
        question.key
        for question in questionnaire.questions
        if question.key in data.getlist(SHOWN)
    )
    given, problems, typed = {}, {}, {}
    for key in keys:
        question = questionnaire.question(key)
        assert question is not None
        typed[key], problem = read_one(question, data)
        if problem:
            problems[key] = problem
        else:
            given[key] = typed[key]
    at, is_back = _pressed(data, keys)
    return Sent(given, problems, typed, keys, at, COMPLETE in data, is_back)


def _pressed(data: QueryDict, keys: Collection[str]) -> tuple[str, bool]:
    for name in (NEXT, BACK, AT):
        pressed = str(data.get(name, ""))
        if pressed in keys:
            return pressed, name == BACK
    return "", BACK in data


def read_one(question: Question, data: QueryDict) -> tuple[Given, str]:
    """What was answered to one question, and the code of what is wrong with it."""
    sent = data.getlist(PREFIX + question.key)
    if question.kind in q.WITH_NUMBER:
        return _number(question, sent)
    if question.kind in q.WITH_CHOICES:
        return _choices(question, sent, data.get(PREFIX + question.key + OWN_WORDS, ""))
    if question.kind in q.WITH_TEXT:
        return _text(question, sent)
    return _day(question, sent)


def _number(question: Question, sent: list[str]) -> tuple[Given, str]:
    if not sent:
        return Given(), ""
    # Two scores: no "last one wins".
    if len(sent) != 1 or not _NUMBER.fullmatch(sent[0]):
        return Given(), "not_a_number"
    found = Given(number=int(sent[0]))
    return found, q.wrong(question, found)


def _choices(question: Question, sent: list[str], own: str) -> tuple[Given, str]:
    chosen = tuple(key for key in question.choice_keys if key in sent)
    if set(sent) - {"", *chosen}:
        return Given(choices=chosen, text=own[: q.LONGEST_OTHER]), "unknown_choice"
    takes_more = question.kind is q.QuestionKind.CHOICES or not chosen
    if question.has_other and own.strip() and takes_more and q.OTHER not in chosen:
        # Who wrote beside "something else" has chosen it.
        chosen = (*chosen, q.OTHER)
    words, problem = _words(own, lines=False, most=q.LONGEST_OTHER)
    if q.OTHER not in chosen:
        return Given(choices=chosen), q.wrong(question, Given(choices=chosen))
    found = Given(choices=chosen, text=words)
    return found, problem or q.wrong(question, found)


def _text(question: Question, sent: list[str]) -> tuple[Given, str]:
    if len(sent) > 1:
        return Given(text=sent[0]), "not_text"
    is_long = question.kind is q.QuestionKind.LONG
    most = q.LONGEST_TEXT[question.kind]
    words, problem = _words("".join(sent), lines=is_long, most=most)
    return Given(text=words), problem


def _words(words: str, *, lines: bool, most: int) -> tuple[str, str]:
    """Tidy; as they were typed where they cannot be kept."""
    tidy = text.many_lines if lines else text.one_line
    try:
        return tidy(words, field="words", most=most), ""
    except InvalidValue as error:
        return words, error.fields["words"]


def _day(question: Question, sent: list[str]) -> tuple[Given, str]:
    words = "".join(sent).strip()
    if not words:
        return Given(), ""
    # A browser without a calendar sends what was typed, which comes back to be mended.
    typed = Given(text=words[:40])
    if len(sent) != 1 or not _DAY.fullmatch(words):
        return typed, "not_a_day"
    try:
        found = Given(day=date.fromisoformat(words))
    except ValueError:
        return typed, "not_a_day"
    return found, q.wrong(question, found)
