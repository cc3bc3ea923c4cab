"""How somebody found us, as answered in a survey, is kept on their record."""

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
_NOTHING = {"heard_from": "", "heard_text": ""}


def keep_origin(
    response: Response,
    questionnaire: Questionnaire,
    answers: Answers,
    were: Answers,
    now: datetime,
) -> None:
    """Where the record says nothing yet, or what this answer was before (`were`); what
    staff or a file wrote there stays."""
    question = next(
        (one for one in questionnaire.questions if one.kind is QuestionKind.SOURCE),
        None,
    )
    if question is None:
        return
    customer = response.customer
    if customer is None or not customer.is_live:
        return
    before, after = (_heard(question, said) for said in (were, answers))
    known = {name: getattr(customer, name) for name in _NOTHING}
    if known in (_NOTHING, before) and before != after:
        customers.update_customer(customer, changes=after, now=now)


def _heard(question: Question, answers: Answers) -> dict[str, str]:
    """What the record says of these answers."""
    given = answers.get(question.key)
    if given is None or given.is_empty:
        return _NOTHING
    return {"heard_from": _words(question, given.choices[0]), "heard_text": given.text}


def _words(question: Question, key: str) -> str:
    """In the shop's own language, whatever the customer's: one origin is one line of
    the reports."""
    language = crm.business().language
    found = next((one for one in question.choices if one.key == key), Choice(key))
    words = found.texts.get(language) or next(iter(found.texts.values()), "")
    return (words or ("Other" if key == OTHER else key))[:_LONGEST]
