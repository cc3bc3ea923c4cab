"""Reads that join or aggregate: what to ask about, the answers, their results."""

from surveys.selectors.answering import AnswerPage, open_page
from surveys.selectors.apart import apart
from surveys.selectors.asked import Asked
from surveys.selectors.asking import (
    ASKED_BY,
    orders_asked_about,
    product_names,
    with_is_asking,
)
from surveys.selectors.comments import Comments, ThemeRow, comments, themes_in_use
from surveys.selectors.counts import moments_of
from surveys.selectors.known import Known, facts_of, known_of
from surveys.selectors.next_steps import Offered, offered
from surveys.selectors.origins import OriginChoice, origin_choices
from surveys.selectors.promises import Promise, promise
from surveys.selectors.responses import (
    LatestScore,
    answers_page,
    latest_scores,
    responses_behind,
)
from surveys.selectors.results import Results, SurveyRow, results, survey_rows
from surveys.selectors.share_links import (
    answer_of,
    declared_in,
    open_link,
    share_links,
    takes_answers,
    ways,
)

__all__ = [
    "ASKED_BY",
    "AnswerPage",
    "Asked",
    "Known",
    "Comments",
    "LatestScore",
    "Offered",
    "OriginChoice",
    "Promise",
    "Results",
    "SurveyRow",
    "answer_of",
    "apart",
    "answers_page",
    "declared_in",
    "facts_of",
    "known_of",
    "ThemeRow",
    "comments",
    "latest_scores",
    "moments_of",
    "offered",
    "open_link",
    "open_page",
    "orders_asked_about",
    "origin_choices",
    "product_names",
    "promise",
    "responses_behind",
    "results",
    "share_links",
    "survey_rows",
    "takes_answers",
    "themes_in_use",
    "ways",
    "with_is_asking",
]
