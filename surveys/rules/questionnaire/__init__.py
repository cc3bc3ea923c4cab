"""The questions of a survey as one document: read, checked, and walked through.

Pure, as all rules are. Texts of `thanks` are by band and language; of a question by
language and part.
"""

from surveys.rules.questionnaire.checking import Problem, check
from surveys.rules.questionnaire.document import (
    ASKED_SCALES,
    END,
    OTHER,
    REASON,
    WITH_CHOICES,
    WITH_NUMBER,
    WITH_TEXT,
    Branch,
    Choice,
    Look,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    ScoreBand,
    band_of,
    low_scores,
    numbers_of,
)
from surveys.rules.questionnaire.editing import (
    added,
    confidential,
    free_key,
    moved,
    removed,
    replaced,
    thanking,
)
from surveys.rules.questionnaire.paths import (
    LONGEST_OTHER,
    LONGEST_TEXT,
    Answers,
    Given,
    kept,
    next_after,
    path,
    unanswered,
    wrong,
)
from surveys.rules.questionnaire.reading import (
    MOST_BRANCHES,
    MOST_CHOICES,
    MOST_QUESTIONS,
    NotAQuestionnaire,
    parse,
    to_json,
)
from surveys.rules.questionnaire.recall import FACTS, recalled
from surveys.rules.questionnaire.screens import goes_on_at, is_short, screens, shown
from surveys.rules.questionnaire.standard import NPS, score_and_reason
from surveys.rules.questionnaire.timing import LONGEST_SECONDS, seconds
from surveys.rules.questionnaire.turning import Turned, backward, complete, onward

__all__ = [
    "ASKED_SCALES",
    "END",
    "FACTS",
    "LONGEST_OTHER",
    "LONGEST_SECONDS",
    "LONGEST_TEXT",
    "MOST_BRANCHES",
    "MOST_CHOICES",
    "MOST_QUESTIONS",
    "NPS",
    "OTHER",
    "REASON",
    "WITH_CHOICES",
    "WITH_NUMBER",
    "WITH_TEXT",
    "Answers",
    "Branch",
    "Choice",
    "Given",
    "Look",
    "NotAQuestionnaire",
    "Problem",
    "Question",
    "QuestionKind",
    "Questionnaire",
    "Scale",
    "ScoreBand",
    "Turned",
    "added",
    "backward",
    "band_of",
    "check",
    "complete",
    "confidential",
    "free_key",
    "goes_on_at",
    "is_short",
    "kept",
    "low_scores",
    "moved",
    "next_after",
    "numbers_of",
    "onward",
    "parse",
    "path",
    "recalled",
    "removed",
    "replaced",
    "score_and_reason",
    "screens",
    "seconds",
    "shown",
    "thanking",
    "to_json",
    "unanswered",
    "wrong",
]
