"""Tags of conversations."""

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

from crm.services import audit
from support.models import Conversation, ConversationTag, InboxRule, Tagging
from web.errors import InvalidValue
from web.rules import text

MOST = 60


def tag_named(typed: str) -> ConversationTag:
    """The tag of this name, made where there is none; capitals do not count. Raises
    InvalidValue."""
    name = text.one_line(typed, field="tag", most=MOST)
    if not name:
        raise InvalidValue(fields={"tag": "required"})
    same = ConversationTag.objects.alias(lower=Lower("name")).filter(
        lower=Lower(Value(name))
    )
    found = same.first()
    if found is None:
        # Two colleagues may make it at once.
        new = ConversationTag(name=name)
        ConversationTag.objects.bulk_create([new], ignore_conflicts=True)
        found = same.get()
    return found


@transaction.atomic
def put(conversation: Conversation, *, tag: ConversationTag, now: datetime) -> None:
    """Tag the conversation; one that has the tag stays as it is."""
    _, is_new = Tagging.objects.get_or_create(conversation=conversation, tag=tag)
    if is_new:
        _record("tagged", conversation, now)


@transaction.atomic
def take_off(
    conversation: Conversation, *, tag: ConversationTag, now: datetime
) -> None:
    """Take the tag off the conversation."""
    gone, _ = Tagging.objects.filter(conversation=conversation, tag=tag).delete()
    if gone:
        _record("untagged", conversation, now)


def forget_unused(tags: list[int]) -> None:
    """Delete those of these tags that no conversation and no rule has."""
    of_rules = InboxRule.objects.filter(tag__isnull=False).values("tag")
    unused = ConversationTag.objects.filter(pk__in=tags, taggings=None)
    unused.exclude(pk__in=of_rules).delete()


def _record(verb: str, conversation: Conversation, now: datetime) -> None:
    audit.record(
        f"conversation.{verb}",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        fields=["tags"],
        now=now,
    )
