"""Thanks on the anniversary of "customer since"."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy, ngettext, override

from crm import selectors as crm
from crm.rules.choices import LeapDay
from loyalty import words as words_in_language
from loyalty.kinds.thanks import Thanks
from loyalty.rules import yearly
from loyalty.rules.anniversary import anniversary, years_on
from loyalty.selectors import anniversaries as selectors
from loyalty.sql.yearly import Began
from messaging.kinds import (
    Due,
    Group,
    MailContext,
    StartingPoint,
    Window,
    WordingField,
)
from messaging.models import Automation, Message
from web import formats

_ = gettext_lazy

SAMPLE_YEARS = 6


class Anniversary(Thanks):
    """Once for each calendar year, whatever happens to the date in between."""

    name = "anniversary"
    has_one_always = True
    label = _("Anniversary")
    summary = _(
        "Thanks everybody on the day they have been a customer for whole years."
    )
    template = "emails/loyalty/anniversary"
    occasion = _("the anniversary")
    starting_points = (
        StartingPoint(
            name="anniversary",
            group=Group.THANK,
            label=_("Thanks on the anniversary"),
            summary=_("Thanks people for each whole year with you. Nothing to buy."),
            suits=_("Everybody of whom you know since when they are a customer."),
            goes=_("In the morning of the day, once a year."),
        ),
    )
    wording = (
        WordingField(
            "subject",
            _("Subject"),
            _("Thank you for {years} with us"),
            ("years", "first_name", "shop"),
        ),
        WordingField(
            "thanks",
            _("Thanks"),
            _("For {years} you have come back to {shop}. Thank you."),
            ("years", "day", "since", "first_name", "shop"),
            long=True,
        ),
        WordingField(
            "closing",
            _("Closing words"),
            _("There is nothing to do and nothing to buy. We wanted you to know."),
            ("first_name", "shop"),
            long=True,
        ),
    )
    sample_words: ClassVar[dict[str, str]] = {
        "years": "6 years",
        "day": "12 May 2026",
        "since": "12 May 2020",
    }

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        """The occurrence is the year of the anniversary, also where its mail goes in
        the year before or after."""
        return self.thanked(automation, window, Began.SINCE, yearly.whole_years)

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        products = selectors.first_products({message.person_id for message in messages})
        shop = crm.business()
        found: dict[int, MailContext] = {}
        for message in messages:
            since_on = message.person.since_on
            on = since_on and anniversary(
                since_on, int(message.occurrence), LeapDay(shop.leap_day)
            )
            if since_on and on:
                with override(message.language or shop.language):
                    product = products.get(message.person_id, "")
                    found[message.pk] = _context(since_on, on, product)
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {message.pk: _explained(message) for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        on = now.date().replace(day=min(now.day, 28))
        since_on = on.replace(year=on.year - SAMPLE_YEARS)
        with override(language):
            return _context(since_on, on, gettext("Ethiopia 1 kg"))


def _context(since_on: date, on: date, product: str) -> MailContext:
    years = years_on(since_on, on)
    words = {
        "years": words_in_language.years(years),
        "day": formats.full_day(on),
        "since": formats.full_day(since_on),
    }
    return MailContext(
        values={"years": years, "first_product": product, **_texts(words)},
        words=words,
        footer_reason=gettext(
            "You get this mail once a year because you are a customer of ours."
        ),
    )


def _texts(words: dict[str, str]) -> dict[str, str]:
    return {"anniversary_day": words["day"], "since_day": words["since"]}


def _explained(message: Message) -> str:
    on = date.fromisoformat(message.why["on"])
    years = years_on(date.fromisoformat(message.why["since"]), on)
    return ngettext(
        "Customer for %(n)s year on %(day)s.",
        "Customer for %(n)s years on %(day)s.",
        years,
    ) % {"n": years, "day": formats.full_day(on)}
