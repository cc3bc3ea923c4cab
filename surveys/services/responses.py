"""Answers: one per person asked, changeable for a day, whatever is pressed how often.

Each Next on the page sends what it holds, which is confirmed at once; that the last
question was sent is noted besides. Answers to questions that a changed answer leads
past are not kept: they stand in the version before.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from crm.services import audit
from surveys import rules
from surveys.choices import ResponseState
from surveys.errors import AlreadyFinal, NotOneClick
from surveys.models import Response
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Answers, Given, Questionnaire
from surveys.services import answer_rows, comments, origins, recovery, wishes
from surveys.services.targets import ByInvitation, ByToken, Held, Target, hold
from surveys.signals import response_recorded
from surveys.sql import answering as sql
from web.errors import InvalidValue
from web.rules import text

MOST_WORDS = q.LONGEST_TEXT[q.QuestionKind.LONG]


@transaction.atomic
def record(
    target: Target, *, given: Answers, complete: bool, language: str, now: datetime
) -> Response:
    """What one Next holds, by question; an empty one takes an answer back.

    The same again is the same answer. A change within 24 hours keeps the old one as a
    version; later it is refused, but what was never answered may be added until the
    invitation ends. `language`: of the page; empty where it is in the customer's own.
    Raises InvalidValue by question, with "required" for what must be answered before it
    is complete.
    """
    held = hold(target, now=now)
    language = language or held.own_language
    given = _tidied(held.questionnaire, given)
    response = held.response()
    if response is None:
        return _begin(held, given, complete, language, now)
    known = _known(held, response)
    answers = _answers(held, {**known, **given}, complete)
    if _says_nothing_new(response, known, answers, complete):
        return response
    _change(held, response, known, answers, complete, language, now)
    recovery.follow_up_on(response, now=now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def record_response(
    invitation_id: int, *, score: int, comment: str, language: str, now: datetime
) -> Response:
    """A whole answer to a survey of one score and its reason."""
    return _whole(ByInvitation(invitation_id), score, comment, language, now)


def record_by_token(
    token: str, *, score: int, comment: str, wanted: str, now: datetime
) -> Response:
    """The same, by the token of a link. `wanted`: the language of the page where they
    chose one, else empty. Raises InvitationGone also where more is asked."""
    return _whole(ByToken(token), score, comment, wanted, now)


def _whole(
    target: Target, score: int, comment: str, language: str, now: datetime
) -> Response:
    if score not in rules.SCORES:
        raise InvalidValue(fields={"score": "out_of_range"})
    words = text.many_lines(comment, field="comment", most=MOST_WORDS)
    given = {q.NPS.questions[0].key: Given(number=score), q.REASON: Given(text=words)}
    return record(target, given=given, complete=True, language=language, now=now)


def _begin(
    held: Held, given: Answers, complete: bool, language: str, now: datetime
) -> Response:
    """The first one: there is nothing to replace and no task to look for."""
    held.refuse_late(now)
    answers = _answers(held, given, complete)
    values = {
        **answer_rows.columns(held.questionnaire, answers),
        **_confirmed(now),
        "completed_at": now if complete else None,
        "language": language,
    }
    response = _create(held, values, now)
    answer_rows.write(response, held.questionnaire, answers, {})
    _close(held)
    _record("answered", response, answers, now)
    _keep_words(held, response, answers, now)
    if recovery.is_low(response):
        recovery.open_task(response, now=now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def _change(
    held: Held,
    response: Response,
    known: Answers,
    answers: Answers,
    complete: bool,
    language: str,
    now: datetime,
) -> None:
    is_pressed = response.state == ResponseState.PROVISIONAL
    is_changed = any(answers.get(key) != before for key, before in known.items())
    if is_pressed:
        held.refuse_late(now)
    else:
        _refuse_final(held, response, is_changed, now)
    if is_pressed or is_changed:
        answer_rows.keep_version(response, held.questionnaire, known, now)
        response.version += 1
    values = answer_rows.columns(held.questionnaire, answers)
    values["language"] = language
    if is_pressed:
        values |= _confirmed(now)
    if complete and response.completed_at is None:
        values |= {
            "completed_at": now,
            "changeable_until": now + rules.CHANGE_WINDOW,
        }
    _save(response, values)
    answer_rows.write(response, held.questionnaire, answers, known)
    if is_pressed:
        _close(held)
    if is_changed:
        wishes.review(response, now=now)
    _record("answered", response, answers, now)
    _keep_words(held, response, answers, now, were=known)


def _keep_words(
    held: Held,
    response: Response,
    answers: Answers,
    now: datetime,
    were: Answers = MappingProxyType({}),
) -> None:
    """What they wrote is read later; how they found us belongs to their record."""
    if any(given.text for given in (*answers.values(), *were.values())):
        comments.note_words(response)
    origins.keep_origin(response, held.questionnaire, answers, were, now)


def _known(held: Held, response: Response) -> dict[str, Given]:
    """A score that was only pressed in the mail is no answer yet."""
    if response.state == ResponseState.PROVISIONAL:
        return {}
    return answer_rows.read(response, held.questionnaire)


def _answers(held: Held, answers: Answers, complete: bool) -> dict[str, Given]:
    """Those that count, each by its question."""
    if complete and (missing := q.unanswered(held.questionnaire, answers)):
        raise InvalidValue(fields=dict.fromkeys(missing, "required"))
    return q.kept(held.questionnaire, answers)


def _says_nothing_new(
    response: Response, known: Answers, answers: Answers, complete: bool
) -> bool:
    completes = complete and response.completed_at is None
    is_pressed = response.state == ResponseState.PROVISIONAL
    return not completes and not is_pressed and answers == known


def _refuse_final(
    held: Held, response: Response, is_changed: bool, now: datetime
) -> None:
    if now < response.changeable_until:
        return
    is_over = held.expires_at is not None and now >= held.expires_at
    if response.completed_at is not None or is_changed or is_over:
        raise AlreadyFinal


def _tidied(questionnaire: Questionnaire, given: Answers) -> dict[str, Given]:
    """Texts in the form in which they are kept. Raises InvalidValue by question."""
    found, refused = {}, {}
    for key, answer in given.items():
        question = questionnaire.question(key)
        if question is None:
            refused[key] = "unknown"
            continue
        try:
            words = text.many_lines(answer.text, field=key, most=MOST_WORDS)
        except InvalidValue as error:
            refused |= error.fields
            continue
        found[key] = replace(answer, text=words)
        if code := q.wrong(question, found[key]):
            refused[key] = code
    if refused:
        raise InvalidValue(fields=refused)
    return found


@transaction.atomic
def record_provisional(
    invitation_id: int, *, score: int, language: str, now: datetime
) -> Response:
    """A press in the mail, before any human act: no number, task or signal counts it.

    Different scores from one link within seconds are a scanner trying links: they
    cancel each other, which stays to be seen until a person confirms one.
    """
    held = hold(ByInvitation(invitation_id), now=now)
    values = {**_pressed_score(held, score), "language": language}
    if not held.one_click:
        raise NotOneClick
    response = held.response()
    if response is None:
        response = _press(held, values, now)
    elif response.state != ResponseState.PROVISIONAL or response.score == score:
        return response
    else:
        answer_rows.keep_version(response, held.questionnaire, {}, now)
        response.version += 1
        if now - response.first_at < rules.CLASH_WINDOW:
            response.clashing = True
        _save(response, values)
    _record("pressed", response, values, now)
    return response


def _pressed_score(held: Held, score: int) -> dict[str, Any]:
    lead = held.questionnaire.lead
    if lead is None or score not in lead.numbers:
        raise InvalidValue(fields={"score": "out_of_range"})
    return answer_rows.columns(held.questionnaire, {lead.key: Given(number=score)})


def _press(held: Held, values: Mapping[str, Any], now: datetime) -> Response:
    held.refuse_late(now)
    fresh = {
        "state": ResponseState.PROVISIONAL.value,
        "changeable_until": now + rules.CHANGE_WINDOW,
    }
    return _create(held, {**values, **fresh}, now)


def _create(held: Held, values: Mapping[str, Any], now: datetime) -> Response:
    return Response.objects.create(
        survey_id=held.survey_id,
        survey_version_id=held.version_id,
        is_confidential=held.questionnaire.confidential,
        first_at=now,
        **held.source,
        **values,
    )


def _confirmed(now: datetime) -> dict[str, Any]:
    """A human act on the page: from here on it counts."""
    return {
        "state": ResponseState.CONFIRMED.value,
        "confirmed_at": now,
        "changeable_until": now + rules.CHANGE_WINDOW,
        "clashing": False,
    }


def _close(held: Held) -> None:
    if held.invitation_id is not None:
        sql.close(held.invitation_id)


def _save(response: Response, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(response, field, value)
    response.save()


def _record(
    action: str, response: Response, answered: Mapping[str, Any], now: datetime
) -> None:
    further = answered.keys() - {"score", q.REASON, "scale", "comment", "language"}
    audit.record(
        f"survey.{action}",
        f"response:{response.pk}",
        customer_id=response.customer_id,
        now=now,
        fields=["score", "comment", *sorted(further)],
    )
