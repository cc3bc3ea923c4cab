"""The questions of a survey: one document that is edited, checked and kept as one.

Words stand by language: `{"en": {"title": "…"}}`. A question without any words has the
standard ones of its scale or key: the question of NPS always, so that it compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# The end, as the place a branch leads to.
END = "end"
# The words to the lead's score: kept beside it, on the answer itself.
REASON = "reason"
# A choice of the customer's own words.
OTHER = "other"

Words = Mapping[str, str]
WordsByLanguage = Mapping[str, Words]


class QuestionKind(StrEnum):
    """How a question is answered."""

    SCORE = "score"
    STARS = "stars"
    CHOICE = "choice"
    CHOICES = "choices"
    SHORT = "short"
    LONG = "long"
    DAY = "day"
    SOURCE = "source"


class Scale(StrEnum):
    """Of scores. TEN, from 1 to 10, comes with files of past answers alone: no question
    asks for it, and it is in no figure of another scale."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    TEN = "ten"


# Those that questions ask for.
ASKED_SCALES = (Scale.NPS, Scale.CSAT, Scale.CES)


class Look(StrEnum):
    """How a score of 1 to 5 is drawn."""

    NUMBERS = "numbers"
    STARS = "stars"
    FACES = "faces"


class ScoreBand(StrEnum):
    """The band of a score, on whatever scale."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


WITH_NUMBER = frozenset({QuestionKind.SCORE, QuestionKind.STARS})
WITH_CHOICES = frozenset(
    {QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.SOURCE}
)
WITH_TEXT = frozenset({QuestionKind.SHORT, QuestionKind.LONG})

# The first and last number of a scale, and where its middle and high bands begin.
_NUMBERS = {
    Scale.NPS: (0, 10),
    Scale.CSAT: (1, 5),
    Scale.CES: (1, 7),
    Scale.TEN: (1, 10),
}
_BANDS = {
    Scale.NPS: (7, 9),
    Scale.CSAT: (3, 4),
    Scale.CES: (4, 5),
    # By thirds: there is no agreed standard.
    Scale.TEN: (4, 8),
}


def numbers_of(scale: Scale) -> range:
    """Every score of a scale."""
    first, last = _NUMBERS[scale]
    return range(first, last + 1)


def band_of(scale: Scale, score: int) -> ScoreBand:
    """Low, middle or high. Of NPS: detractors, passives, promoters."""
    middle, high = _BANDS[scale]
    if score >= high:
        return ScoreBand.HIGH
    return ScoreBand.MIDDLE if score >= middle else ScoreBand.LOW


def low_scores(scale: Scale) -> range:
    """Those of the low band: 0 to 6 of NPS, 1 and 2 of CSAT, 1 to 3 of CES."""
    return range(_NUMBERS[scale][0], _BANDS[scale][0])


@dataclass(frozen=True)
class Choice:
    """One choice of a question, with its words by language."""

    key: str
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Branch:
    """Go to a later question, or to the end, where one condition holds: a band, scores
    from `least` to `most`, a choice, or whether it was answered at all."""

    goto: str
    band: ScoreBand | None = None
    least: int | None = None
    most: int | None = None
    choice: str = ""
    answered: bool | None = None


@dataclass(frozen=True)
class Question:
    """One question with all that staff set for it."""

    key: str
    kind: QuestionKind
    required: bool = False
    # By language: "title", "help", and what stands at both ends, "low" and "high".
    texts: WordsByLanguage = field(default_factory=dict, hash=False)
    choices: tuple[Choice, ...] = ()
    scale: Scale | None = None
    look: Look | None = None
    has_other: bool = False
    branches: tuple[Branch, ...] = ()

    @property
    def numbers(self) -> range:
        """The numbers that answer it; none where it asks for something else."""
        if self.kind not in WITH_NUMBER:
            return range(0)
        return numbers_of(self.scale or Scale.CSAT)

    @property
    def choice_keys(self) -> tuple[str, ...]:
        """The keys of its choices, “Other” included."""
        keys = tuple(choice.key for choice in self.choices)
        return (*keys, OTHER) if self.has_other else keys

    @property
    def has_standard_words(self) -> bool:
        """No words of its own: those that come with the program, in every language."""
        return not self.texts and (self.scale is not None or self.key == REASON)

    def band(self, number: int) -> ScoreBand:
        """The band of this number on its scale."""
        return band_of(self.scale or Scale.CSAT, number)


@dataclass(frozen=True)
class Questionnaire:
    """The questions of a survey as one document."""

    questions: tuple[Question, ...] = ()
    # The closing words, by band of the lead's score; "" for everybody else.
    thanks: WordsByLanguage = field(default_factory=dict)
    # Shown to fewer people, and the page says so.
    confidential: bool = False

    @property
    def lead(self) -> Question | None:
        """The first question, where it is a score: that score is the answer's own."""
        first = self.questions[0] if self.questions else None
        return first if first and first.kind is QuestionKind.SCORE else None

    @property
    def reason(self) -> Question | None:
        """The question whose words stand beside the lead's score."""
        found = self.question(REASON)
        return found if found and found.kind is QuestionKind.LONG else None

    @property
    def further(self) -> tuple[Question, ...]:
        """Those whose answers are rows of their own."""
        return tuple(
            question
            for question in self.questions
            if question is not self.lead and question is not self.reason
        )

    def question(self, key: str) -> Question | None:
        """The question of this key; None where there is none."""
        return next((one for one in self.questions if one.key == key), None)

    def place(self, key: str) -> int:
        """Where it stands, from 0; behind all others where it does not."""
        keys = [question.key for question in self.questions]
        return keys.index(key) if key in keys else len(keys)
