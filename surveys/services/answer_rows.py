"""What was answered, between the rows that hold it and `Given` by question."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from surveys.models import Answer, Response, ResponseVersion
from surveys.rules.questionnaire import Answers, Given, Questionnaire


def read(response: Response, questionnaire: Questionnaire) -> dict[str, Given]:
    """Everything it holds, by question; without what is empty."""
    found: dict[str, Given] = {}
    if questionnaire.lead and response.score is not None:
        found[questionnaire.lead.key] = Given(number=response.score)
    if questionnaire.reason and response.comment:
        found[questionnaire.reason.key] = Given(text=response.comment)
    if questionnaire.further:
        found |= {row.question: given_of(row) for row in response.further.all()}
    return found


def given_of(row: Answer) -> Given:
    """What a row says."""
    return Given(row.number, row.text, tuple(row.choices), row.day)


def columns(questionnaire: Questionnaire, answers: Answers) -> dict[str, Any]:
    """What stands on the answer itself: the lead's score and why."""
    lead, reason = questionnaire.lead, questionnaire.reason
    score = answers[lead.key].number if lead and lead.key in answers else None
    words = answers[reason.key].text if reason and reason.key in answers else ""
    has_scale = lead is not None and lead.scale is not None and score is not None
    return {
        "score": score,
        "scale": lead.scale.value if has_scale and lead and lead.scale else "",
        "comment": words,
    }


def write(
    response: Response,
    questionnaire: Questionnaire,
    answers: Answers,
    known: Answers,
) -> None:
    """The rows of further questions, from what they held to what they hold now."""
    kinds = {question.key: question.kind for question in questionnaire.further}
    gone = [key for key in known if key in kinds and key not in answers]
    rows = [
        Answer(
            response=response,
            question=key,
            kind=kinds[key].value,
            number=given.number,
            text=given.text,
            choices=list(given.choices),
            day=given.day,
        )
        for key, given in answers.items()
        if key in kinds and known.get(key) != given
    ]
    if gone:
        Answer.objects.filter(response=response, question__in=gone).delete()
    if rows:
        Answer.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["response", "question"],
            update_fields=["kind", "number", "text", "choices", "day"],
        )


def keep_version(
    response: Response, questionnaire: Questionnaire, known: Answers, now: datetime
) -> None:
    """As it stands, before it changes."""
    further = {question.key for question in questionnaire.further}
    ResponseVersion.objects.create(
        response=response,
        version=response.version,
        score=response.score,
        comment=response.comment,
        answers={key: as_json(given) for key, given in known.items() if key in further},
        replaced_at=now,
    )


def as_json(given: Given) -> Mapping[str, Any]:
    """The parts that it has."""
    parts: dict[str, Any] = {
        "number": given.number,
        "text": given.text or None,
        "choices": list(given.choices) or None,
        "day": given.day.isoformat() if isinstance(given.day, date) else None,
    }
    return {name: value for name, value in parts.items() if value is not None}
