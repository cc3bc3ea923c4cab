"""What notices say: what happened, in which conversation, with whom."""

from collections.abc import Collection
from dataclasses import dataclass

from crm.models import User
from messaging.models import Message
from support.models import Notice
from support.rules.choices import NoticeWay
from support.words import NOTICES

# The others are counted.
MOST_IN_MAIL = 10
_MOST_NEW = 5


@dataclass(frozen=True)
class Told:
    """One notice in words. None of what was written but the subject."""

    pk: int
    what: str
    who: str
    subject: str
    conversation_id: int
    path: str


def of_messages(messages: Collection[Message]) -> dict[int, list[Told]]:
    """Message id to what is still to be told by it, oldest first."""
    rows = Notice.objects.filter(message__in=messages)
    found: dict[int, list[Told]] = {}
    for row in rows.select_related("conversation__customer").order_by("pk"):
        if row.message_id is not None:
            found.setdefault(row.message_id, []).append(_told(row))
    return found


def new_in_browser(user: User, *, after: int) -> list[Told]:
    """What the browsers of this colleague have not shown yet, oldest first; of many
    the last few."""
    rows = Notice.objects.filter(
        user=user, way=NoticeWay.BROWSER.value, pk__gt=after
    ).select_related("conversation__customer")
    return [_told(row) for row in reversed(rows.order_by("-pk")[:_MOST_NEW])]


def _told(row: Notice) -> Told:
    conversation = row.conversation
    return Told(
        pk=row.pk,
        what=str(NOTICES[row.event]),
        who=str(conversation.customer or conversation.address),
        subject=conversation.subject,
        conversation_id=conversation.pk,
        path=conversation.get_absolute_url(),
    )
