"""What the customer's own page shows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from messaging.public_language import best_language
from messaging.services import links
from surveys.choices import InvitationState, ResponseState
from surveys.rules.questionnaire import Questionnaire
from surveys.services.versions import questionnaire_of
from surveys.sql import answering as sql


@dataclass(frozen=True)
class AnswerPage:
    """An invitation, with what the page shows of its survey, customer and answer."""

    now: datetime
    # The language asked for, one of ours, or empty.
    wanted: str

    invitation_id: int
    customer_id: int
    survey_id: int
    invitation_state: str
    # When they declined, or None.
    declined_at: datetime | None
    kind: str
    # Whether a score that is pressed in the mail is sent at once.
    one_click: bool
    # For so many days nothing asks those who declined.
    rest_days: int
    # The questions as they stood when the answer was begun, or as they stand now.
    version_id: int
    own_language: str
    greeting_name: str
    shop: str
    shop_language: str
    # Of the answer, each None where there is none.
    response_id: int | None
    state: str | None
    score: int | None
    comment: str | None
    answered_in: str | None
    changeable_until: datetime | None
    # Where it was read already.
    known_about: sql.About | None = None

    @cached_property
    def about(self) -> sql.About:
        """What the page shows besides: asked only where one is shown."""
        return self.known_about or sql.about(self.invitation_id)

    @cached_property
    def language(self) -> str:
        """The language the page is in."""
        return best_language(self.wanted, self.own_language, self.shop_language)

    @property
    def questionnaire(self) -> Questionnaire:
        """The questions of the version that was asked."""
        return questionnaire_of(self.version_id)

    @property
    def is_answered(self) -> bool:
        """Else `score` may be a provisional one, which only preselects. Whether it is
        left out of figures is no matter of the customer's."""
        return self.state in (ResponseState.CONFIRMED, ResponseState.LEFT_OUT)

    @property
    def is_changeable(self) -> bool:
        """Whether the answer may still be changed."""
        until = self.changeable_until
        return until is not None and self.is_answered and self.now < until

    @property
    def known_comment(self) -> str:
        """The comment that was sent before; empty: none."""
        return (self.comment or "") if self.is_answered else ""

    @property
    def may_decline(self) -> bool:
        """Whether there is still something to say no to."""
        return self.invitation_state == InvitationState.OPEN and not self.is_answered

    @property
    def rests_until(self) -> date | None:
        """Before which day it does not ask those who declined; None: they did not."""
        return self._rested_since(self.declined_at) if self.declined_at else None

    @property
    def would_rest_until(self) -> date:
        """The same for whoever says no now."""
        return self._rested_since(self.now)

    def _rested_since(self, moment: datetime) -> date:
        return moment.date() + timedelta(days=self.rest_days)

    @property
    def takes_presses(self) -> bool:
        """Whether a score pressed in the mail is kept before it is confirmed."""
        return self.one_click and not self.is_answered


def open_page(
    token: str, *, wanted: str, now: datetime, whole: bool = True
) -> AnswerPage | None:
    """What the holder of this link may still see: to answer, or to look again.

    None for every other link: forged, expired, revoked, of a merged or erased customer.
    `wanted` is the language they asked for, one of ours, or empty. `whole`: a page will
    be shown, so that what it is about is read with it.
    """
    token_hash = links.hash_of(token)
    found = token_hash and sql.open_page(token_hash, whole=whole, now=now)
    if not found:
        return None
    page, about = found
    return AnswerPage(now=now, wanted=wanted, known_about=about, **page)
