"""Close conversations in which they have owed the answer for long."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from crm.services import audit
from support import signals
from support.models import Conversation, Mailbox
from support.rules.choices import ConversationState

_SLICE = 500
_WAITING = ConversationState.WAITING.value
_CLOSED = ConversationState.CLOSED.value


def close_lapsed(*, now: datetime) -> int:
    """Close what waits for them longer than its mailbox says; how many.

    Not where a colleague is writing: their draft would answer a closed matter.
    """
    closed = 0
    for mailbox in Mailbox.objects.filter(close_after_days__isnull=False):
        since = now - timedelta(days=mailbox.close_after_days or 0)
        lapsed = Conversation.objects.filter(
            mailbox=mailbox, state=_WAITING, last_mail_at__lte=since, drafts=None
        )
        while done := _close_slice(lapsed, now):
            closed += done
    return closed


@transaction.atomic
def _close_slice(lapsed: "QuerySet[Conversation]", now: datetime) -> int:
    rows = list(
        lapsed.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by(
            "pk"
        )[:_SLICE]
    )
    if not rows:
        return 0
    ids = [row.pk for row in rows]
    Conversation.objects.filter(pk__in=ids).update(
        state=_CLOSED, closed_at=now, version=F("version") + 1
    )
    audit.record_many(
        "conversation.lapsed",
        [(f"conversation:{row.pk}", row.customer_id) for row in rows],
        now=now,
        fields=["closed_at", "state"],
    )
    closed = list(Conversation.objects.filter(pk__in=ids).order_by("pk"))
    signals.conversations_lapsed.send(Conversation, conversations=closed, now=now)
    return len(rows)
