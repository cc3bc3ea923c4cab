"""Thanks for time: milestones, and years since the first order."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy, ngettext, override

from crm.rules.choices import LeapDay
from loyalty import words
from loyalty.kinds.greeting import Greeting, leap_day, words_of
from loyalty.rules import yearly
from loyalty.rules.anniversary import years_on
from loyalty.rules.yearly import Occasion, milestone_words
from loyalty.services import one_a_day
from loyalty.sql import yearly as sql
from loyalty.sql.yearly import Began
from messaging.kinds import Due, Group, MailContext, Reason, StartingPoint, Window
from messaging.models import Automation, Message
from web import formats

_ = gettext_lazy

Days = Callable[[date, date, LeapDay], list[Occasion]]
SAMPLE_YEARS = 5


class Thanks(Greeting):
    """Of several thanks for one day, the first of `one_a_day.THANKS` goes."""

    def thanked(
        self, automation: Automation, window: Window, began: Began, days: Days
    ) -> Due:
        """Live customers who began on one of the days that are thanked for in the
        window; one row each, because the days never span more than a year."""
        shift = timedelta(days=automation.offset_days)
        return sql.due(
            began,
            days(window.first_on - shift, window.last_on - shift, leap_day()),
            shift,
            unless=one_a_day.before(self.name),
        )

    def planned(self, ids: Sequence[int], now: datetime) -> None:
        one_a_day.give_way(self.name, ids, now=now)

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        return one_a_day.over(messages) | super().no_longer_due(messages, now)


class Milestone(Thanks):
    """Each milestone once in a life, whatever happens to the day in between."""

    name = "milestone"
    label = _("Milestones as a customer")
    summary = _(
        "Thanks everybody after 100 days and after 5, 10 and 20 years as a customer. "
        "On that day it goes instead of the anniversary."
    )
    occasion = _("the milestone")
    starting_points = (
        StartingPoint(
            name="milestone",
            group=Group.THANK,
            label=_("Thanks for a round number of years"),
            summary=_("Thanks after 100 days and after 5, 10 and 20 years."),
            suits=_("Beside the anniversary, which it takes the place of on that day."),
            goes=_("In the morning of the day, four times in twenty years."),
        ),
    )
    wording = words_of(
        _("{time} with us"),
        _("You have been with {shop} for {time} now. Thank you for staying with us."),
        _("There is nothing to do and nothing to buy. We wanted you to know."),
        *("time", "day", "since"),
    )
    sample_words: ClassVar[dict[str, str]] = {
        "time": "5 years",
        "day": "12 May 2026",
        "since": "12 May 2021",
    }

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return self.thanked(automation, window, Began.SINCE, yearly.milestones)

    def context(self, message: Message, on: date) -> MailContext:
        return self.reached(message.occurrence, _since(message), on)

    def reached(self, occurrence: str, since: date, on: date) -> MailContext:
        """The mail about "5y" or "100d"."""
        return MailContext(
            words={
                "time": _time(occurrence),
                "day": formats.full_day(on),
                "since": formats.full_day(since),
            },
            footer_reason=gettext(
                "You get this mail on a few days of many years, because you are a "
                "customer of ours."
            ),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("A customer for %(time)s on %(day)s.")
        return {
            message.pk: text
            % {"time": _time(message.occurrence), "day": day_of(message)}
            for message in messages
        }

    def sample(self, language: str, now: datetime) -> MailContext:
        on = _sample_day(now)
        with override(language):
            return self.reached("5y", on.replace(year=on.year - SAMPLE_YEARS), on)


class FirstOrder(Thanks):
    """Whole years since the first order, once for each calendar year."""

    name = "first_order"
    label = _("Anniversary of the first order")
    summary = _(
        "Thanks everybody on the day of their first order, each year. Where the "
        "anniversary as a customer is the same day, that mail goes alone."
    )
    occasion = _("the day of the first order")
    starting_points = (
        StartingPoint(
            name="first_order",
            group=Group.THANK,
            label=_("Thanks on the day of the first order"),
            summary=_("Thanks people each year on the day they first ordered."),
            suits=_("Shops that know their orders better than since when people came."),
            goes=_("In the morning of the day, once a year."),
        ),
    )
    wording = words_of(
        _("{years} since your first order"),
        _(
            "{years} ago, on {since}, you ordered from {shop} for the first time. "
            "Thank you for coming back."
        ),
        _("There is nothing to do and nothing to buy. We wanted you to know."),
        *("years", "day", "since"),
    )
    sample_words: ClassVar[dict[str, str]] = {
        "years": "5 years",
        "day": "12 May 2026",
        "since": "12 May 2021",
    }

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return self.thanked(automation, window, Began.FIRST_ORDER, yearly.whole_years)

    def context(self, message: Message, on: date) -> MailContext:
        return self.remembered(_since(message), on)

    def remembered(self, since: date, on: date) -> MailContext:
        """The mail about a first order of that day."""
        return MailContext(
            words={
                "years": words.years(years_on(since, on)),
                "day": formats.full_day(on),
                "since": formats.full_day(since),
            },
            footer_reason=gettext(
                "You get this mail once a year because you are a customer of ours."
            ),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {message.pk: _first_order_explained(message) for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        on = _sample_day(now)
        with override(language):
            return self.remembered(on.replace(year=on.year - SAMPLE_YEARS), on)


def day_of(message: Message) -> str:
    """The day that the mail is about, in the active language."""
    return formats.full_day(date.fromisoformat(message.why["on"]))


def _since(message: Message) -> date:
    return date.fromisoformat(message.why["since"])


def _sample_day(now: datetime) -> date:
    return now.date().replace(day=min(now.day, 28))


def _time(occurrence: str) -> str:
    number, is_years = milestone_words(occurrence)
    return words.years(number) if is_years else words.span(number)


def _first_order_explained(message: Message) -> str:
    on = date.fromisoformat(message.why["on"])
    years = years_on(_since(message), on)
    return ngettext(
        "First order %(n)s year before %(day)s.",
        "First order %(n)s years before %(day)s.",
        years,
    ) % {"n": years, "day": formats.full_day(on)}
