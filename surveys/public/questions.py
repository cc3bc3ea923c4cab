"""A page of questions as its template needs it, for a personal link or a shared one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from surveys import question_words as words
from surveys.forms.questions import OWN_WORDS, PREFIX
from surveys.question_words import Facts
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Answers, Given, Question, Questionnaire

TEMPLATES = {
    q.QuestionKind.SCORE: "pick",
    q.QuestionKind.STARS: "pick",
    q.QuestionKind.CHOICE: "choices",
    q.QuestionKind.CHOICES: "choices",
    q.QuestionKind.SOURCE: "choices",
}


@dataclass(frozen=True)
class Asked:
    """The questions as one person sees them. `shop_language`: the language of the shop;
    `know`: asked for their facts where a page is shown, which what is sent is not."""

    questionnaire: Questionnaire
    answers: Answers = field(default_factory=dict)
    know: Callable[[], Facts] = dict
    shop_language: str = ""

    @cached_property
    def facts(self) -> Facts:
        return self.know()


@dataclass(frozen=True)
class Option:
    """One choice of a question on the page."""

    value: str
    label: str
    is_chosen: bool
    picture: str = ""


@dataclass(frozen=True)
class Shown:
    """One question on the page; two that are equal look the same in one language."""

    question: Question
    words: words.QuestionWords
    given: Given
    options: tuple[Option, ...]
    error: str

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def id(self) -> str:
        return f"q-{self.key}"

    @property
    def name(self) -> str:
        return PREFIX + self.key

    @property
    def own_name(self) -> str:
        return self.name + OWN_WORDS

    @property
    def kind(self) -> str:
        return self.question.kind.value

    @property
    def look(self) -> str:
        return words.look_of(self.question).value

    @property
    def template(self) -> str:
        name = TEMPLATES.get(self.question.kind, "words")
        return f"surveys/questions/_{name}.html"

    @property
    def is_required(self) -> bool:
        return self.question.required

    @property
    def has_other(self) -> bool:
        return self.question.has_other

    @property
    def is_many(self) -> bool:
        return self.question.kind is q.QuestionKind.CHOICES

    @property
    def first(self) -> int:
        return self.question.numbers[0]

    @property
    def last(self) -> int:
        return self.question.numbers[-1]

    @property
    def number(self) -> int | str:
        return "" if self.given.number is None else self.given.number

    @property
    def text(self) -> str:
        return self.given.day.isoformat() if self.given.day else self.given.text

    @property
    def is_for_all(self) -> bool:
        """Nothing in it is somebody's: neither their facts nor what they wrote."""
        return not (self.words.is_personal or self.text)

    @property
    def aria(self) -> SafeString:
        """What screen readers say besides: its help, and what is wrong."""
        parts = {"help": self.words.help, "error": self.error}
        ids = " ".join(f"{self.id}-{part}" for part, there in parts.items() if there)
        told = format_html('aria-describedby="{}"', ids) if ids else SafeString("")
        is_field = self.template.endswith("_words.html")
        wrong = SafeString(' aria-invalid="true"') if self.error and is_field else ""
        return SafeString(told + wrong)


@dataclass(frozen=True)
class Screen:
    """What a phone shows at a time; `is_now`: this one."""

    questions: tuple[Shown, ...]
    is_now: bool


def page_of(
    asked: Asked,
    *,
    at: str,
    typed: Answers | None = None,
    problems: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The context of surveys/_questions.html. `typed` stands over what is kept."""
    questionnaire, problems = asked.questionnaire, problems or {}
    answers = {**asked.answers, **(typed or {})}
    keys = q.shown(questionnaire, answers, at)
    at = next((key for key in keys if key in problems), at if at in keys else keys[0])
    pages = q.screens(questionnaire, keys)
    screens = [
        Screen(tuple(_shown(asked, key, answers, problems) for key in page), at in page)
        for page in pages
    ]
    return {
        "screens": screens,
        "buttons": _buttons(questionnaire, pages, answers, at),
        "problems": _problems(asked, problems),
        "progress": _progress(questionnaire, pages, answers, at),
    }


def _shown(
    asked: Asked, key: str, answers: Answers, problems: Mapping[str, str]
) -> Shown:
    question = asked.questionnaire.question(key)
    assert question is not None
    given = answers.get(key, Given())
    code = problems.get(key, "")
    return Shown(
        question=question,
        words=words.words_of(question, asked.facts, asked.shop_language),
        given=given,
        options=_options(question, given, asked.shop_language),
        error=words.problem(question, code) if code else "",
    )


def _options(
    question: Question, given: Given, shop_language: str
) -> tuple[Option, ...]:
    if question.kind in q.WITH_CHOICES:
        return tuple(
            Option(
                key,
                words.choice_words(question, key, shop_language),
                key in given.choices,
            )
            for key in question.choice_keys
        )
    if words.look_of(question) is not q.Look.FACES:
        return ()
    return tuple(
        Option(
            value=str(number),
            label=words.label_of(question, number),
            is_chosen=number == given.number,
            picture=f"face-{number}",
        )
        for number in question.numbers
    )


def _buttons(
    questionnaire: Questionnaire,
    pages: tuple[tuple[str, ...], ...],
    answers: Answers,
    at: str,
) -> dict[str, str]:
    """A phone goes from screen to screen; a wide page sends all that stands on it."""
    is_open = _is_open(questionnaire, pages, answers)
    is_last = at in pages[-1] and not is_open
    return {
        "next_narrow": "" if is_last else at,
        "next_wide": pages[-1][-1] if is_open else "",
        "back": "" if at in pages[0] else at,
    }


def _is_open(
    questionnaire: Questionnaire,
    pages: tuple[tuple[str, ...], ...],
    answers: Answers,
) -> bool:
    """Whether an answer that is not given yet decides what comes next."""
    last = questionnaire.question(pages[-1][-1])
    if last is None or not last.branches or not _is_empty(answers, last.key):
        return False
    return questionnaire.place(last.key) + 1 < len(questionnaire.questions)


def _is_empty(answers: Answers, key: str) -> bool:
    return answers.get(key, Given()).is_empty


def _progress(
    questionnaire: Questionnaire,
    pages: tuple[tuple[str, ...], ...],
    answers: Answers,
    at: str,
) -> dict[str, int]:
    """Which screen it is; of how many only where that is certain."""
    here = next(place for place, page in enumerate(pages, 1) if at in page)
    is_open = _is_open(questionnaire, pages, answers)
    return {"here": here, "all": 0 if is_open else len(pages)}


def _problems(asked: Asked, problems: Mapping[str, str]) -> list[dict[str, str]]:
    """In the order of the page, and last what is about no question."""
    found = []
    for question in asked.questionnaire.questions:
        if code := problems.get(question.key):
            told = words.problem(question, code)
            title = words.words_of(question, asked.facts, asked.shop_language).title
            found.append({"id": f"q-{question.key}", "words": f"{title} · {told}"})
    found += [{"id": "", "words": told} for told in [problems.get("", "")] if told]
    return found
