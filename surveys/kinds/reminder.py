"""Those who have not answered are reminded, once or twice as their survey says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import CharField, DateField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, JSONObject, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.kinds import (
    Group,
    MailContext,
    Reason,
    StartingPoint,
    Window,
    WordingField,
)
from messaging.models import Automation, Message
from messaging.rules.choices import State
from surveys.choices import InvitationState
from surveys.kinds.asking import CLOSED, AsksForScore, asked_first
from surveys.kinds.mails import contexts
from surveys.models import Invitation, Survey
from surveys.rules.questionnaire import Questionnaire
from surveys.services import invitations, limits
from web import formats

# The longest wait before a reminder (the constraint of the table), and a day for zones.
LONGEST_WAIT = timedelta(days=61)
# Behind the key of a second reminder; that of the first is the invitation alone.
SECOND = ":2"


class SurveyReminder(AsksForScore):
    """Reminds those who have not answered, once or twice."""

    name = "survey_reminder"
    former_names = frozenset({"nps_reminder"})
    label = gettext_lazy("Reminder to answer")
    summary = gettext_lazy("Asks those who have not answered once or twice more.")
    template = "emails/surveys/ask_again"
    is_reminder = True
    priority = 58
    life_days = 3
    send_hour = 10
    occasion = gettext_lazy("the day on which the survey reminds")
    starting_points = (
        StartingPoint(
            name="reminder",
            group=Group.REMIND,
            label=gettext_lazy("Ask once more"),
            summary=gettext_lazy(
                "Asks those who have not answered a survey, once or twice."
            ),
            suits=gettext_lazy("Shops that run a survey with few answers."),
            goes=gettext_lazy(
                "Some days after the first mail; the survey says how many."
            ),
        ),
    )
    wording: ClassVar[tuple[WordingField, ...]] = (
        WordingField(
            "subject",
            gettext_lazy("Subject"),
            gettext_lazy("Still curious: will you tell {shop} what you think?"),
            placeholders=("first_name", "shop"),
        ),
        WordingField(
            "intro",
            gettext_lazy("First words"),
            gettext_lazy(
                "a few days ago we asked you for your opinion. Your answer would help "
                "us."
            ),
            placeholders=("first_name", "shop"),
            long=True,
        ),
        WordingField(
            "last_words",
            gettext_lazy("Only in the last reminder"),
            gettext_lazy(
                "If you would rather not, do nothing, and we will not ask again."
            ),
            placeholders=("first_name", "shop"),
            long=True,
        ),
    )

    def due(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any]:
        return _first(automation, window, now).union(
            _second(automation, window, now), all=True
        )

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        asked = {message.why.get("invitation", 0): message.pk for message in messages}
        rows = Invitation.objects.filter(pk__in=asked)
        surveys = dict(rows.values_list("id", "survey"))
        over = limits.over(set(surveys.values()), now=now)
        closed = rows.filter(
            ~Q(state=InvitationState.OPEN.value) | Q(expires_at__lte=now)
        )
        return {
            **{
                asked[pk]: over[survey]
                for pk, survey in surveys.items()
                if survey in over
            },
            **{
                asked[pk]: Reason(
                    CLOSED.get(state, "invitation_expired"), {"invitation": pk}
                )
                for pk, state in closed.values_list("id", "state")
            },
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        by_invitation = {message.why["invitation"]: message for message in messages}
        reminded = invitations.remind(messages=by_invitation, now=now)
        found = contexts(messages, reminded)
        return {
            pk: replace(
                context, values={**context.values, "is_last": reminded[pk].told_last}
            )
            for pk, context in found.items()
        }

    def survey_shown(self, automation: Automation) -> Survey | None:
        return asked_first(remind_after_days__isnull=False)

    def sample_with(
        self, questionnaire: Questionnaire, language: str, now: datetime
    ) -> MailContext:
        context = super().sample_with(questionnaire, language, now)
        return replace(context, values={**context.values, "is_last": True})

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        asked = Invitation.objects.in_bulk(
            [message.why.get("invitation", 0) for message in messages]
        )
        return {
            message.pk: _explained(asked.get(message.why.get("invitation", 0)))
            for message in messages
        }


def _explained(invitation: Invitation | None) -> str:
    if invitation is None:
        return _("The question it reminds of no longer exists")
    return _("Asked on %(day)s and not answered") % {
        "day": formats.day(invitation.invited_at)
    }


def _first(automation: Automation, window: Window, now: datetime) -> QuerySet[Any, Any]:
    """Those who were asked once and not reminded of it."""
    rows = Invitation.objects.answerable(now).filter(
        # For the index on invited_at; the exact day is compared below.
        invited_at__gt=window.after - LONGEST_WAIT - _shift(automation),
        message__state=State.SENT.value,
        survey__remind_after_days__isnull=False,
    )
    wait = F("survey__remind_after_days") + Value(automation.offset_days)
    return _due(rows, "invited_at", wait, "", window)


def _second(
    automation: Automation, window: Window, now: datetime
) -> QuerySet[Any, Any]:
    """Those who were reminded once, and are to be again: not where the first reminder
    said that it was the last, as staff had it then."""
    rows = Invitation.objects.answerable(now).filter(
        told_last=False,
        invited_at__gt=window.after - 2 * LONGEST_WAIT - _shift(automation),
        reminder_message__state=State.SENT.value,
        survey__remind_again_after_days__isnull=False,
    )
    wait = F("survey__remind_again_after_days") + Value(automation.offset_days)
    return _due(rows, "reminder_message__final_at", wait, SECOND, window)


def _due(
    rows: QuerySet[Invitation], since: str, wait: Any, suffix: str, window: Window
) -> QuerySet[Any, Any]:
    # An invitation has an occurrence of its own; the order of the four counts, not
    # their names.
    return (
        rows.annotate(
            reminder_of=Concat(
                Value("invitation:"),
                Cast("id", CharField()),
                Value(suffix),
                output_field=CharField(),
            ),
            due_on=Func(
                TruncDate(since, tzinfo=UTC),
                wait,
                template="(%(expressions)s)",
                arg_joiner=" + ",
                output_field=DateField(),
            ),
            why=JSONObject(invitation=F("id")),
        )
        .filter(due_on__gte=window.first_on, due_on__lte=window.last_on)
        .values("customer_id", "reminder_of", "due_on", "why")
    )


def _shift(automation: Automation) -> timedelta:
    return timedelta(days=automation.offset_days)
