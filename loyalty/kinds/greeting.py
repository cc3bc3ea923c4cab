"""What all mails have in common that greet somebody on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors as crm
from crm.rules.choices import LeapDay
from loyalty.services import occasions
from messaging.kinds import Kind, MailContext, Reason, WordingField
from messaging.models import Message
from messaging.rules.choices import Category
from web import formats

_ = gettext_lazy

SUBJECT, TEXT, CLOSING = _("Subject"), _("Text"), _("Closing words")


def words_of(
    subject: object, text: object, closing: object, *placeholders: str
) -> tuple[WordingField, ...]:
    """The three texts of a greeting with their defaults (lazy)."""
    names = (*placeholders, "first_name", "shop")
    return (
        WordingField("subject", SUBJECT, subject, names),
        WordingField("text", TEXT, text, names, long=True),
        WordingField("closing", CLOSING, closing, names, long=True),
    )


class Greeting(Kind):
    """Once for each calendar year, whatever happens to the day in between."""

    category = Category.LOYALTY
    # Each shop has its own occasions: begun from the gallery.
    has_one_always = False
    template = "emails/loyalty/greeting"
    # The day cannot wait, so it wins over surveys; after three days it is no longer it.
    priority = 30
    life_days = 3
    send_hour = 9
    offset_days = 0
    # True: the day is one of the customer's, and may change after it was planned.
    has_own_day: ClassVar[bool] = True

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """The date changed after it was planned: its key is free for the new day."""
        if not self.has_own_day:
            return {}
        stale = occasions.with_another_day(messages)
        return {pk: Reason(occasions.DATE_CHANGED) for pk in stale}

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop = crm.business()
        found: dict[int, MailContext] = {}
        for message in messages:
            with override(message.language or shop.language):
                found[message.pk] = self.context(
                    message, date.fromisoformat(message.why["on"])
                )
        return found

    def context(self, message: Message, on: date) -> MailContext:
        """What the mail needs, in the language that is active."""
        return self.greeted(on)

    def greeted(self, on: date) -> MailContext:
        """The mail of a day that needs no more than the day."""
        return MailContext(
            words={"day": formats.full_day(on)}, footer_reason=self.footer()
        )

    def footer(self) -> str:
        """Why they get it, in the language that is active."""
        return gettext("You get this greeting because you are a customer of ours.")

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            return self.greeted(now.date())


def leap_day() -> LeapDay:
    """Where the shop keeps 29 February."""
    return LeapDay(crm.business().leap_day)
