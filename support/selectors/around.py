"""What stands around the mails of a conversation for somebody who may answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.models import User
from support.models import Conversation, Draft, Mention, Note
from support.selectors import people, threads

_MOST = 100


@dataclass(frozen=True)
class Around:
    """`draft`: their own, if they have begun one. `is_asked_for`: in a note that they
    have not marked as seen."""

    draft: Draft | None
    writers: Sequence[str]
    notes: Sequence[Note]
    is_asked_for: bool
    side_threads: Sequence[Conversation]
    colleagues: Sequence[User]


def around(conversation: Conversation, *, user: User, now: datetime) -> Around:
    """Everything of `Around`, in six queries."""
    unseen = Mention.objects.filter(
        note__conversation=conversation, user=user, seen_at=None
    )
    return Around(
        draft=Draft.objects.filter(
            author=user, conversation=conversation, forwards=None
        ).first(),
        writers=threads.writers(conversation, but=user, now=now),
        notes=list(
            conversation.notes.select_related("author").order_by("at", "pk")[:_MOST]
        ),
        is_asked_for=unseen.exists(),
        side_threads=list(conversation.side_threads.order_by("pk")[:_MOST]),
        colleagues=people.colleagues(),
    )
