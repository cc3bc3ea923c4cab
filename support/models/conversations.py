"""Conversations with customers and with people we do not know yet."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from messaging.models import Message
from support.models.mailboxes import Mailbox
from support.rules.choices import ConversationKind, ConversationState
from support.words import KINDS

if TYPE_CHECKING:
    from support.models.sorting import ConversationTag, Tagging

_CLOSED = ConversationState.CLOSED.value
_JOINED = ConversationState.JOINED.value
_SNOOZED = ConversationState.SNOOZED.value


class Conversation(models.Model):
    """Mails about one matter. Without a customer it asks "Who is this?".

    Changed by support/services/conversations.py; mails join it in landing.py.
    """

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conversations",
    )
    # Of whoever wrote first, in the form that crm compares.
    address = models.CharField(max_length=254, blank=True, default="", db_default="")
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # A mail of that conversation was sent on, and this is what the others say of it:
    # for staff alone, and never quoted to the customer.
    side_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="side_threads",
    )
    # Where its mails are now, and where its number and signed addresses lead.
    joined_into = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="joined",
    )
    # The mail of the pipeline that it answers, where it began as an answer to one.
    answers = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    subject = models.CharField(max_length=300, blank=True)
    state = models.CharField(
        max_length=8,
        choices=pairs(ConversationState),
        default=ConversationState.OPEN.value,
        db_default=ConversationState.OPEN.value,
    )
    kind = models.CharField(
        max_length=9,
        choices=pairs(ConversationKind),
        blank=True,
        default="",
        db_default="",
    )
    assignee = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    tags: "models.ManyToManyField[ConversationTag, Tagging]" = models.ManyToManyField(
        "ConversationTag", through="Tagging", related_name="conversations"
    )
    is_spam = models.BooleanField(default=False, db_default=False)
    # From before its mailbox was new to us: nothing is owed and nothing reopens it.
    is_history = models.BooleanField(default=False, db_default=False)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    # When the last mail came or went: the order of the lists.
    last_mail_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Null: closed by time, or history.
    closed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=200, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            choice_check("state", ConversationState, name="conversation_state"),
            models.CheckConstraint(
                condition=Q(kind__in=["", *(kind.value for kind in ConversationKind)]),
                name="conversation_kind",
            ),
            models.CheckConstraint(
                condition=Q(state=_CLOSED, closed_at__isnull=False)
                | Q(~Q(state=_CLOSED), closed_at=None),
                name="conversation_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state=_SNOOZED, snoozed_until__isnull=False)
                | Q(~Q(state=_SNOOZED), snoozed_until=None),
                name="conversation_snoozed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(is_spam=False, is_history=False) | Q(state=_CLOSED),
                name="conversation_spam_and_history_closed",
            ),
            models.CheckConstraint(
                condition=Q(state=_JOINED, joined_into__isnull=False)
                | Q(~Q(state=_JOINED), joined_into=None),
                name="conversation_joined_leads_on",
            ),
            models.CheckConstraint(
                condition=Q(joined_into=None) | ~Q(joined_into=F("id")),
                name="conversation_not_joined_to_itself",
            ),
        ]
        indexes = [
            # The lists: open, waiting, snoozed and closed, newest first.
            models.Index(
                F("state"),
                F("last_mail_at").desc(),
                F("id").desc(),
                name="conversation_by_state",
            ),
            # What a search finds, in whatever state.
            models.Index(
                F("last_mail_at").desc(),
                F("id").desc(),
                name="conversation_by_last_mail",
            ),
            # "Mine" and "Unassigned": what is open, of one person or unassigned.
            models.Index(
                F("assignee"),
                F("last_mail_at").desc(),
                F("id").desc(),
                condition=Q(state=ConversationState.OPEN.value),
                name="conversation_owed",
            ),
            # The lists of one mailbox, kind or language, which may be rare in a state.
            models.Index(
                F("mailbox"),
                F("state"),
                F("last_mail_at").desc(),
                F("id").desc(),
                name="conversation_by_mailbox",
            ),
            models.Index(
                F("kind"),
                F("state"),
                F("last_mail_at").desc(),
                F("id").desc(),
                condition=~Q(kind=""),
                name="conversation_by_kind",
            ),
            models.Index(
                F("language"),
                F("state"),
                F("last_mail_at").desc(),
                F("id").desc(),
                condition=~Q(language=""),
                name="conversation_by_language",
            ),
            # Who is asked how it went: what people closed, by when.
            models.Index(
                fields=["closed_at"],
                condition=Q(closed_by__isnull=False),
                name="conversation_closed_by_one",
            ),
            # The tick that wakes what was snoozed.
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="conversation_snoozed",
            ),
            # Erasure: what somebody without a record wrote.
            models.Index(
                fields=["address"],
                condition=Q(customer=None),
                name="conversation_of_unknown",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"conversation {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("support:conversation", args=[self.pk])

    @property
    def kind_words(self) -> object:
        """What it is about, in the reader's language; empty where none was chosen."""
        return KINDS.get(self.kind, "")

    @property
    def is_closed(self) -> bool:
        return self.state == _CLOSED


class BlockedSender(models.Model):
    """What comes from this address is stored and closed; nobody is told."""

    # As crm compares addresses.
    address = models.CharField(max_length=254, unique=True)
    blocked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    blocked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(address=""), name="blocked_sender_has_address"
            )
        ]

    def __str__(self) -> str:
        return self.address
