"""Shape and limits of what people enter: an answer, and who is asked."""

from surveys.forms.answering import CHOOSE, AnswerForm, chosen_score
from surveys.forms.lists import LeaveOutForm, chosen_days, chosen_scores
from surveys.forms.settings import SurveyForm, as_saved

__all__ = [
    "CHOOSE",
    "AnswerForm",
    "LeaveOutForm",
    "SurveyForm",
    "as_saved",
    "chosen_days",
    "chosen_score",
    "chosen_scores",
]
