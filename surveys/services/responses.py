"""Answers: one per invitation, changeable for a day, whatever is pressed how often."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.models import Business, Customer, User
from crm.services import audit
from crm.sql.prepared import instance
from messaging.rules import tokens
from messaging.services import links
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
from web.errors import InvalidValue
from web.rules import text

MOST_WORDS = 4000


def answer_link(
    token: str, *, score: int, comment: str, wanted: str, now: datetime
) -> bool:
    """The first answer to the invitation behind a link, as nearly all answers are.

    False: it would not be the first, or the link opens nothing. Then nothing is done.
    """
    values = _values(score, comment, wanted)
    tidy = tokens.random_token(token)
    if not tidy:
        return False
    is_followed = rules.is_low(score) or response_recorded.has_listeners(Response)
    # Whoever holds the link is the customer, and only the statement knows which.
    with audit.acting(audit.VISITOR), _whole(is_followed):
        answered = sql.answer_by_link(links.token_hash(tidy), _first(values, now))
        if answered and is_followed:
            audit.set_actor(audit.customer(answered.customer_id))
            _follow(answered, values, now)
    return answered is not None


@transaction.atomic
def record_response(
    invitation: Invitation, *, score: int, comment: str, language: str, now: datetime
) -> Response:
    """A confirmed answer. The same answer again is the same answer.

    Another one within 24 hours replaces it and keeps the old one as a version; later
    it is refused.
    """
    values = _values(score, comment, language)
    invitation = _locked(invitation)
    response = Response.objects.filter(invitation=invitation).first()
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
    recovery.follow_up_on(response, customer=invitation.customer, now=now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def _answer(
    invitation: Invitation, values: Mapping[str, Any], now: datetime
) -> Response:
    _refuse_late(invitation, now)
    answered = sql.answer_by_id(invitation.pk, _first(values, now))
    if answered is None:
        raise InvitationGone
    return _follow(answered, values, now)


def _values(score: int, comment: str, language: str) -> dict[str, Any]:
    return {
        "score": _valid_score(score),
        "comment": text.many_lines(comment, field="comment", most=MOST_WORDS),
        "language": language,
    }


def _first(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    actor = audit.current_actor()
    return {
        "score": values["score"],
        "comment": values["comment"],
        "wanted": values["language"],
        "now": now,
        "changeable_until": now + rules.CHANGE_WINDOW,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "via": actor.via,
    }


def _whole(is_followed: bool) -> AbstractContextManager[Any]:
    """A statement is whole by itself; with what follows it there is more to hold."""
    return transaction.atomic() if is_followed else nullcontext()


def _follow(
    answered: sql.Answered, values: Mapping[str, Any], now: datetime
) -> Response:
    """What a first answer brings about, in the same transaction."""
    response = instance(
        Response,
        id=answered.response_id,
        invitation_id=answered.invitation_id,
        survey_id=answered.survey_id,
        customer_id=answered.customer_id,
        state=ResponseState.CONFIRMED.value,
        first_at=now,
        confirmed_at=now,
        changeable_until=now + rules.CHANGE_WINDOW,
        clashing=False,
        version=1,
        **{**values, "language": answered.language},
    )
    if rules.is_low(response.score):
        _open_task(response, answered, now)
    response_recorded.send(sender=Response, response=response, now=now)
    return response


def _open_task(response: Response, answered: sql.Answered, now: datetime) -> None:
    """With what the statement has read already."""
    customer = instance(Customer, id=answered.customer_id, owner_id=answered.owner_id)
    if answered.owner_id is not None:
        customer.owner = instance(
            User, id=answered.owner_id, language=answered.owner_language
        )
    business = instance(
        Business, id=1, time_zone=answered.shop_zone, country=answered.shop_country
    )
    recovery.open_task(response, customer=customer, business=business, now=now)


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
        response = _press(invitation, values, now)
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


def _press(invitation: Invitation, values: dict[str, Any], now: datetime) -> Response:
    _refuse_late(invitation, now)
    return Response.objects.create(
        invitation=invitation,
        survey_id=invitation.survey_id,
        customer_id=invitation.customer_id,
        state=ResponseState.PROVISIONAL.value,
        first_at=now,
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
    invitation.state = InvitationState.ANSWERED.value
    invitation.save(update_fields=["state"])


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


def _record(deed: str, response: Response, now: datetime) -> None:
    audit.record(
        f"survey.{deed}",
        f"response:{response.pk}",
        customer_id=response.customer_id,
        now=now,
        fields=["score", "comment"],
    )
