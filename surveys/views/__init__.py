"""Staff pages of surveys: the list, results, answers, and who is asked."""

from surveys.views.answers import count_again, leave_out, survey_answers
from surveys.views.listing import digest_choice, survey_list
from surveys.views.results import survey
from surveys.views.settings import survey_settings

__all__ = [
    "count_again",
    "digest_choice",
    "leave_out",
    "survey",
    "survey_answers",
    "survey_list",
    "survey_settings",
]
