"""Which calls and follow-ups of the contact history belong to a conversation."""

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.models import FollowUp, Interaction
from crm.page_parts import RowPlace
from support.models import ConversationContact, ConversationFollowUp


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
PARTS = (
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
