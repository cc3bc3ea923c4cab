"""Answers: one per invitation, changeable for a day, whatever is pressed how often."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.errors import InvalidValue
from crm.models import Customer
from crm.rules import text
from crm.services import audit
from crm.sql.prepared import instance
from surveys import rules
from surveys.choices import InvitationState, ResponseState
from surveys.errors import (
    AlreadyFinal,
    InvitationExpired,
    InvitationGone,
    NotOneClick,
)
from surveys.models import Invitation, Response, ResponseVersion
from surveys.services import recovery
from surveys.signals import response_recorded
from surveys.sql import answering as sql

MOST_WORDS = 4000


@transaction.atomic
def record_response(
    invitation: Invitation, *, score: int, comment: str, language: str, now: datetime
) -> Response:
    """A confirmed answer. The same answer again is the same answer.

    Another one within 24 hours replaces it and keeps the old one as a version; later
    it is refused.
    """
    values = {
        "score": _valid_score(score),
        "comment": text.many_lines(comment, field="comment", most=MOST_WORDS),
        "language": language,
    }
    response = _at_once(invitation, values, now)
    if response is None:
        response, is_news = _in_steps(_locked(invitation), values, now)
        if not is_news:
            return response
    _record("answered", response, now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def _at_once(
    invitation: Invitation, values: Mapping[str, Any], now: datetime
) -> Response | None:
    """The first answer to an open invitation, as nearly all are: one statement."""
    changeable_until = now + rules.CHANGE_WINDOW
    ids = sql.answer_first(
        invitation_id=invitation.pk,
        values=values,
        now=now,
        changeable_until=changeable_until,
    )
    if ids is None:
        return None
    response = instance(
        Response,
        id=ids[0],
        invitation_id=invitation.pk,
        survey_id=ids[1],
        customer_id=ids[2],
        state=ResponseState.CONFIRMED.value,
        first_at=now,
        confirmed_at=now,
        changeable_until=changeable_until,
        clashing=False,
        version=1,
        **values,
    )
    if rules.is_low(response.score):
        customer = Customer.objects.select_related("owner").get(pk=ids[2])
        recovery.follow_up_on(response, customer=customer, now=now)
    return response


def _in_steps(
    invitation: Invitation, values: dict[str, Any], now: datetime
) -> tuple[Response, bool]:
    """Confirmed, changed, repeated or refused; and whether anything is new."""
    response = Response.objects.filter(invitation=invitation).first()
    if response is None:
        response = _first(invitation, values, ResponseState.CONFIRMED, now)
    elif response.state == ResponseState.PROVISIONAL:
        _confirm(response, invitation, values, now)
    elif not _differs(response, values):
        return response, False
    elif now >= response.changeable_until:
        raise AlreadyFinal
    else:
        _replace(response, values, now)
    _close(invitation)
    recovery.follow_up_on(response, customer=invitation.customer, now=now)
    return response, True


@transaction.atomic
def record_provisional(
    invitation: Invitation, *, score: int, language: str, now: datetime
) -> Response:
    """A press in the mail, before any human act: no number, task or signal counts it.

    Different scores from one link within seconds are a scanner trying links: they
    cancel each other, which stays to be seen until a person confirms one.
    """
    if not invitation.survey.one_click:
        raise NotOneClick
    values = {"score": _valid_score(score), "language": language}
    invitation = _locked(invitation)
    response = Response.objects.filter(invitation=invitation).first()
    if response is None:
        response = _first(invitation, values, ResponseState.PROVISIONAL, now)
    elif response.state == ResponseState.CONFIRMED or response.score == score:
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


def _locked(invitation: Invitation) -> Invitation:
    """Customer first, then invitation: the order in which the claim locks them.

    Everybody who answers, merges or erases this customer waits here, so that fifty
    presses at once are one answer.
    """
    # A merge that ran meanwhile moved the invitation: then lock where it is now.
    customer_id = Invitation.objects.values_list("customer_id", flat=True).get(
        pk=invitation.pk
    )
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not customer.is_live or locked.customer_id != customer.pk:
        raise InvitationGone
    if locked.state == InvitationState.REVOKED:
        raise InvitationGone
    return locked


def _first(
    invitation: Invitation,
    values: dict[str, Any],
    state: ResponseState,
    now: datetime,
) -> Response:
    _refuse_late(invitation, now)
    confirmed = state is ResponseState.CONFIRMED
    return Response.objects.create(
        invitation=invitation,
        survey_id=invitation.survey_id,
        customer_id=invitation.customer_id,
        state=state.value,
        first_at=now,
        confirmed_at=now if confirmed else None,
        changeable_until=now + rules.CHANGE_WINDOW,
        **values,
    )


def _confirm(
    response: Response, invitation: Invitation, values: dict[str, Any], now: datetime
) -> None:
    """A human act on the page: from here on it counts."""
    _refuse_late(invitation, now)
    values = {
        **values,
        "state": ResponseState.CONFIRMED.value,
        "confirmed_at": now,
        "changeable_until": now + rules.CHANGE_WINDOW,
        "clashing": False,
    }
    _replace(response, values, now)


def _refuse_late(invitation: Invitation, now: datetime) -> None:
    if now >= invitation.expires_at:
        raise InvitationExpired


def _differs(response: Response, values: dict[str, Any]) -> bool:
    return (response.score, response.comment) != (values["score"], values["comment"])


def _replace(response: Response, values: dict[str, Any], now: datetime) -> None:
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


def _close(invitation: Invitation) -> None:
    invitation.state = InvitationState.ANSWERED.value
    invitation.save(update_fields=["state"])


def _record(deed: str, response: Response, now: datetime) -> None:
    audit.record(
        f"survey.{deed}",
        f"response:{response.pk}",
        customer_id=response.customer_id,
        now=now,
        fields=["score", "comment"],
    )
