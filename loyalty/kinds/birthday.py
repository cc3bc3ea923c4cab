"""A greeting on somebody's birthday, if they agreed to that."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext, gettext_lazy

from loyalty.kinds.greeting import Greeting, leap_day, words_of
from loyalty.kinds.thanks import day_of
from loyalty.rules.anniversary import falls
from loyalty.services import occasions
from loyalty.sql import yearly as sql
from messaging.kinds import Due, Group, Reason, StartingPoint, Window
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from messaging.services import consent

_ = gettext_lazy
NO_YES = "no_consent"


class Birthday(Greeting):
    """Nobody is greeted without a yes of their own: a day that stands in the record
    came from somewhere else and for something else. No year is needed, and no age is
    ever said."""

    name = "birthday"
    label = _("Birthday")
    summary = _(
        "Good wishes on the birthday of whoever told it and said yes to greetings. "
        "Told less than 30 days before, it waits for the next year."
    )
    occasion = _("the birthday")
    starting_points = (
        StartingPoint(
            name="birthday",
            group=Group.OCCASION,
            label=_("Good wishes on the birthday"),
            summary=_("Good wishes, and no word about the age. Nothing to buy."),
            suits=_("Whoever told you their birthday and said yes to greetings."),
            goes=_("In the morning of the day, once a year, also on a day off."),
        ),
    )
    category = Category.BIRTHDAY
    # Good wishes are for the day itself, be it a Sunday.
    rests = False
    wording = words_of(
        _("Happy birthday!"),
        _("All of us at {shop} wish you a happy birthday and a good year."),
        _("There is nothing to do and nothing to buy. Have a good day."),
        "day",
    )
    sample_words = {"day": "12 May 2026"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        shift = timedelta(days=automation.offset_days)
        days = falls(window.first_on - shift, window.last_on - shift, leap_day())
        return sql.birthdays(
            [(day.key, day.on, occasions.told_by(day.on)) for day in days], shift
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """With an offer in it the mail is marketing, and the yes to greetings counts
        beside the one to offers."""
        others = [m for m in messages if m.category != Category.BIRTHDAY.value]
        states = consent.states({message.person_id for message in others})
        refused = {
            message.pk: Reason(NO_YES)
            for message in others
            if not states[message.person_id][Category.BIRTHDAY].allowed
        }
        return refused | super().no_longer_due(messages, now)

    def footer(self) -> str:
        return gettext(
            "You get this greeting because you told us your birthday and said yes to "
            "it."
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("Birthday on %(day)s.")
        return {message.pk: text % {"day": day_of(message)} for message in messages}
