"""Reads that join or aggregate: what to ask about, the answers, their results."""

from surveys.selectors.answering import AnswerPage, open_page
from surveys.selectors.asked import Asked
from surveys.selectors.asking import (
    ASKED_BY,
    orders_asked_about,
    product_names,
)
from surveys.selectors.counts import moments_of
from surveys.selectors.responses import (
    LatestScore,
    answers_page,
    latest_scores,
    responses_behind,
)
from surveys.selectors.results import Results, SurveyRow, results, survey_rows

__all__ = [
    "ASKED_BY",
    "AnswerPage",
    "Asked",
    "LatestScore",
    "Results",
    "SurveyRow",
    "answers_page",
    "latest_scores",
    "moments_of",
    "open_page",
    "orders_asked_about",
    "product_names",
    "responses_behind",
    "results",
    "survey_rows",
]
