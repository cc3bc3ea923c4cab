"""We have not seen you: three mails at most to who has been silent for long."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors as crm
from loyalty.services import next_purchases
from loyalty.services.reorders import REORDERED
from loyalty.sql import silences as sql
from messaging.kinds import (
    Due,
    FollowingStep,
    Group,
    Kind,
    MailContext,
    Reason,
    StartingPoint,
    Window,
    plain_mail,
)
from messaging.models import Automation, Message
from messaging.rules.choices import Category, Reentry, StopRule
from web import formats

_ = gettext_lazy

REFRESH_SECONDS = 30
WROTE = "stopped_wrote"
_RETURNED = (StopRule.BOUGHT, StopRule.WROTE)


class WinBack(Kind):
    """Once for each silence, which begins with the last order."""

    name = "win_back"
    label = _("We have not seen you")
    summary = _(
        "Asks customers back who have not ordered for twice their usual time, and for "
        "90 days at least. It stops when they write or buy."
    )
    category = Category.MARKETING
    has_one_always = False
    template = "emails/messaging/words"
    priority = 60
    life_days = 14
    reentry = Reentry.PER_OCCURRENCE
    occasion = _("the day on which their silence becomes long")
    starting_points = (
        StartingPoint(
            name="win_back",
            group=Group.REMIND,
            label=_("We have not seen you"),
            summary=_("Three mails at most; the last asks why, and offers nothing."),
            suits=_("Shops whose customers come back again and again."),
            goes=_(
                "When they have been silent for twice their usual time, and for 90 "
                "days at least; then after 14 and 21 days."
            ),
        ),
    )
    wording = plain_mail(
        subject=_("{first_name}, we have not seen you for a while"),
        heading=_("We have not seen you for a while"),
        text=_(
            "It has been some time since your last order, and we notice when somebody "
            "is missing. If there is anything that you need, we are here."
        ),
    )
    most_steps = 3
    may_end_with_offer = False
    following: ClassVar[tuple[FollowingStep, ...]] = (
        FollowingStep(
            wait_days=14,
            stop_on=_RETURNED,
            wording=plain_mail(
                subject=_("Can we help you find something?"),
                heading=_("Can we help you find something?"),
                text=_(
                    "Tell us what you look for, and a person answers with what suits "
                    "you. An answer to this mail is enough."
                ),
            ),
        ),
        FollowingStep(
            wait_days=21,
            stop_on=_RETURNED,
            wording=plain_mail(
                subject=_("One question before we leave you in peace"),
                heading=_("What kept you away?"),
                text=_(
                    "This is the last mail of this kind. If something was not good, or "
                    "you simply do not need us any more, one sentence would help us "
                    "to do better. A person reads it."
                ),
            ),
        ),
    )

    def refresh(self, automation: Automation, now: datetime) -> None:
        next_purchases.process_pending(now=now, seconds=REFRESH_SECONDS)

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.due(
            window.first_on, window.last_on, offset_days=automation.offset_days
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """They ordered since, whatever the upkeep knows of it yet; or wrote before the
        first mail went. Of later ones the step says what stops them."""
        spoke = sql.who_spoke([message.pk for message in messages if message.step == 1])
        return {pk: Reason(WROTE) for pk in spoke} | {
            message.pk: Reason(REORDERED)
            for message in messages
            if _last(message.person.last_order_on) > message.why["last"]
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop = crm.business().language
        found: dict[int, MailContext] = {}
        for message in messages:
            with override(message.language or shop):
                found[message.pk] = MailContext(footer_reason=self.following_reason())
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {
            message.pk: gettext(
                "Last ordered on %(day)s, and usually every %(gap)s days."
            )
            % {
                "day": formats.full_day(date.fromisoformat(message.why["last"])),
                "gap": formats.number(message.why["gap"]),
            }
            for message in messages
        }

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            return MailContext(footer_reason=self.following_reason())


def _last(day: date | None) -> str:
    return day.isoformat() if day else ""
