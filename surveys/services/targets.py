"""Who answers, and in which way: held under lock while the answer is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from crm.models import Customer
from crm.services import audit
from messaging.public_language import best_language
from messaging.services import links
from surveys.choices import Channel, InvitationState, SurveyState
from surveys.errors import InvitationExpired, InvitationGone
from surveys.models import Response, ShareLink, Survey
from surveys.rules.questionnaire import NPS, Questionnaire
from surveys.services import limits
from surveys.services.versions import questionnaire_of
from surveys.sql import answering as sql


@dataclass(frozen=True)
class ByInvitation:
    """Anyone who has the personal link of this invitation."""

    invitation_id: int


@dataclass(frozen=True)
class ByToken:
    """The same for the one usual question, by the token as it stands in their address:
    nothing was read before."""

    token: str


@dataclass(frozen=True)
class ByLink:
    """Somebody who opened a share link. `respondent` is made by our page and carried
    along by its form; `declared`: what the address carried besides."""

    link_id: int
    respondent: UUID
    declared: Mapping[str, str]


@dataclass(frozen=True)
class ByProgram:
    """The customer as another program names them; None: it does not say."""

    survey_id: int
    customer_id: int | None


Target = ByInvitation | ByToken | ByLink | ByProgram


@dataclass(frozen=True)
class Held:
    """What an answer needs to know, as long as the lock is held."""

    survey_id: int
    version_id: int
    questionnaire: Questionnaire
    response_id: int | None
    # Columns of a new answer: the way it came, and whose it is.
    source: Mapping[str, Any]
    invitation_id: int | None = None
    # None: as long as the link is open.
    expires_at: datetime | None = None
    # A survey that was closed takes no new answers.
    is_closed: bool = False
    one_click: bool = False
    # Of a page for which no other was chosen; empty where nobody was asked in person.
    own_language: str = ""

    def response(self) -> Response | None:
        """The answer that was given before; None: none."""
        if self.response_id is None:
            return None
        return Response.objects.get(pk=self.response_id)

    def refuse_late(self, now: datetime) -> None:
        """Raises InvitationExpired where nothing new is taken any more."""
        is_over = self.expires_at is not None and now >= self.expires_at
        if is_over or (self.is_closed and self.response_id is None):
            raise InvitationExpired


def hold(target: Target, *, now: datetime) -> Held:
    """Under lock until the end of the transaction. Raises InvitationGone.

    A survey that has ended asks no one any more and takes no new answer of those who
    were not asked; whoever was asked before has the time of their invitation."""
    if isinstance(target, ByInvitation):
        return _invitation(sql.lock(target.invitation_id))
    if isinstance(target, ByToken):
        return _token(target.token, now)
    if isinstance(target, ByProgram):
        return _program(target, now)
    return _link(target, now)


def _invitation(locked: sql.LockedInvitation | None) -> Held:
    """With its customer, so that fifty presses at once are one answer."""
    if locked is None or locked.state == InvitationState.REVOKED:
        raise InvitationGone
    return Held(
        survey_id=locked.survey_id,
        version_id=locked.version_id,
        questionnaire=questionnaire_of(locked.version_id),
        response_id=locked.response_id,
        source={
            "invitation_id": locked.id,
            "customer_id": locked.customer_id,
            "country": locked.country,
            "owner_id": locked.owner_id,
            "product_ids": sorted(set(locked.product_ids)),
        },
        invitation_id=locked.id,
        expires_at=locked.expires_at,
        is_closed=locked.survey_state == SurveyState.CLOSED,
        one_click=locked.one_click,
        own_language=best_language(locked.own_language, locked.shop_language or ""),
    )


def _token(token: str, now: datetime) -> Held:
    """Who holds the link is the customer; whose it is was not known until here."""
    token_hash = links.hash_of(token)
    held = _invitation(sql.lock_linked(token_hash, now=now) if token_hash else None)
    if held.questionnaire != NPS:
        raise InvitationGone
    audit.set_actor(audit.customer(held.source["customer_id"]))
    return held


def _link(target: ByLink, now: datetime) -> Held:
    """The lock is on the respondent: many answer by one link at the same time."""
    with connection.cursor() as cursor:
        key = f"respondent:{target.respondent}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    link = ShareLink.objects.select_related("survey").filter(pk=target.link_id).first()
    if link is None or link.survey.live_version_id is None:
        raise InvitationGone
    response = Response.objects.filter(link=link, respondent=target.respondent).first()
    version_id = response.survey_version_id if response else link.survey.live_version_id
    return Held(
        survey_id=link.survey_id,
        version_id=version_id,
        questionnaire=questionnaire_of(version_id),
        response_id=response.pk if response else None,
        source={
            "channel": Channel.LINK.value,
            "link_id": link.pk,
            "respondent": target.respondent,
            "declared": _allowed(link, target.declared),
        },
        expires_at=link.closes_at,
        is_closed=response is None
        and (not link.is_open or bool(limits.over([link.survey_id], now=now))),
    )


def _program(target: ByProgram, now: datetime) -> Held:
    """Each time a new answer: what a program sends twice is once by its own key."""
    survey = Survey.objects.get(pk=target.survey_id)
    if survey.live_version_id is None:
        raise InvitationGone
    source: dict[str, Any] = {"channel": Channel.API.value}
    if target.customer_id is not None:
        customer = (
            Customer.objects.select_for_update(no_key=True)
            .filter(pk=target.customer_id, merged_into=None, erased_at=None)
            .first()
        )
        if customer is None:
            raise InvitationGone
        source |= {
            "customer_id": customer.pk,
            "country": customer.country,
            "owner_id": customer.owner_id,
        }
    return Held(
        survey_id=survey.pk,
        version_id=survey.live_version_id,
        questionnaire=questionnaire_of(survey.live_version_id),
        response_id=None,
        source=source,
        is_closed=bool(limits.over([survey.pk], now=now)),
    )


def _allowed(link: ShareLink, declared: Mapping[str, str]) -> dict[str, str]:
    """Names and values that staff listed for this link; whatever else is dropped."""
    return {
        name: value
        for name, value in declared.items()
        if value in link.declared.get(name, [])
    }
