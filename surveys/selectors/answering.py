"""What the customer's own page shows."""

from dataclasses import dataclass
from datetime import datetime

from crm.models import Customer, Order
from crm.sql.prepared import instance
from messaging.rules import tokens
from messaging.services.links import token_hash
from surveys.choices import ResponseState
from surveys.models import Invitation, Response, Survey
from surveys.sql import answering as sql


@dataclass(frozen=True)
class AnswerPage:
    """`answer` is the confirmed one, if any; a provisional score only preselects."""

    invitation: Invitation
    products: list[str]
    answer: Response | None
    provisional: Response | None
    is_changeable: bool
    # Who reads the answer, by name where the customer has somebody.
    reader: str
    shop: str
    house_language: str

    @property
    def is_answered(self) -> bool:
        return self.answer is not None

    @property
    def known_score(self) -> int | None:
        known = self.answer or self.provisional
        return known.score if known else None

    @property
    def known_comment(self) -> str:
        return self.answer.comment if self.answer else ""

    @property
    def takes_presses(self) -> bool:
        """Whether a score pressed in the mail is kept before it is confirmed."""
        return self.invitation.survey.one_click and not self.is_answered


def open_page(token: str, *, now: datetime) -> AnswerPage | None:
    """What the holder of this link may still see: to answer, or to look again.

    None for every other link: forged, expired, revoked, of a merged or erased customer.
    """
    tidy = tokens.random_token(token)
    found = sql.open_page(token_hash=token_hash(tidy), now=now) if tidy else None
    return _page(found, now) if found else None


def _page(found: sql.Opened, now: datetime) -> AnswerPage:
    response = _response(found)
    confirmed = response is not None and response.state == ResponseState.CONFIRMED
    return AnswerPage(
        invitation=_invitation(found),
        products=list(dict.fromkeys(found.products)),
        answer=response if confirmed else None,
        provisional=None if confirmed else response,
        is_changeable=bool(confirmed and response and now < response.changeable_until),
        reader=found.owner_name,
        shop=found.shop_name,
        house_language=found.shop_language,
    )


def _invitation(found: sql.Opened) -> Invitation:
    invitation = instance(
        Invitation,
        id=found.invitation_id,
        survey_id=found.invitation_survey_id,
        customer_id=found.invitation_customer_id,
        order_id=found.invitation_order_id,
        state=found.invitation_state,
        expires_at=found.invitation_expires_at,
    )
    invitation.survey = instance(
        Survey,
        id=found.invitation_survey_id,
        trigger=found.survey_trigger,
        every_days=found.survey_every_days,
        one_click=found.survey_one_click,
    )
    invitation.customer = instance(
        Customer, id=found.invitation_customer_id, language=found.customer_language
    )
    if found.invitation_order_id is not None:
        invitation.order = instance(
            Order,
            id=found.invitation_order_id,
            number=found.order_number,
            ordered_on=found.order_ordered_on,
            delivered_on=found.order_delivered_on,
        )
    return invitation


def _response(found: sql.Opened) -> Response | None:
    if found.response_state is None:
        return None
    return instance(
        Response,
        id=found.response_id,
        score=found.response_score,
        comment=found.response_comment,
        language=found.response_language,
        state=found.response_state,
        changeable_until=found.response_changeable_until,
    )
