"""What we know of somebody who answers several questions: their facts and answers."""

from collections.abc import Mapping
from typing import NamedTuple

from surveys import words
from surveys.models import Response
from surveys.question_words import Facts
from surveys.rules.questionnaire import Given
from surveys.selectors.answering import AnswerPage
from surveys.services import answer_rows
from web import formats


class Known(NamedTuple):
    """What was answered already: the response and its answers by question."""

    response: Response | None
    answers: Mapping[str, Given]


def known_of(page: AnswerPage) -> Known:
    """Of who has a personal link. A score that was only pressed in the mail is chosen,
    and no person's answer."""
    response = None
    answers: Mapping[str, Given] = {}
    if page.response_id is not None:
        response = Response.objects.get(pk=page.response_id)
        answers = answer_rows.read(response, page.questionnaire)
    is_answered = response is not None and page.is_answered
    return Known(response if is_answered else None, answers)


def facts_of(page: AnswerPage) -> Facts:
    """Empty where something is not known: then the words beside it are read."""
    about = page.about
    day = about.delivered_on or about.ordered_on
    return {
        "first_name": page.greeting_name,
        "shop": page.shop,
        "product": words.products(about.product_names) if about.product_names else "",
        "order": about.number or "",
        "day": formats.day(day) if day else "",
        "score": "" if page.score is None else str(page.score),
    }
