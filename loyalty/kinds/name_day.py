"""A greeting on the name day of somebody's given name."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext, gettext_lazy

from loyalty.kinds.greeting import Greeting, words_of
from loyalty.kinds.thanks import day_of
from loyalty.selectors import name_days as selectors
from loyalty.sql import name_days as sql
from messaging.kinds import Due, Window
from messaging.models import Automation, Message

_ = gettext_lazy


class NameDay(Greeting):
    """Once a year, also where a name stands on several days."""

    name = "name_day"
    label = _("Name day")
    summary = _(
        "Good wishes on the name day of the given name, by the calendars in the "
        "settings."
    )
    occasion = _("the name day")
    # Good wishes are for the day itself, be it a Sunday.
    rests = False
    wording = words_of(
        _("Happy name day!"),
        _("All of us at {shop} wish you a happy name day."),
        _("There is nothing to do and nothing to buy. Have a good day."),
        "day",
    )
    sample_words = {"day": "24 June 2026"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        shift = timedelta(days=automation.offset_days)
        first_on, last_on = window.first_on - shift, window.last_on - shift
        return sql.due(selectors.days_between(first_on, last_on), shift)

    def footer(self) -> str:
        return gettext(
            "You get this greeting once a year because you are a customer of ours."
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("Name day on %(day)s.")
        return {message.pk: text % {"day": day_of(message)} for message in messages}
