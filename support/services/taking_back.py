"""For some seconds a mail that was sent can become a draft again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.models import FollowUp, User
from crm.services import audit, follow_ups
from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason
from messaging.services import messages
from support.errors import AlreadyLeft
from support.models import Conversation, Draft, DraftFile, Mail
from support.rules import replies
from support.rules.choices import ConversationState
from support.selectors import threads
from support.services import storage


@transaction.atomic
def take_back(mail: Mail, *, staff: User, now: datetime) -> Draft:
    """Make it a draft again. Raises AlreadyLeft once any of it may be on its way."""
    conversation = Conversation.objects.select_for_update(no_key=True).get(
        pk=mail.conversation_id
    )
    rows = Message.objects.filter(
        kind=threads.KIND, customer=None, occurrence=threads.occurrence_of(mail.pk)
    )
    everything = list(rows)
    ended = messages.finish(
        rows.filter(state=State.PLANNED.value, attempts=0),
        state=State.CANCELLED,
        reason=Reason("taken_back", {"user": staff.pk}),
        now=now,
    )
    if not everything or len(ended) != len(everything):
        raise AlreadyLeft
    draft = _draft_of(mail, everything, now)
    mail.delete()
    _now_ours(conversation)
    audit.record(
        "mail.taken_back",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )
    return draft


def _draft_of(mail: Mail, rows: Sequence[Message], now: datetime) -> Draft:
    """With what its author typed; what they began meanwhile stays below it."""
    origin = rows[0].why
    draft = _begun_meanwhile(mail, origin) or _where_it_was(mail, origin, now)
    draft.to = replies.line_of((one[0], one[1]) for one in mail.to)
    draft.cc = replies.line_of((one[0], one[1]) for one in mail.cc)
    draft.bcc = ", ".join(threads.hidden(mail, rows))
    draft.subject = mail.subject
    draft.text = "\n\n".join(filter(None, (mail.text, draft.text)))
    draft.quotes = bool(mail.quoted) or draft.quotes
    if draft.about:
        draft.quoted = mail.quoted
    _reopen_follow_up(draft, origin, now)
    draft.changed_at = max(now, draft.begun_at)
    draft.version += 1
    draft.save()
    DraftFile.objects.bulk_create(
        DraftFile(draft=draft, key=file.key, **storage.described(file))
        for file in mail.files.all()
    )
    mail.files.all().delete()
    return draft


def _begun_meanwhile(mail: Mail, origin: Mapping[str, Any]) -> Draft | None:
    rows = Draft.objects.filter(author=mail.author)
    if about := origin.get("about"):
        return rows.filter(about=about).first()
    if "forwards" in origin:
        return rows.filter(forwards=origin["forwards"], about="").first()
    return rows.filter(conversation=mail.conversation_id, forwards=None).first()


def _where_it_was(mail: Mail, origin: Mapping[str, Any], now: datetime) -> Draft:
    """Not saved. What was sent on goes back to the conversation that it is from."""
    forwarded = Mail.objects.filter(pk=origin.get("forwards", 0)).first()
    return Draft(
        author=mail.author,
        conversation=forwarded.conversation if forwarded else mail.conversation,
        customer_id=mail.customer_id,
        forwards=forwarded,
        about=origin.get("about", ""),
        begun_at=now,
    )


def _reopen_follow_up(draft: Draft, origin: Mapping[str, Any], now: datetime) -> None:
    follow_up = FollowUp.objects.filter(pk=origin.get("follow_up", 0)).first()
    if follow_up is None:
        return
    draft.follow_up = follow_up
    draft.finishes_follow_up = "finished" in origin
    if draft.finishes_follow_up:
        follow_ups.reopen(follow_up, now=now)


def _now_ours(conversation: Conversation) -> None:
    """Back to where it stood; a conversation that only began with this mail goes."""
    last = threads.last_of(conversation)
    if last is None:
        Draft.objects.filter(conversation=conversation).update(conversation=None)
        conversation.delete()
        return
    state = ConversationState.WAITING if last.is_ours else ConversationState.OPEN
    conversation.state = state.value
    conversation.last_mail_at = last.at
    conversation.version += 1
    conversation.save()
