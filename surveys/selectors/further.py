"""The answers to questions beside the lead: how many gave which, and the words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from surveys.choices import ResponseState
from surveys.models import Answer, Response
from surveys.rules.questionnaire import (
    WITH_CHOICES,
    WITH_NUMBER,
    WITH_TEXT,
    Question,
    Questionnaire,
)
from surveys.rules.spans import Days
from surveys.selectors.counts import Reader, moments_of
from surveys.selectors.narrowing import Narrowing
from web.rules.intervals import wilson

WORDS_SHOWN = 5


@dataclass(frozen=True)
class Bar:
    """One choice or number: how many of those who answered gave it, with the 95 %
    interval of that share."""

    key: str
    count: int
    base: int

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of its share at 95 % (Wilson), 0 to 1."""
        return wilson(self.count, self.base)


@dataclass(frozen=True)
class Words:
    """What somebody wrote, in which answer: whoever shows it says whose it is only to
    those who may know (templates/surveys/_who_answered.html)."""

    text: str
    answer: Response


@dataclass(frozen=True)
class FurtherQuestion:
    """`answers`: how many answered it. Several choices of one add up to more."""

    question: Question
    answers: int
    bars: list[Bar] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


def further(
    reader: Reader,
    questionnaire: Questionnaire,
    days: Days,
    narrowed: Narrowing,
    *,
    today: date,
) -> list[FurtherQuestion]:
    """Each question that there is now, in its order; choices that were taken out since
    stand behind those that are left."""
    if not questionnaire.further:
        return []
    counted = reader.once(("questions", days), lambda: reader.by_question(days))
    return [
        _question(one, counted.get(one.key, {}), reader, days, narrowed, today)
        for one in questionnaire.further
    ]


def _question(
    question: Question,
    counts: Mapping[tuple[str, int], int],
    reader: Reader,
    days: Days,
    narrowed: Narrowing,
    today: date,
) -> FurtherQuestion:
    base = sum(answers for (value, _), answers in counts.items() if not value)
    if question.kind in WITH_NUMBER:
        given = {str(score): answers for (_, score), answers in counts.items()}
        keys: Sequence[str] = [str(number) for number in question.numbers]
    elif question.kind in WITH_CHOICES:
        given = {value: answers for (value, _), answers in counts.items() if value}
        keys = [*question.choice_keys, *sorted(given.keys() - {*question.choice_keys})]
    else:
        given, keys = {}, []
    bars = [Bar(key, given.get(key, 0), base) for key in keys] if base else []
    takes_words = question.has_other or question.kind in WITH_TEXT
    has_words = base > 0 and takes_words
    words = _words(question, reader, days, narrowed, today) if has_words else []
    return FurtherQuestion(question, base, bars, words)


def _words(
    question: Question, reader: Reader, days: Days, narrowed: Narrowing, today: date
) -> list[Words]:
    """The newest; what people wrote to a choice of their own, too."""
    begins, ends = moments_of(*days, reader.zone)
    responses = narrowed.among(
        Response.objects.filter(
            survey=reader.survey_id,
            state=ResponseState.CONFIRMED.value,
            confirmed_at__gte=begins,
            confirmed_at__lt=ends,
        ),
        today=today,
    )
    rows = (
        Answer.objects.filter(question=question.key, response__in=responses)
        .exclude(text="")
        .select_related("response__customer")
        # As they came in; by the day they were given it would sort them all.
        .order_by("-response")
    )
    return [Words(row.text, row.response) for row in rows[:WORDS_SHOWN]]
