"""Mails that count from the day on which somebody became a customer: a welcome in
several steps, and a question a year later."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors as crm
from loyalty.services.occasions import DATE_CHANGED
from loyalty.sql import beginnings as sql
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


class Beginning(Kind):
    """Once for each customer, so many days after "customer since", which is their first
    order where nothing else was chosen."""

    category = Category.LOYALTY
    has_one_always = False
    template = "emails/messaging/words"
    reentry = Reentry.NEVER
    occasion = _("the day they became a customer")

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.due(
            window.first_on, window.last_on, timedelta(days=automation.offset_days)
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """The date changed after it was planned: its key is free for the new day."""
        return {
            message.pk: Reason(DATE_CHANGED)
            for message in messages
            if _iso(message.person.since_on) != message.why["since"]
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
            message.pk: gettext("Customer since %(day)s.")
            % {"day": formats.full_day(date.fromisoformat(message.why["since"]))}
            for message in messages
        }

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            return MailContext(footer_reason=self.following_reason())


class Welcome(Beginning):
    """Three mails after the first order."""

    name = "welcome"
    label = _("Welcome series")
    summary = _(
        "Three mails to new customers: who you are, how it goes, and that you are "
        "there."
    )
    priority = 35
    life_days = 5
    offset_days = 1
    starting_points = (
        StartingPoint(
            name="welcome",
            group=Group.WELCOME,
            label=_("Welcome series"),
            summary=_("Three mails in two weeks; nothing is offered."),
            suits=_("Everybody who has just become a customer."),
            goes=_("The day after, 4 days later, and 10 days after that."),
        ),
    )
    wording = plain_mail(
        subject=_("Welcome to {shop}"),
        heading=_("Good to have you with us"),
        text=_(
            "You have just become a customer of ours, and we should like you to know "
            "us: people who read every word you write. If anything about your order is "
            "not as it should be, tell us, and we put it right."
        ),
    )
    following: ClassVar[tuple[FollowingStep, ...]] = (
        FollowingStep(
            wait_days=4,
            stop_on=(StopRule.WROTE,),
            wording=plain_mail(
                subject=_("{first_name}, how is it going?"),
                heading=_("How is it going so far?"),
                text=_(
                    "By now you will have tried what you bought. Do you get on with "
                    "it? Tell us what is good, what is missing, and what we could "
                    "explain better."
                ),
            ),
        ),
        FollowingStep(
            wait_days=10,
            stop_on=(StopRule.BOUGHT, StopRule.WROTE),
            wording=plain_mail(
                subject=_("We are here when you need us"),
                heading=_("We are here when you need us"),
                text=_(
                    "This is the last mail of our welcome, and there is nothing to do. "
                    "If you look for something and do not find it, or do not know what "
                    "suits you, ask us: we gladly help you choose."
                ),
            ),
        ),
    )


class OneYearLater(Beginning):
    """One mail a year after they became a customer."""

    name = "one_year_later"
    label = _("One year later")
    summary = _("Asks customers after their first year how it was, in their own words.")
    priority = 45
    life_days = 14
    offset_days = 365
    starting_points = (
        StartingPoint(
            name="one_year_later",
            group=Group.ASK,
            label=_("How was the first year?"),
            summary=_("One question after a year, and a person reads the answer."),
            suits=_("Shops that answer mail themselves."),
            goes=_("Once, a year after they became a customer."),
        ),
    )
    wording = plain_mail(
        subject=_("A year with {shop}: how was it?"),
        heading=_("How was your first year with us?"),
        text=_(
            "A year ago you became a customer of ours. We should like to hear from you "
            "in your own words: what kept you with us, and what should we do better? "
            "Answer in one sentence or in ten; a person reads it and writes back."
        ),
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
