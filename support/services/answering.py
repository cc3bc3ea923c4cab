"""Begin a mail about what a customer wrote elsewhere, or about what we owe them."""

from datetime import datetime

from django.db import transaction

from crm.models import FollowUp, User
from crm.page_parts import ReplyStart
from support.models import Conversation, Draft
from support.services import beside, drafts, quotations, signatures


@transaction.atomic
def begin(about: str, start: ReplyStart, *, author: User, now: datetime) -> Draft:
    """The author's draft about it, begun if there is none. `about` names the source and
    the row, as "response:12". What was promised in a conversation is answered there."""
    if start.follow_up is not None:
        promised = beside.conversation_of(start.follow_up)
        if promised is not None:
            return _in_conversation(promised, start.follow_up, author, now)
    draft, _made = Draft.objects.get_or_create(
        author=author,
        about=about,
        defaults={
            "customer": start.customer,
            "to": drafts.line_to(start.customer),
            "subject": start.subject,
            "text": start.suggestion + signatures.below(author),
            "quoted": (
                quotations.of_words(start.words, start.written_at, start.customer)
                if start.written_at
                else ""
            ),
            "follow_up": start.follow_up,
            "begun_at": now,
            "changed_at": now,
        },
    )
    return draft


def _in_conversation(
    conversation: Conversation, follow_up: FollowUp, author: User, now: datetime
) -> Draft:
    draft = drafts.begin(author=author, conversation=conversation, now=now)
    if draft.follow_up_id is None:
        draft.follow_up = follow_up
        draft.save(update_fields=["follow_up"])
    return draft
