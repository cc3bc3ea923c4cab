"""Whom another program wants to be asked, over the API."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    Func,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import (
    Cast,
    Concat,
    ExtractHour,
    JSONObject,
    TruncDate,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.kinds import Group, StartingPoint, Window
from messaging.models import Automation, Message
from surveys.kinds.asking import AsksSurvey, asking_of, shop_zone
from surveys.kinds.wordings import general
from surveys.models import AskRequest
from web import formats


class SurveyOnRequest(AsksSurvey):
    """At its next hour, with all the limits that other surveys have."""

    name = "survey_on_request"
    label = gettext_lazy("A survey that other programs ask for")
    summary = gettext_lazy("Asks whom a program names over the API.")
    template = "emails/surveys/ask"
    has_one_always = False
    # Each asks what was asked for of its own survey, and each request is asked once,
    # also where two automations ask the same one.
    stands_alone = True
    occurs_per_automation = False
    priority = 53
    occasion = gettext_lazy("the next hour of sending")
    starting_points = (
        StartingPoint(
            name="on_request",
            group=Group.ASK,
            label=gettext_lazy("Asked by another program"),
            summary=gettext_lazy("A survey to whom your own programs name."),
            suits=gettext_lazy(
                "Shops with a help desk, bookings or repairs in another system."
            ),
            goes=gettext_lazy("At the next hour of sending after they were named."),
        ),
    )
    wording = general(
        subject=gettext_lazy("Will you tell {shop} how it went?"),
        intro=gettext_lazy(
            "we would like to know how it went. It takes less than a minute:"
        ),
    )

    def asked(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any]:
        zone = shop_zone()
        shift = timedelta(days=automation.offset_days)
        # The first moment of sending after it: of today, or of tomorrow.
        wait = Case(
            When(hour__lt=automation.send_hour, then=Value(automation.offset_days)),
            default=Value(automation.offset_days + 1),
        )
        return (
            AskRequest.objects.filter(
                survey=asking_of(automation).survey_id,
                # For the index; the exact day is compared below.
                requested_at__gt=window.after - shift - timedelta(days=3),
                requested_at__lt=window.until - shift + timedelta(days=2),
            )
            .annotate(
                occurrence=Concat(
                    Value("request:"),
                    Cast("id", CharField()),
                    output_field=CharField(),
                ),
                hour=ExtractHour("requested_at", tzinfo=zone),
                due_on=Func(
                    TruncDate("requested_at", tzinfo=zone),
                    wait,
                    template="(%(expressions)s)",
                    arg_joiner=" + ",
                    output_field=DateField(),
                ),
                why=JSONObject(request=F("id")),
            )
            .filter(due_on__gte=window.first_on, due_on__lte=window.last_on)
            .values("customer_id", "occurrence", "due_on", "why")
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        rows = AskRequest.objects.in_bulk(
            {message.why.get("request", 0) for message in messages}
        )
        return {
            message.pk: _explained(rows.get(message.why.get("request", 0)))
            for message in messages
        }


def _explained(row: AskRequest | None) -> str:
    if row is None:
        return _("Another program asked for it")
    return _("Another program asked for it on %(day)s") % {
        "day": formats.day(row.requested_at)
    }
