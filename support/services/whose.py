"""Whose a conversation is: what belongs to it goes with it."""

from support.models import Conversation, Draft, Mail


def pass_on(conversation: Conversation) -> None:
    """Its mails, its drafts and its side threads, with theirs, are its customer's from
    now on, or nobody's: so they are exported, erased and merged with it."""
    whose = {"customer": conversation.customer_id}
    sides = Conversation.objects.exclude(pk=conversation.pk)
    level, found = {conversation.pk}, {conversation.pk}
    while level:
        below = sides.filter(side_of__in=level).values_list("pk", flat=True)
        level = set(below) - found
        found |= level
    sides.filter(pk__in=found).update(**whose)
    Mail.objects.filter(conversation__in=found).update(**whose)
    Draft.objects.filter(conversation__in=found).update(**whose)
