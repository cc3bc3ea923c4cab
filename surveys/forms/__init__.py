"""Shape and limits of what people enter: an answer, and who is asked."""

from surveys.forms.after import AfterForm, as_kept
from surveys.forms.answering import CHOOSE, AnswerForm, chosen_score
from surveys.forms.lists import (
    LISTED_STATES,
    LeaveOutForm,
    chosen_days,
    chosen_scores,
    chosen_state,
)
from surveys.forms.settings import SurveyForm, as_saved
from surveys.forms.themes import ThemeForm

__all__ = [
    "CHOOSE",
    "LISTED_STATES",
    "AfterForm",
    "AnswerForm",
    "LeaveOutForm",
    "SurveyForm",
    "ThemeForm",
    "as_kept",
    "as_saved",
    "chosen_days",
    "chosen_score",
    "chosen_scores",
    "chosen_state",
]
