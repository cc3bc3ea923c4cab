"""What the customer's own page shows."""

from dataclasses import dataclass
from datetime import datetime

from surveys.choices import InvitationState, ResponseState
from surveys.models import Invitation, Response
from surveys.selectors.asking import product_names


@dataclass(frozen=True)
class AnswerPage:
    """`answer` is the confirmed one, if any; a provisional score only preselects."""

    invitation: Invitation
    products: list[str]
    answer: Response | None
    provisional: Response | None
    is_changeable: bool

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

    @property
    def reader(self) -> str:
        """Who reads the answer, by name where the customer has somebody."""
        owner = self.invitation.customer.owner
        return owner.name if owner else ""


def invitation_or_none(pk: int, *, now: datetime) -> Invitation | None:
    """An invitation that its holder may still open: to answer, or to look again."""
    invitation = (
        Invitation.objects.select_related("survey", "customer__owner", "order")
        .exclude(state=InvitationState.REVOKED.value)
        .filter(pk=pk, customer__merged_into=None, customer__erased_at=None)
        .first()
    )
    if invitation is None:
        return None
    answered = invitation.state == InvitationState.ANSWERED
    return invitation if answered or now < invitation.expires_at else None


def answer_page(invitation: Invitation, *, now: datetime) -> AnswerPage:
    response = Response.objects.filter(invitation=invitation).first()
    confirmed = response is not None and response.state == ResponseState.CONFIRMED
    order_id = invitation.order_id
    return AnswerPage(
        invitation=invitation,
        products=product_names([order_id]).get(order_id, []) if order_id else [],
        answer=response if confirmed else None,
        provisional=None if confirmed else response,
        is_changeable=bool(confirmed and response and now < response.changeable_until),
    )
