"""Every customer is asked once in so many days, spread so that each day has a few."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import CharField, DateField, F, Func, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.kinds import (
    Group,
    StartingPoint,
    Window,
    WordingField,
)
from messaging.models import Automation, Message
from surveys.kinds import wordings
from surveys.kinds.asking import AsksSurvey, asking_of
from surveys.models import ScheduledAsk
from surveys.services import schedule


class SurveyRegularly(AsksSurvey):
    """Asks each customer on their scheduled days (`ScheduledAsk`)."""

    name = "survey_regularly"
    former_names = frozenset({"nps_relationship"})
    label = gettext_lazy("A survey now and then")
    summary = gettext_lazy(
        "Asks every customer once in a while how likely they are to recommend us."
    )
    template = "emails/surveys/ask"
    occasion = gettext_lazy("the day it is their turn")
    starting_points = (
        StartingPoint(
            name="regularly",
            group=Group.ASK,
            label=gettext_lazy("Would they recommend us, now and then"),
            summary=gettext_lazy("One question to every customer once in a while."),
            suits=gettext_lazy("Every shop: it shows how you are doing over time."),
            goes=gettext_lazy("Spread over the year, so that each day has a few."),
        ),
    )
    wording: ClassVar[tuple[WordingField, ...]] = (
        WordingField(
            "subject",
            gettext_lazy("Subject"),
            gettext_lazy("Would you recommend {shop} to a friend?"),
            placeholders=("first_name", "shop"),
        ),
        WordingField(
            "intro",
            gettext_lazy("First words"),
            gettext_lazy(
                "you have been with us for a while, and we would like to know how we "
                "are doing. One question, about 20 seconds:"
            ),
            placeholders=("first_name", "shop"),
            long=True,
        ),
    )

    def refresh(self, automation: Automation, now: datetime) -> None:
        super().refresh(automation, now)
        schedule.bring_up_to_date(
            asking_of(automation),
            automation=automation,
            prefix=self.occurrence_prefix(automation),
            now=now,
        )

    def asked(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any]:
        asking = asking_of(automation)
        shift = timedelta(days=automation.offset_days)
        return (
            ScheduledAsk.objects.filter(
                asking=asking,
                next_on__range=(window.first_on - shift, window.last_on - shift),
            )
            .annotate(
                occurrence=_iso_day(F("next_on")),
                due_on=Func(
                    F("next_on"),
                    Value(automation.offset_days),
                    template="(%(expressions)s)",
                    arg_joiner=" + ",
                    output_field=DateField(),
                ),
                # The name in stored messages and in the API.
                why=JSONObject(turn=F("id"), every_days=Value(asking.every_days)),
            )
            .values("customer_id", "occurrence", "due_on", "why")
        )

    def words_for(self, survey_kind: str) -> Mapping[str, Promise]:
        return wordings.instead(survey_kind, wordings.NOW_AND_THEN)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {
            message.pk: _("Their turn in the survey, once in %(days)s days")
            % {"days": message.why.get("every_days", "?")}
            for message in messages
        }


def _iso_day(day: F) -> Func:
    """The day as text, the same whatever DateStyle the database uses."""
    return Func(day, Value("YYYY-MM-DD"), function="to_char", output_field=CharField())
