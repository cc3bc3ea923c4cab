"""Staff pages of surveys: the list, results, answers, and who is asked."""

from surveys.views.after import survey_after
from surveys.views.asked import survey_asked
from surveys.views.comments import (
    answer_theme,
    survey_comments,
    theme,
    theme_archive,
    theme_create,
    theme_list,
    theme_start,
)
from surveys.views.editor import questions, questions_change, questions_undo
from surveys.views.life import drop_draft, publish, set_state, survey_new
from surveys.views.links import (
    link,
    link_close,
    link_new,
    link_print,
    link_reopen,
    link_square,
    survey_links,
)
from surveys.views.listing import digest_choice, survey_list
from surveys.views.question import question, thanks
from surveys.views.requests import survey_requests
from surveys.views.responses import count_again, leave_out, survey_answers
from surveys.views.results import survey
from surveys.views.settings import survey_settings
from surveys.views.trial import question_preview, survey_test_mail, survey_trial

__all__ = [
    "answer_theme",
    "count_again",
    "digest_choice",
    "drop_draft",
    "leave_out",
    "link",
    "link_close",
    "link_new",
    "link_print",
    "link_reopen",
    "link_square",
    "publish",
    "question",
    "question_preview",
    "questions",
    "questions_change",
    "questions_undo",
    "set_state",
    "survey",
    "survey_after",
    "survey_asked",
    "survey_answers",
    "survey_links",
    "survey_comments",
    "survey_list",
    "survey_new",
    "survey_requests",
    "survey_settings",
    "survey_test_mail",
    "survey_trial",
    "thanks",
    "theme",
    "theme_archive",
    "theme_create",
    "theme_list",
    "theme_start",
]
