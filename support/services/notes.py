"""Internal notes, and who is asked for in them."""

from datetime import datetime

from django.db import transaction

from crm.models import User
from crm.services import audit
from support.models import Conversation, Mention, Note
from support.rules.choices import NoticeEvent
from support.rules.mentions import mentioned
from support.selectors import people
from support.services import conversations, notices
from web.errors import InvalidValue
from web.rules import text

MOST = 20_000


@transaction.atomic
def add(
    conversation: Conversation,
    *,
    words: str,
    author: User,
    now: datetime,
    to: User | None = None,
) -> Note:
    """Keep a note. Asked for are `to` and whoever stands in it as @Name, but not its
    author. Raises InvalidValue for an empty one."""
    cleaned = text.many_lines(words, field="note", most=MOST)
    if not cleaned:
        raise InvalidValue(fields={"note": "required"})
    note = Note.objects.create(
        conversation=conversation, author=author, text=cleaned, at=now
    )
    named = mentioned(cleaned, {user.pk: user.name for user in people.readers()})
    asked = (named | ({to.pk} if to else set())) - {author.pk}
    Mention.objects.bulk_create(Mention(note=note, user_id=pk) for pk in sorted(asked))
    if asked:
        notices.tell(NoticeEvent.MENTION, conversation, to=asked, now=now)
    audit.record(
        "conversation.noted",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )
    return note


@transaction.atomic
def hand_over(
    conversation: Conversation, *, to: User, words: str, by: User, now: datetime
) -> Conversation:
    """Give it to a colleague, with a note where `words` say something."""
    if words.strip():
        add(conversation, words=words, author=by, to=to, now=now)
    return conversations.assign(conversation, assignee=to, now=now)


def note_seen(conversation: Conversation, *, user: User, now: datetime) -> int:
    """This colleague has read the notes of the conversation; how many were for them."""
    unseen = Mention.objects.filter(
        note__conversation=conversation, user=user, seen_at=None
    )
    return unseen.update(seen_at=now)
