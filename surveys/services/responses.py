"""Answers: one per invitation, changeable for a day, whatever is pressed how often."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.services import audit
from surveys import rules
from surveys.choices import InvitationState, ResponseState
from surveys.errors import (
    AlreadyFinal,
    InvitationExpired,
    InvitationGone,
    NotOneClick,
)
from surveys.models import Invitation, Response, ResponseVersion, Survey
from surveys.services import recovery
from surveys.signals import response_recorded
from surveys.sql import answering as sql
from surveys.sql.answering import LockedInvitation
from web.errors import InvalidValue
from web.rules import text

MOST_WORDS = 4000


@transaction.atomic
def record_response(
    invitation_id: int, *, score: int, comment: str, language: str, now: datetime
) -> Response:
    """A confirmed answer. The same answer again is the same answer.

    Another one within 24 hours replaces it and keeps the old one as a version; later
    it is refused.
    """
    values = _values(score, comment, language)
    invitation = _locked(invitation_id)
    response = _response_of(invitation)
    if response is None:
        return _answer(invitation, values, now)
    if response.state == ResponseState.PROVISIONAL:
        _confirm(response, invitation, values, now)
    elif not _differs(response, values):
        return response
    elif now >= response.changeable_until:
        raise AlreadyFinal
    else:
        _replace(response, values, now)
    _record("answered", response, now)
    recovery.follow_up_on(response, now=now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def _answer(
    invitation: LockedInvitation, values: Mapping[str, Any], now: datetime
) -> Response:
    """The first one: there is nothing to replace and no task to look for."""
    _refuse_late(invitation, now)
    response = _create(invitation, {**values, **_confirmed(now)}, now)
    _close(invitation)
    _record("answered", response, now)
    if rules.is_low(response.score):
        recovery.open_task(response, now=now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def _values(score: int, comment: str, language: str) -> dict[str, Any]:
    return {
        "score": _valid_score(score),
        "comment": text.many_lines(comment, field="comment", most=MOST_WORDS),
        "language": language,
    }


@transaction.atomic
def record_provisional(
    invitation_id: int, *, score: int, language: str, now: datetime
) -> Response:
    """A press in the mail, before any human act: no number, task or signal counts it.

    Different scores from one link within seconds are a scanner trying links: they
    cancel each other, which stays to be seen until a person confirms one.
    """
    values = {"score": _valid_score(score), "language": language}
    invitation = _locked(invitation_id)
    if not Survey.objects.filter(pk=invitation.survey_id, one_click=True).exists():
        raise NotOneClick
    response = _response_of(invitation)
    if response is None:
        response = _press(invitation, values, now)
    elif response.state != ResponseState.PROVISIONAL or response.score == score:
        return response
    elif now - response.first_at < rules.CLASH_WINDOW:
        response.clashing = True
        _replace(response, values, now)
    else:
        _replace(response, values, now)
    _record("pressed", response, now)
    return response


def _valid_score(score: int) -> int:
    if score not in rules.SCORES:
        raise InvalidValue(fields={"score": "out_of_range"})
    return score


def _locked(invitation_id: int) -> LockedInvitation:
    """Under lock, with its customer. Raises InvitationGone."""
    locked = sql.lock(invitation_id)
    if locked is None or locked.state == InvitationState.REVOKED:
        raise InvitationGone
    return locked


def _response_of(invitation: LockedInvitation) -> Response | None:
    if invitation.response_id is None:
        return None
    return Response.objects.get(pk=invitation.response_id)


def _press(
    invitation: LockedInvitation, values: Mapping[str, Any], now: datetime
) -> Response:
    _refuse_late(invitation, now)
    fresh = {
        "state": ResponseState.PROVISIONAL.value,
        "changeable_until": now + rules.CHANGE_WINDOW,
    }
    return _create(invitation, {**values, **fresh}, now)


def _create(
    invitation: LockedInvitation, values: Mapping[str, Any], now: datetime
) -> Response:
    return Response.objects.create(
        invitation_id=invitation.id,
        survey_id=invitation.survey_id,
        customer_id=invitation.customer_id,
        first_at=now,
        **values,
    )


def _confirm(
    response: Response,
    invitation: LockedInvitation,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """A human act on the page: from here on it counts."""
    _refuse_late(invitation, now)
    _replace(response, {**values, **_confirmed(now)}, now)
    _close(invitation)


def _confirmed(now: datetime) -> dict[str, Any]:
    return {
        "state": ResponseState.CONFIRMED.value,
        "confirmed_at": now,
        "changeable_until": now + rules.CHANGE_WINDOW,
        "clashing": False,
    }


def _close(invitation: LockedInvitation) -> None:
    Invitation.objects.filter(pk=invitation.id).update(
        state=InvitationState.ANSWERED.value
    )


def _refuse_late(invitation: LockedInvitation, now: datetime) -> None:
    if now >= invitation.expires_at:
        raise InvitationExpired


def _differs(response: Response, values: Mapping[str, Any]) -> bool:
    return (response.score, response.comment) != (values["score"], values["comment"])


def _replace(response: Response, values: Mapping[str, Any], now: datetime) -> None:
    ResponseVersion.objects.create(
        response=response,
        version=response.version,
        score=response.score,
        comment=response.comment,
        replaced_at=now,
    )
    for field, value in values.items():
        setattr(response, field, value)
    response.version += 1
    response.save()


def _record(action: str, response: Response, now: datetime) -> None:
    audit.record(
        f"survey.{action}",
        f"response:{response.pk}",
        customer_id=response.customer_id,
        now=now,
        fields=["score", "comment"],
    )
