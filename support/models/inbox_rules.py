"""What happens by itself with a conversation that begins."""

from django.db import models
from django.db.models import Q

from crm.models import User
from crm.models.fields import pairs
from support.models.mailboxes import Mailbox
from support.models.sorting import ConversationTag
from support.rules.choices import ConversationKind
from support.rules.matching import Conditions

_WORDS = 500


class InboxRule(models.Model):
    """One rule: which mails, and what is done. Asked in the order of `position`.

    Changed by support/services/inbox_rules.py.
    """

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveIntegerField()
    is_on = models.BooleanField(default=True, db_default=True)
    # Words with commas between; empty: whatever.
    sender = models.CharField(max_length=_WORDS, blank=True, default="", db_default="")
    recipient = models.CharField(
        max_length=_WORDS, blank=True, default="", db_default=""
    )
    subject = models.CharField(max_length=_WORDS, blank=True, default="", db_default="")
    body = models.CharField(max_length=_WORDS, blank=True, default="", db_default="")
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    # What is done; empty: nothing of the kind.
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tag = models.ForeignKey(
        ConversationTag,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    kind = models.CharField(
        max_length=9,
        choices=pairs(ConversationKind),
        blank=True,
        default="",
        db_default="",
    )
    closes = models.BooleanField(default=False, db_default=False)
    is_spam = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="inbox_rule_has_a_name"),
            models.CheckConstraint(
                condition=~Q(sender="", recipient="", subject="", body="", language="")
                | Q(mailbox__isnull=False),
                name="inbox_rule_asks_something",
            ),
            models.CheckConstraint(
                condition=Q(assignee__isnull=False)
                | Q(tag__isnull=False)
                | ~Q(kind="")
                | Q(closes=True)
                | Q(is_spam=True),
                name="inbox_rule_does_something",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["", *(kind.value for kind in ConversationKind)]),
                name="inbox_rule_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def conditions(self) -> Conditions:
        """What it asks of a mail."""
        return Conditions(
            sender=self.sender,
            recipient=self.recipient,
            subject=self.subject,
            body=self.body,
            mailbox_id=self.mailbox_id,
            language=self.language,
        )
