"""The questions that come with the program: their words are the standard ones."""

from surveys.rules.questionnaire.document import (
    REASON,
    Look,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
)


def score_and_reason(scale: Scale, look: Look | None = None) -> Questionnaire:
    """One score and, if they like, why."""
    lead = Question("score", QuestionKind.SCORE, required=True, scale=scale, look=look)
    return Questionnaire((lead, Question(REASON, QuestionKind.LONG)))


NPS = score_and_reason(Scale.NPS)
