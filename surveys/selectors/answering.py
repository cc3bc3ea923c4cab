"""What the customer's own page shows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from crm import selectors as crm
from crm.models import Order
from messaging.errors import LinkGone
from messaging.public_language import best_language
from messaging.rules.choices import Purpose
from messaging.services import links
from surveys.choices import InvitationState, ResponseState
from surveys.models import Invitation, Response
from surveys.selectors.asking import product_names


@dataclass(frozen=True)
class AnswerPage:
    """An invitation, with its survey, customer, order and response read already."""

    invitation: Invitation
    language: str
    shop: str
    now: datetime

    @property
    def customer_id(self) -> int:
        return self.invitation.customer_id

    @property
    def order(self) -> Order | None:
        return self.invitation.order

    @property
    def reader(self) -> str:
        """Who reads the answer, by name where the customer has somebody."""
        owner = self.invitation.customer.owner
        return owner.name if owner else ""

    @cached_property
    def product_names(self) -> list[str]:
        """What was bought, each product once. Only the form names it."""
        order_id = self.invitation.order_id
        return product_names([order_id]).get(order_id, []) if order_id else []

    @property
    def response(self) -> Response | None:
        return getattr(self.invitation, "response", None)

    @property
    def score(self) -> int | None:
        """May be a provisional one, which only preselects: see `is_answered`."""
        return self.response.score if self.response else None

    @property
    def is_answered(self) -> bool:
        response = self.response
        return response is not None and response.state == ResponseState.CONFIRMED

    @property
    def is_changeable(self) -> bool:
        response = self.response
        return (
            response is not None
            and self.is_answered
            and self.now < response.changeable_until
        )

    @property
    def known_comment(self) -> str:
        return self.response.comment if self.response and self.is_answered else ""

    @property
    def takes_presses(self) -> bool:
        """Whether a score pressed in the mail is kept before it is confirmed."""
        return self.invitation.survey.one_click and not self.is_answered


def open_page(token: str, *, wanted: str, now: datetime) -> AnswerPage | None:
    """What the holder of this link may still see: to answer, or to look again.

    None for every other link: forged, expired, revoked, of a merged or erased customer.
    `wanted` is the language they asked for, one of ours, or empty.
    """
    try:
        link = links.open_link(token, purpose=Purpose.SURVEY, now=now)
    except LinkGone:
        return None
    invitation = (
        Invitation.objects.select_related(
            "survey", "customer__owner", "order", "response"
        )
        .filter(pk=link.subject_id)
        .first()
    )
    if invitation is None or not _is_shown(invitation, now):
        return None
    business = crm.business()
    language = best_language(invitation.customer.language, business.language)
    return AnswerPage(invitation, wanted or language, business.name, now)


def _is_shown(invitation: Invitation, now: datetime) -> bool:
    if not invitation.customer.is_live:
        return False
    if invitation.state == InvitationState.ANSWERED:
        return True
    return invitation.state != InvitationState.REVOKED and now < invitation.expires_at
