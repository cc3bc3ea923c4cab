"""Which calls, follow-ups and messages belong to a conversation."""

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Substr
from django.db.models.lookups import In
from django.urls import reverse
from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.models import FollowUp, Interaction
from crm.page_parts import RowPlace
from messaging.models import Message
from support.models import ConversationContact, ConversationFollowUp, Mail
from support.selectors import threads


def _url(number: int) -> str:
    return reverse("support:conversation", args=[number])


# Only where it is still with their customer: see support/models/beside.py.
_CONTACTS = ConversationContact.objects.filter(
    interaction=OuterRef("pk"),
    conversation__customer=F("interaction__customer"),
)
_FOLLOW_UPS = ConversationFollowUp.objects.filter(
    follow_up=OuterRef("pk"),
    conversation__customer=F("follow_up__customer"),
)
# The number in "mail:7"; other kinds have occurrences of their own.
_OF_MAIL = Case(
    When(
        In(OuterRef("kind"), [Value(threads.KIND), Value(threads.ACKNOWLEDGEMENT)]),
        then=Cast(
            Substr(OuterRef("occurrence"), len(threads.PREFIX) + 1), BigIntegerField()
        ),
    )
)
_MAILS = Mail.objects.filter(pk=_OF_MAIL)
PARTS = (
    RowPlace(
        name="conversation_of_message",
        order=30,
        capability=Capability.SEE_CONVERSATIONS,
        of=Message,
        label=gettext_lazy("To the conversation"),
        number=Subquery(_MAILS.values("conversation_id")[:1]),
        url=_url,
    ),
    RowPlace(
        name="conversation_of_contact",
        order=10,
        capability=Capability.SEE_CONVERSATIONS,
        of=Interaction,
        label=gettext_lazy("Conversation"),
        number=Subquery(_CONTACTS.values("conversation_id")[:1]),
        url=_url,
    ),
    RowPlace(
        name="conversation_of_follow_up",
        order=20,
        capability=Capability.SEE_CONVERSATIONS,
        of=FollowUp,
        label=gettext_lazy("Conversation"),
        number=Subquery(_FOLLOW_UPS.values("conversation_id")[:1]),
        url=_url,
    ),
)
