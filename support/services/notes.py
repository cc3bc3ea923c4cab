"""Internal notes, and who is asked for in them."""

from datetime import datetime

from django.db import transaction

from crm.access import Capability
from crm.models import User
from crm.services import audit
from support.models import Conversation, Mention, Note
from support.rules.mentions import mentioned
from web.errors import InvalidValue
from web.rules import text

MOST = 20_000


@transaction.atomic
def add(conversation: Conversation, *, words: str, author: User, now: datetime) -> Note:
    """Keep a note; whoever stands in it as @Name is asked for, but not its author."""
    cleaned = text.many_lines(words, field="note", most=MOST)
    if not cleaned:
        raise InvalidValue(fields={"note": "required"})
    note = Note.objects.create(
        conversation=conversation, author=author, text=cleaned, at=now
    )
    colleagues = {
        user.pk: user.name
        for user in User.objects.filter(is_active=True)
        if user.can(Capability.SEE_CONVERSATIONS)
    }
    asked = mentioned(cleaned, colleagues) - {author.pk}
    Mention.objects.bulk_create(Mention(note=note, user_id=pk) for pk in sorted(asked))
    audit.record(
        "conversation.noted",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )
    return note


def note_seen(conversation: Conversation, *, user: User, now: datetime) -> int:
    """This colleague has read the notes of the conversation; how many were for them."""
    unseen = Mention.objects.filter(
        note__conversation=conversation, user=user, seen_at=None
    )
    return unseen.update(seen_at=now)
