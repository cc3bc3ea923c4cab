"""One question as its page shows it, and as it was sent.

Names of inputs: `title.he` for words by language, `choice.2.key` and `choice.2.he` for
the third choice, `branch.0.when` and `branch.0.goto` for the first branch, and of a
span of scores `branch.0.least` and `branch.0.most`. A choice or branch without words is
none, so that a page without scripts needs no button for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.editor_words import BAND_WORDS, LOOKS
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import (
    Branch,
    Choice,
    Look,
    Question,
    QuestionKind,
    Scale,
    ScoreBand,
)
from surveys.services.editing import LONGEST_NAME
from surveys.starting_points import STARTING_POINTS
from web.errors import InvalidValue
from web.rules import text
from web.rules.numbers import whole_number

PARTS = ("title", "help")
ENDS = ("low", "high")
SPAN = "span"
SPARE_CHOICES, SPARE_BRANCHES = 2, 1
LONGEST = {"title": 300, "help": 500, "low": 60, "high": 60}
LONGEST_CHOICE = 120


class NewSurveyForm(forms.Form):
    """Its name, which only staff read, and what it begins with."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Only colleagues read it."),
    )
    begin = forms.ChoiceField(
        choices=[(name, name) for name in STARTING_POINTS], initial="nps"
    )


@dataclass(frozen=True)
class WordsRow:
    """One text of a question in every language."""

    name: str
    label: str
    fields: Sequence[tuple[str, str]]
    is_long: bool = False


@dataclass(frozen=True)
class ChoiceRow:
    """One choice of a question in the editor."""

    at: int
    key: str
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class BranchRow:
    """`least` and `most`: the ends of a span, those of all scores where it is none."""

    at: int
    when: str
    goto: str
    least: int | None = None
    most: int | None = None


def words_rows(question: Question, languages: Sequence[str]) -> list[WordsRow]:
    """What is written of a question, text by text."""
    labels = {
        "title": _("Question"),
        "help": _("Below it, smaller"),
        "low": _("At the lowest end"),
        "high": _("At the highest end"),
    }
    parts = PARTS + (ENDS if question.kind in q.WITH_NUMBER else ())
    return [
        WordsRow(
            part,
            labels[part],
            [
                (language, question.texts.get(language, {}).get(part, ""))
                for language in languages
            ],
            is_long=part in PARTS,
        )
        for part in parts
    ]


def choice_rows(question: Question, languages: Sequence[str]) -> list[ChoiceRow]:
    """The choices, and some empty ones to add."""
    if question.kind not in q.WITH_CHOICES:
        return []
    spare = [Choice("")] * SPARE_CHOICES
    return [
        ChoiceRow(
            at,
            choice.key,
            [(language, choice.texts.get(language, "")) for language in languages],
        )
        for at, choice in enumerate([*question.choices, *spare])
    ]


def branch_rows(question: Question) -> list[BranchRow]:
    """The branches, and an empty one to add."""
    rows = [*question.branches, *[Branch("")] * SPARE_BRANCHES]
    ends: Sequence[int | None] = question.numbers or (None,)
    return [
        BranchRow(
            at,
            _when(branch) if branch.goto else "",
            branch.goto,
            ends[0] if branch.least is None else branch.least,
            ends[-1] if branch.most is None else branch.most,
        )
        for at, branch in enumerate(rows)
    ]


def conditions(question: Question, language: str) -> list[tuple[str, str]]:
    """What a branch may depend on, as values and words."""
    found = [("", _("Choose"))]
    if question.kind in q.WITH_NUMBER:
        found += [(f"band:{band.value}", _band(question, band)) for band in ScoreBand]
        found += [
            (f"score:{n}-{n}", _("exactly %(n)s") % {"n": n}) for n in question.numbers
        ]
        found.append((SPAN, _("a score from … to …")))
    for choice in question.choices:
        words = choice.texts.get(language) or choice.key
        found.append((f"choice:{choice.key}", _("“%(words)s”") % {"words": words}))
    if question.has_other:
        found.append((f"choice:{q.OTHER}", _("something else")))
    return [*found, ("answered", _("answered")), ("empty", _("left empty"))]


def _band(question: Question, band: ScoreBand) -> str:
    numbers = [n for n in question.numbers if question.band(n) is band]
    span = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
    return f"{BAND_WORDS[band]} ({span})"


def _when(branch: Branch) -> str:
    if branch.band is not None:
        return f"band:{branch.band.value}"
    if branch.choice:
        return f"choice:{branch.choice}"
    if branch.answered is not None:
        return "answered" if branch.answered else "empty"
    is_one = branch.least is not None and branch.least == branch.most
    return f"score:{branch.least}-{branch.most}" if is_one else SPAN


def looks(question: Question) -> list[tuple[str, str]]:
    """How its score may be drawn; none where there is no choice."""
    if question.scale is not Scale.CSAT and question.kind is not QuestionKind.STARS:
        return []
    return [(look.value, str(LOOKS[look])) for look in Look]


def read(
    question: Question, sent: Mapping[str, Any], languages: Sequence[str]
) -> tuple[Question, dict[str, str]]:
    """The question as it was sent, and the codes of what is wrong with it by the name
    of the input: then it is shown again, and not kept."""
    wrong: dict[str, str] = {}
    texts = {
        language: _texts(sent, language, question, wrong) for language in languages
    }
    # Languages that the page does not show keep their words.
    kept = {code: words for code, words in question.texts.items() if code not in texts}
    choices = tuple(_read_choices(question, sent, languages, wrong))
    found = replace(
        question,
        required=bool(sent.get("required")),
        has_other=bool(sent.get("has_other")) and question.kind in q.WITH_CHOICES,
        texts={**kept, **{code: words for code, words in texts.items() if words}},
        choices=choices if question.kind in q.WITH_CHOICES else (),
        look=_look(question, sent),
        branches=tuple(_read_branches(sent)),
    )
    if question.scale is Scale.NPS:
        found = replace(found, texts={})
    return found, wrong


def _texts(
    sent: Mapping[str, Any], language: str, question: Question, wrong: dict[str, str]
) -> dict[str, str]:
    parts = PARTS + (ENDS if question.kind in q.WITH_NUMBER else ())
    found = {
        part: _line(sent, f"{part}.{language}", LONGEST[part], wrong) for part in parts
    }
    return {part: words for part, words in found.items() if words}


def _line(sent: Mapping[str, Any], name: str, most: int, wrong: dict[str, str]) -> str:
    typed = str(sent.get(name, ""))
    try:
        return text.one_line(" ".join(typed.split()), field=name, most=most)
    except InvalidValue as error:
        wrong.update(error.fields)
        return typed


def _read_choices(
    question: Question,
    sent: Mapping[str, Any],
    languages: Sequence[str],
    wrong: dict[str, str],
) -> Iterator[Choice]:
    old = {choice.key: choice for choice in question.choices}
    taken = set(old)
    for at in range(q.MOST_CHOICES):
        words = {
            language: said
            for language in languages
            if (said := _line(sent, f"choice.{at}.{language}", LONGEST_CHOICE, wrong))
        }
        if not words:
            continue
        key = str(sent.get(f"choice.{at}.key", ""))
        if key not in old:
            key = q.free_key(taken, "c")
            taken.add(key)
        elsewhere = old[key].texts if key in old else {}
        kept = {code: said for code, said in elsewhere.items() if code not in languages}
        yield Choice(key, {**kept, **words})


def _read_branches(sent: Mapping[str, Any]) -> Iterator[Branch]:
    for at in range(q.MOST_BRANCHES):
        goto = str(sent.get(f"branch.{at}.goto", ""))
        name, _colon, value = str(sent.get(f"branch.{at}.when", "")).partition(":")
        if not goto or not name:
            continue
        if name == SPAN:
            ends = (
                str(sent.get(f"branch.{at}.{end}", "")) for end in ("least", "most")
            )
            name, value = "score", "-".join(ends)
        if branch := _branch(goto, name, value):
            yield branch


def _branch(goto: str, name: str, value: str) -> Branch | None:
    if name in ("answered", "empty"):
        return Branch(goto, answered=name == "answered")
    if name == "choice" and value:
        return Branch(goto, choice=value)
    if name == "band" and value in set(ScoreBand):
        return Branch(goto, band=ScoreBand(value))
    least, _dash, most = value.partition("-")
    span = whole_number(least), whole_number(most)
    if name == "score" and span != (None, None):
        return Branch(goto, least=span[0], most=span[1])
    return None


def _look(question: Question, sent: Mapping[str, Any]) -> Look | None:
    wanted = str(sent.get("look", ""))
    if looks(question) and wanted in set(Look):
        return Look(wanted)
    return question.look
