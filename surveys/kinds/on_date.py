"""On one day of the year, to everybody in the audience."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import CharField, DateField, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import selectors as crm
from crm.models import Customer
from crm.rules import dates
from crm.rules.choices import LeapDay
from messaging.kinds import Group, StartingPoint, Window
from messaging.models import Automation, Message
from surveys.forms.asking import OnDateForm
from surveys.kinds.asking import AsksSurvey
from surveys.kinds.wordings import general
from web import formats

_LEAP_YEAR = 2024


class SurveyOnDate(AsksSurvey):
    """Once a year for each automation, so that the same day moved within a year asks
    nobody twice."""

    name = "survey_on_date"
    label = gettext_lazy("A survey on a date")
    summary = gettext_lazy("Asks everybody in the audience on one day of the year.")
    template = "emails/surveys/ask"
    has_one_always = False
    # Another date is another survey, for the same people.
    stands_alone = True
    priority = 62
    is_to_everybody = True
    # The minutes between two ticks change little of that.
    look_holds_for = timedelta(hours=1)
    occasion = gettext_lazy("its date")
    params_form = OnDateForm
    default_params: ClassVar[dict[str, Any]] = {"month": "3", "day": "1"}
    starting_points = (
        StartingPoint(
            name="on_date",
            group=Group.ASK,
            label=gettext_lazy("A survey once a year"),
            summary=gettext_lazy("The same questions each year, on the same date."),
            suits=gettext_lazy("Shops that compare one year with the next."),
            goes=gettext_lazy("On the date that you choose."),
        ),
    )
    wording = general(
        subject=gettext_lazy("How was your year with {shop}?"),
        intro=gettext_lazy(
            "once a year we ask how we are doing. Your answer takes less than a minute:"
        ),
    )

    def asked(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any]:
        found = list(_days(automation, window))
        if not found:
            return Customer.objects.none()
        # A window has at most 60 days behind it and 61 ahead: one day of a date.
        day = found[-1]
        return Customer.objects.annotate(
            occurrence=Value(str(day.year), output_field=CharField()),
            due_on=Value(
                day + timedelta(days=automation.offset_days),
                output_field=DateField(),
            ),
            why=JSONObject(year=Value(day.year)),
        ).values("id", "occurrence", "due_on", "why")

    def due_to_all(self, automation: Automation, window: Window) -> dict[str, date]:
        shift = timedelta(days=automation.offset_days)
        days = list(_days(automation, window))[-1:]
        return {str(day.year): day + shift for day in days}

    def params_in_words(self, automation: Automation) -> str:
        # Of a leap year: 29 February is shown as it was chosen.
        day = _date(automation, _LEAP_YEAR)
        return _("%(survey)s, each year on %(day)s") % {
            "survey": super().params_in_words(automation),
            "day": formats.day(day, day),
        }

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {
            message.pk: _("It is the survey of %(year)s")
            % {"year": message.why.get("year", "?")}
            for message in messages
        }


def _days(automation: Automation, window: Window) -> Iterator[date]:
    """Its days that fall due in the window."""
    shift = timedelta(days=automation.offset_days)
    for year in range(window.first_on.year - 1, window.last_on.year + 2):
        day = _date(automation, year)
        if window.first_on <= day + shift <= window.last_on:
            yield day


def _date(automation: Automation, year: int) -> date:
    month, day = (int(automation.params.get(name) or 1) for name in ("month", "day"))
    return dates.yearly(month, day, year, LeapDay(crm.business().leap_day))
