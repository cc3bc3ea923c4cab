"""Mails: as they came, as they are read, and the files in them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from support.models.conversations import Conversation
from support.models.mailboxes import Mailbox
from support.rules.choices import Direction, MailSource, RawState

_SHA256 = Q(sha256__regex="^[0-9a-f]{64}$")


class RawMail(models.Model):
    """The bytes of a mail, stored before anything reads them.

    What could not be read stays here with its `reason`, a code whose sentence is in
    support/words.py. The content is in the private storage under `key`.
    """

    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    source = models.CharField(max_length=11, choices=pairs(MailSource))
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What the provider that posted it says of its sender
    # (support/rules/provider_checks.py).
    provider_checks = models.JSONField(default=dict, db_default={}, blank=True)
    # When the server took it, where the source tells.
    arrived_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=pairs(RawState),
        default=RawState.WAITING.value,
        db_default=RawState.WAITING.value,
    )
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Counted before each reading: one that ends the reader is not read for ever.
    readings = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            choice_check("source", MailSource, name="raw_mail_source"),
            choice_check("state", RawState, name="raw_mail_state"),
            models.CheckConstraint(condition=_SHA256, name="raw_mail_sha256"),
            models.CheckConstraint(
                condition=Q(size__gte=0) & ~Q(key=""), name="raw_mail_is_stored"
            ),
            models.CheckConstraint(
                condition=Q(state=RawState.UNREADABLE.value, reason__gt="")
                | Q(~Q(state=RawState.UNREADABLE.value), reason=""),
                name="raw_mail_unreadable_has_reason",
            ),
        ]
        indexes = [
            # The reader: what is stored and waits, oldest first.
            models.Index(
                fields=["id"],
                condition=Q(state=RawState.WAITING.value),
                name="raw_mail_waiting",
            ),
            # "Could not be read", newest first.
            models.Index(
                F("stored_at").desc(),
                F("id").desc(),
                condition=Q(state=RawState.UNREADABLE.value),
                name="raw_mail_unreadable",
            ),
            # Retention.
            models.Index(fields=["stored_at"], name="raw_mail_stored"),
        ]

    def __str__(self) -> str:
        return f"raw mail {self.pk}"


class Mail(models.Model):
    """One mail, in or out, by whichever way it came; the same mail twice is one row.

    A mail that goes out has one Message of the pipeline for each recipient.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="mails", db_index=False
    )
    # The conversation's, for the timeline.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mails",
        db_index=False,
    )
    raw = models.OneToOneField(
        RawMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="mail"
    )
    direction = models.CharField(max_length=3, choices=pairs(Direction))
    # Of Message-ID, date, sender and bodies: what makes two copies the same mail.
    fingerprint = models.CharField(max_length=64, unique=True)
    # Without the angle brackets; empty where the mail has none.
    message_id = models.CharField(max_length=500, blank=True)
    # In-Reply-To and References, the nearest first.
    references = models.JSONField(default=list, db_default=[], blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=254, blank=True)
    # Pairs of name and address, as written.
    to = models.JSONField(default=list, db_default=[], blank=True)
    cc = models.JSONField(default=list, db_default=[], blank=True)
    reply_to = models.JSONField(default=list, db_default=[], blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    # Of a mail that we wrote: what it quotes below, which goes along.
    quoted = models.TextField(blank=True, default="", db_default="")
    # Cleaned; remote pictures are held back where it is shown.
    html = models.TextField(blank=True)
    # What its Date says, where it is believable: else when it arrived.
    at = models.DateTimeField()
    # Results of SPF, DKIM and DMARC as the server of the mailbox wrote them.
    auth = models.JSONField(default=dict, db_default={}, blank=True)
    # Written by a machine: answers nothing, reopens nothing.
    is_automatic = models.BooleanField(default=False, db_default=False)
    # Who wrote it here; null for mail that came in or was written elsewhere.
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    stored_at = models.DateTimeField()
    # By support/rules/mail_search.py, written by support/services/searching.py.
    search_text = models.TextField(blank=True, default="", db_default="")
    # Since when its author should know that it did not reach everybody.
    failed_at = models.DateTimeField(null=True, blank=True)
    # It left here, and the mailbox's folder of sent mail does not have it yet.
    is_to_file = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            choice_check("direction", Direction, name="mail_direction"),
            models.CheckConstraint(
                condition=Q(author=None) | Q(direction=Direction.OUT.value),
                name="mail_author_of_ours",
            ),
            models.CheckConstraint(
                condition=Q(fingerprint__regex="^[0-9a-f]{64}$"),
                name="mail_fingerprint",
            ),
        ]
        indexes = [
            # A conversation, in order.
            models.Index(fields=["conversation", "at", "id"], name="mail_in_order"),
            # Timeline of one customer and their last contact, newest first.
            models.Index(
                F("customer"), F("at").desc(), F("id").desc(), name="mail_timeline"
            ),
            # Which conversation an answer belongs to.
            models.Index(
                fields=["message_id"], condition=~Q(message_id=""), name="mail_by_id"
            ),
            # Today of whoever wrote what did not arrive.
            models.Index(
                fields=["author", "failed_at"],
                condition=Q(failed_at__isnull=False),
                name="mail_failed",
            ),
            # The search of the inbox, by parts of words.
            GinIndex(
                Func(
                    F("search_text"),
                    function="support_word_parts",
                    output_field=SearchVectorField(),
                ),
                name="mail_parts",
            ),
            # What is to be filed in the folders of sent mail.
            models.Index(
                fields=["conversation", "id"],
                condition=Q(is_to_file=True),
                name="mail_to_file",
            ),
            # Retention, and erasure of an address that wrote as a third person.
            models.Index(fields=["at"], name="mail_age"),
            models.Index(fields=["from_address"], name="mail_from"),
        ]

    def __str__(self) -> str:
        return self.subject or f"mail {self.pk}"

    @property
    def is_ours(self) -> bool:
        return self.direction == Direction.OUT.value

    @property
    def sender(self) -> str:
        return self.from_name or self.from_address


class MailFile(models.Model):
    """A file in a mail. The content is in the private storage under `key`."""

    mail = models.ForeignKey(Mail, on_delete=models.CASCADE, related_name="files")
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    # Detected from the content, never taken from the sender.
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # What `cid:` in the HTML names; empty for an attachment.
    content_id = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(name="") & Q(size__gte=0),
                name="mail_file_is_stored",
            ),
            models.CheckConstraint(condition=_SHA256, name="mail_file_sha256"),
        ]

    def __str__(self) -> str:
        return self.name
