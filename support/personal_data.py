"""Mails and conversations of a customer: exported, erased and merged.

Anyone who is erased may also have written without being known, or as a third person in
the conversation of somebody else: these go by their address.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.models import Customer
from crm.personal_rows import Merged, PersonalRows, Steps, register
from support.models import (
    BlockedSender,
    Conversation,
    ConversationContact,
    ConversationFollowUp,
    Draft,
    DraftFile,
    Mail,
    MailFile,
    Mention,
    Note,
    Notice,
    RawMail,
    Tagging,
)
from support.rules.choices import ConversationState
from support.selectors import people
from support.services import forgetting, storage, tags


def _before_erasure(ids: Collection[int], now: datetime) -> None:
    forgetting.forget_contents(Q(mail__customer__in=ids))
    begun = DraftFile.objects.filter(draft__customer__in=ids)
    storage.delete_on_commit(begun.values_list("key", flat=True))
    Conversation.objects.filter(customer__in=ids).exclude(
        state__in=[ConversationState.CLOSED.value, ConversationState.JOINED.value]
    ).update(
        state=ConversationState.CLOSED.value,
        closed_at=now,
        snoozed_until=None,
    )
    theirs = Tagging.objects.filter(conversation__customer__in=ids)
    used = list(theirs.values_list("tag_id", flat=True))
    theirs.delete()
    # A tag that no other conversation has may be about this person alone.
    tags.forget_unused(used)
    for customer in Customer.objects.filter(pk__in=ids):
        for email in selectors.emails_of(customer):
            _forget_unknown(email)
            # An address of two people stays in the mails of the other one.
            if all(one.pk in ids for one in people.customers_at([email])):
                forgetting.forget_address(email)


def _forget_unknown(email: str) -> None:
    unknown = Conversation.objects.filter(customer=None, address=email)
    forgetting.delete_mails(Q(conversation__in=unknown))
    unknown.delete()
    BlockedSender.objects.filter(address=email).delete()


register(
    Steps(before_erasure=_before_erasure),
    PersonalRows(
        name="raw_mails",
        model=RawMail,
        customer="mail__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="mail_files",
        model=MailFile,
        customer="mail__customer_id",
        label=_("Files in mails"),
        exported={"mail__at": _("Written"), "name": _("Name"), "size": _("Size")},
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="conversation_mails",
        model=Mail,
        label=_("Mails of conversations"),
        exported={
            "at": _("Written"),
            "direction": _("Direction"),
            "from_name": _("Name"),
            "from_address": _("Address"),
            "subject": _("Subject"),
            "text": _("Text"),
            "quoted": _("Quoted"),
        },
        deleted=True,
    ),
    PersonalRows(
        name="mail_draft_files",
        model=DraftFile,
        customer="draft__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(name="mail_drafts", model=Draft, deleted=True),
    PersonalRows(
        name="conversation_notes",
        model=Note,
        customer="conversation__customer_id",
        label=_("Notes in conversations"),
        exported={"at": _("Written"), "text": _("Text")},
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="conversation_mentions",
        model=Mention,
        customer="note__conversation__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="conversation_contacts",
        model=ConversationContact,
        customer="interaction__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="conversation_follow_ups",
        model=ConversationFollowUp,
        customer="follow_up__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="conversation_notices",
        model=Notice,
        customer="conversation__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="conversation_tags",
        model=Tagging,
        customer="conversation__customer_id",
        label=_("Tags of conversations"),
        exported={"tag__name": _("Tag")},
        deleted=True,
        merged=Merged.STAY,
    ),
    # How many there were, and how long they took, goes on counting.
    PersonalRows(
        name="mail_conversations",
        model=Conversation,
        label=_("Conversations"),
        exported={
            "opened_at": _("Opened"),
            "closed_at": _("Closed"),
            "state": _("State"),
            "subject": _("Subject"),
            "outcome": _("Outcome"),
        },
        blanked={"subject": "", "address": "", "outcome": ""},
        kept=("language",),
    ),
)
