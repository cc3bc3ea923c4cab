"""A greeting on the name day of somebody's given name."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext, gettext_lazy

from loyalty.forms.occasions import EACH, FIRST, NameDayForm
from loyalty.kinds.greeting import Greeting, words_of
from loyalty.kinds.thanks import day_of
from loyalty.selectors import name_days as selectors
from loyalty.services import occasions
from loyalty.sql import name_days as sql
from messaging.kinds import Due, Group, Reason, StartingPoint, Window
from messaging.models import Automation, Message

_ = gettext_lazy


class NameDay(Greeting):
    """Once a year for a name, also where it stands on several days. Anyone who has
    several given names is greeted for the first that has a day, or for each, as staff
    choose."""

    name = "name_day"
    label = _("Name day")
    summary = _(
        "Good wishes on the name day of the given name, by the calendars in the "
        "settings."
    )
    occasion = _("the name day")
    starting_points = (
        StartingPoint(
            name="name_day",
            group=Group.OCCASION,
            label=_("Good wishes on the name day"),
            summary=_("Good wishes by the calendars in the settings. Nothing to buy."),
            suits=_("Countries where name days are kept, such as Latvia or Czechia."),
            goes=_("In the morning of the day, also on a day off."),
        ),
    )
    # Good wishes are for the day itself, be it a Sunday.
    rests = False
    wording = words_of(
        _("Happy name day!"),
        _("All of us at {shop} wish you a happy name day."),
        _("There is nothing to do and nothing to buy. Have a good day."),
        "day",
    )
    sample_words = {"day": "24 June 2026"}
    default_params = {"names": FIRST}
    params_form = NameDayForm

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        shift = timedelta(days=automation.offset_days)
        first_on, last_on = window.first_on - shift, window.last_on - shift
        return sql.due(
            selectors.days_between(first_on, last_on),
            shift,
            each=automation.params.get("names") == EACH,
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """Nor for a further name, once staff chose the first alone."""
        further = {
            message.pk: message.automation_id
            for message in messages
            if ":" in message.occurrence and message.automation_id
        }
        rows = Automation.objects.filter(pk__in=set(further.values()))
        alone = {row.pk for row in rows if row.params.get("names") != EACH}
        return super().no_longer_due(messages, now) | {
            pk: Reason(occasions.DATE_CHANGED)
            for pk, automation in further.items()
            if automation in alone
        }

    def params_in_words(self, automation: Automation) -> str:
        if automation.params.get("names") == EACH:
            return gettext("the day of each given name")
        return gettext("the day of the given name, of several the first that has one")

    def footer(self) -> str:
        return gettext(
            "You get this greeting once a year because you are a customer of ours."
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("Name day on %(day)s.")
        return {message.pk: text % {"day": day_of(message)} for message in messages}
