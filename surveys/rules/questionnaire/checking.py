"""What would go wrong with a questionnaire once people answer it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from surveys.rules.questionnaire import recall
from surveys.rules.questionnaire.document import (
    END,
    OTHER,
    REASON,
    WITH_CHOICES,
    WITH_NUMBER,
    Branch,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
)

_LINK = re.compile(r"\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+", re.IGNORECASE)
_GOOD_LINK = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+([/?#]\S*)?", re.IGNORECASE)
# Behind a link in a sentence.
_STOPS = ".,;:!?)]}»”’。，；：！？）"


@dataclass(frozen=True)
class Problem:
    """`code`, the key of the question, and where it is about words their language;
    `detail`: the link, fact or place that is meant."""

    code: str
    question: str = ""
    language: str = ""
    detail: str = ""


def check(
    questionnaire: Questionnaire, languages: Collection[str], lead: Scale | None = None
) -> list[Problem]:
    """All that is wrong with it, in the order of its questions. `lead`: the
    scale that its first question must have, where the survey is counted by one."""
    return [
        *_whole(questionnaire, lead),
        *(
            problem
            for question in questionnaire.questions
            for problem in _question(questionnaire, question, languages)
        ),
        *_thanks(questionnaire, languages),
    ]


def _whole(questionnaire: Questionnaire, lead: Scale | None) -> Iterator[Problem]:
    keys = [question.key for question in questionnaire.questions]
    if not keys:
        yield Problem("no_questions")
    first = questionnaire.lead
    if lead and not (first and first.scale is lead and first.required):
        yield Problem("no_lead", detail=lead.value)
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem("key_twice", key)
    reached = _reached(questionnaire)
    for key in dict.fromkeys(keys):
        if key not in reached:
            yield Problem("unreachable", key)


def _reached(questionnaire: Questionnaire) -> set[str]:
    """Questions that some answers lead to."""
    questions = questionnaire.questions
    reached = {questions[0].key} if questions else set()
    for place, question in enumerate(questions):
        if question.key not in reached:
            continue
        reached |= {branch.goto for branch in question.branches}
        if place + 1 < len(questions) and not always_leaves(question):
            reached.add(questions[place + 1].key)
    return reached


def always_leaves(question: Question) -> bool:
    """Whether each answer to it takes a branch."""
    if {branch.answered for branch in question.branches} >= {True, False}:
        return True
    if not question.required:
        return False
    if any(branch.answered for branch in question.branches):
        return True
    if question.kind in WITH_NUMBER:
        return all(
            any(_takes(question, branch, number) for branch in question.branches)
            for number in question.numbers
        )
    chosen = {branch.choice for branch in question.branches}
    return bool(question.choice_keys) and chosen >= set(question.choice_keys)


def _takes(question: Question, branch: Branch, number: int) -> bool:
    if branch.band is not None:
        return question.band(number) is branch.band
    if branch.least is None and branch.most is None:
        return False
    least = number if branch.least is None else branch.least
    most = number if branch.most is None else branch.most
    return least <= number <= most


def _question(
    questionnaire: Questionnaire, question: Question, languages: Collection[str]
) -> Iterator[Problem]:
    yield from _shape(questionnaire, question)
    yield from _branches(questionnaire, question)
    yield from _choices(question, languages)
    if question.has_standard_words:
        return
    if question.scale is Scale.NPS:
        yield Problem("nps_words_are_fixed", question.key)
    for language in languages:
        words = question.texts.get(language, {})
        if not words.get("title", "").strip():
            yield Problem("no_words", question.key, language)
        for part in words.values():
            yield from _words(part, question.key, language)


def _shape(questionnaire: Questionnaire, question: Question) -> Iterator[Problem]:
    is_score = question.kind is QuestionKind.SCORE
    if is_score is (question.scale is None):
        yield Problem("no_scale", question.key)
    if question.key == REASON and question.kind is not QuestionKind.LONG:
        yield Problem("reason_is_words", question.key)
    if question.key == REASON and questionnaire.lead is None:
        yield Problem("reason_of_nothing", question.key)
    if question.key == END:
        yield Problem("key_taken", question.key)


def _branches(questionnaire: Questionnaire, question: Question) -> Iterator[Problem]:
    here, count = questionnaire.place(question.key), len(questionnaire.questions)
    for branch in question.branches:
        there = questionnaire.place(branch.goto)
        if branch.goto != END and there == count:
            yield Problem("branch_nowhere", question.key, detail=branch.goto)
        elif branch.goto != END and there <= here:
            yield Problem("branch_back", question.key, detail=branch.goto)
        if not _can_hold(question, branch):
            yield Problem("branch_never", question.key, detail=branch.goto)


def _can_hold(question: Question, branch: Branch) -> bool:
    if branch.answered is not None:
        return not question.required or branch.answered
    if branch.choice:
        return branch.choice in question.choice_keys
    return any(_takes(question, branch, number) for number in question.numbers)


def _choices(question: Question, languages: Collection[str]) -> Iterator[Problem]:
    if question.kind not in WITH_CHOICES:
        return
    if len(question.choice_keys) < 2:
        yield Problem("too_few_choices", question.key)
    keys = [choice.key for choice in question.choices]
    if len(keys) != len(set(keys)) or OTHER in keys:
        yield Problem("choice_twice", question.key)
    for choice in question.choices:
        for language in languages:
            words = choice.texts.get(language, "")
            if not words.strip():
                yield Problem("no_choice_words", question.key, language, choice.key)
            yield from _words(words, question.key, language)


def _thanks(
    questionnaire: Questionnaire, languages: Collection[str]
) -> Iterator[Problem]:
    for texts in questionnaire.thanks.values():
        for language in languages:
            if any(texts.values()) and not texts.get(language, "").strip():
                yield Problem("no_thanks", language=language)
            yield from _words(texts.get(language, ""), "", language)


def _words(words: str, question: str, language: str) -> Iterator[Problem]:
    for link in _LINK.findall(words):
        if not _GOOD_LINK.fullmatch(link.rstrip(_STOPS)):
            yield Problem("bad_link", question, language, link.rstrip(_STOPS))
    for fact, fallback in recall.places(words):
        if fact not in recall.FACTS:
            yield Problem("unknown_fact", question, language, fact)
        elif not fallback.strip() and fact not in recall.ALWAYS_KNOWN:
            yield Problem("no_fallback", question, language, fact)
    if recall.has_stray_brace(words):
        yield Problem("stray_brace", question, language)
