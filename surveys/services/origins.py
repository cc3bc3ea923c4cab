"""How somebody found us, said in a survey, is kept on their record."""

from datetime import datetime

from crm import selectors as crm
from crm.services import customers
from surveys.models import Response
from surveys.rules.questionnaire import (
    OTHER,
    Answers,
    Choice,
    Question,
    QuestionKind,
    Questionnaire,
)

_LONGEST = 60


def keep_origin(
    response: Response, questionnaire: Questionnaire, answers: Answers, now: datetime
) -> None:
    """Where the record says nothing yet; what staff or a file wrote there stays."""
    question = next(
        (one for one in questionnaire.questions if one.kind is QuestionKind.SOURCE),
        None,
    )
    if question is None or question.key not in answers or response.customer is None:
        return
    customer = response.customer
    if customer.heard_from or customer.heard_text or not customer.is_live:
        return
    given = answers[question.key]
    changes = {
        "heard_from": _words(question, given.choices[0]),
        "heard_text": given.text,
    }
    customers.update_customer(customer, changes=changes, now=now)


def _words(question: Question, key: str) -> str:
    """In the shop's own language, whatever the customer's: one origin is one line of
    the reports."""
    language = crm.business().language
    found = next((one for one in question.choices if one.key == key), Choice(key))
    words = found.texts.get(language) or next(iter(found.texts.values()), "")
    return (words or ("Other" if key == OTHER else key))[:_LONGEST]
