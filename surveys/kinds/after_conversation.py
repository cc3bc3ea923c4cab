"""Some days after a colleague closed a conversation with a customer."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    Exists,
    F,
    Func,
    OuterRef,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Concat, JSONObject, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import selectors as crm
from messaging.kinds import Group, Reason, StartingPoint, Window
from messaging.models import Automation, Message
from support.models import Conversation, Mail
from support.rules.choices import ConversationState, Direction
from surveys.kinds.asking import AsksSurvey, asking_of, askings_of, shop_zone
from surveys.kinds.wordings import general
from surveys.models import Asking
from web import formats

OPEN_AGAIN = "superseded_conversation_reopened"
OF_ANOTHER = "superseded_conversation_moved"


class SurveyAfterConversation(AsksSurvey):
    """Never after one that only fell asleep, nor one in which the customer said
    nothing: who did not ask us for anything is not asked how we did."""

    name = "survey_after_conversation"
    label = gettext_lazy("A survey after a conversation")
    summary = gettext_lazy("Asks some days after a colleague closed a conversation.")
    template = "emails/surveys/ask"
    has_one_always = False
    priority = 54
    occasion = gettext_lazy("the day on which the survey asks")
    starting_points = (
        StartingPoint(
            name="after_conversation",
            group=Group.ASK,
            label=gettext_lazy("How did we do, after a conversation"),
            summary=gettext_lazy("A survey about a matter that was settled."),
            suits=gettext_lazy("Teams that answer customers by mail."),
            goes=gettext_lazy(
                "A day after a colleague closed it; the survey says how many."
            ),
        ),
    )
    wording = general(
        subject=gettext_lazy("How did we do?"),
        intro=gettext_lazy(
            "you wrote to us not long ago, and we answered. Tell us how that went; it "
            "takes less than a minute:"
        ),
    )

    def asked(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any]:
        zone = shop_zone()
        days = asking_of(automation).after_days + automation.offset_days
        shift = timedelta(days=days)
        theirs = Mail.objects.filter(
            conversation=OuterRef("pk"),
            direction=Direction.IN.value,
            is_automatic=False,
        )
        return (
            Conversation.objects.filter(
                Exists(theirs),
                state=ConversationState.CLOSED.value,
                closed_by__isnull=False,
                # For the index; the exact day is compared below.
                closed_at__gt=window.after - shift - timedelta(days=2),
                closed_at__lt=window.until - shift + timedelta(days=2),
                is_spam=False,
                is_history=False,
                side_of=None,
                customer__isnull=False,
            )
            .annotate(
                occurrence=Concat(
                    Value("conversation:"),
                    Cast("id", CharField()),
                    output_field=CharField(),
                ),
                due_on=Func(
                    TruncDate("closed_at", tzinfo=zone),
                    Value(days),
                    template="(%(expressions)s)",
                    arg_joiner=" + ",
                    output_field=DateField(),
                ),
                why=JSONObject(conversation=F("id")),
            )
            .filter(due_on__gte=window.first_on, due_on__lte=window.last_on)
            .values("customer_id", "occurrence", "due_on", "why")
        )

    def changed(self, messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
        """Open again: nobody is asked how it went before it is over. With somebody
        else, as staff found: that customer is asked."""
        rows, askings = _conversations(messages), askings_of(messages)
        found: dict[int, Reason] = {}
        for message in messages:
            row = rows.get(message.why.get("conversation", 0))
            if row is None or row.is_spam or row.joined_into_id is not None:
                found[message.pk] = Reason("conversation_gone")
            elif row.customer_id != message.customer_id:
                found[message.pk] = Reason(OF_ANOTHER, {"conversation": row.pk})
            elif not _stays_closed(row, message, askings[message.pk], now):
                found[message.pk] = Reason(OPEN_AGAIN, {"conversation": row.pk})
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        rows = _conversations(messages)
        return {
            message.pk: _explained(rows.get(message.why.get("conversation", 0)))
            for message in messages
        }


def _conversations(messages: Sequence[Message]) -> dict[int, Conversation]:
    ids = {message.why.get("conversation", 0) for message in messages}
    return Conversation.objects.in_bulk(ids)


def _stays_closed(
    row: Conversation, message: Message, asking: Asking, now: datetime
) -> bool:
    """By a person, and not again since the mail was planned, for a day still ahead."""
    if not row.is_closed or row.closed_by_id is None or row.closed_at is None:
        return False
    days = asking.after_days + asking.automation.offset_days
    due_on: date = crm.business().day(row.closed_at) + timedelta(days=days)
    return due_on <= message.due_on or due_on <= (now + timedelta(hours=14)).date()


def _explained(row: Conversation | None) -> str:
    if row is None or row.closed_at is None:
        return _("The conversation that it asks about is not closed any more")
    return _("A colleague closed “%(subject)s” on %(day)s") % {
        "subject": row.subject,
        "day": formats.day(row.closed_at),
    }
