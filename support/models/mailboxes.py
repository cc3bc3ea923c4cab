"""Mailboxes that we read, and how far each of their folders is read."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.models import User
from crm.models.fields import choice_check, pairs
from messaging.models import MailGrant, SendingAccount
from support.rules.choices import Security


class Mailbox(models.Model):
    """One account on an IMAP server, where nothing is ever marked, moved or deleted; or
    an address alone, whose mail a provider posts or a pipe brings."""

    name = models.CharField(max_length=80)
    # Customers write to it, and replies leave from it.
    address = models.CharField(max_length=254)
    # Empty: it is not read, its mail is brought.
    host = models.CharField(max_length=253, blank=True, default="", db_default="")
    port = models.PositiveIntegerField(default=993, db_default=993)
    security = models.CharField(
        max_length=8,
        choices=pairs(Security),
        default=Security.TLS.value,
        db_default=Security.TLS.value,
    )
    user = models.CharField(max_length=254, blank=True, default="", db_default="")
    # Encrypted by messaging/services/secrets.py; the key is not in the database. Empty:
    # it signs in by `grant`.
    password = models.TextField(blank=True, default="", db_default="")
    grant = models.ForeignKey(
        MailGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # By which replies leave; None: by the shop's own transport.
    sending = models.OneToOneField(
        SendingAccount,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="mailbox",
    )
    # When a mail that left from the address came in here; replies leave from it since.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # When a mail to its address with a plus and a tag came in here; answers go to such
    # addresses since. Not every server takes them.
    tags_seen_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    assignee = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Mail from before this moment joins the timeline as closed history.
    new_from = models.DateTimeField()
    # Empty: not read.
    sent_folder = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )
    # Replies that were written here are put there, too.
    files_sent = models.BooleanField(default=False, db_default=False)
    # Only its Authentication-Results are believed. Empty: not known yet; "-": it gives
    # no name.
    auth_server = models.CharField(
        max_length=253, blank=True, default="", db_default=""
    )
    is_on = models.BooleanField(default=True, db_default=True)
    # Anyone who begins a conversation is told that it has arrived.
    acknowledges = models.BooleanField(default=False, db_default=False)
    # Conversations in which they owe the answer for so long are closed; null: never.
    close_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Only one process at a time reads a mailbox; a killed one is not waited for long.
    leased_until = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # What is wrong since when: a code of support/errors.py. Empty: nothing.
    error_code = models.CharField(max_length=40, blank=True, default="", db_default="")
    error_since = models.DateTimeField(null=True, blank=True)
    # Tries in a row that failed, and when the next one is due; None: at once.
    failures = models.PositiveIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name_plural = "mailboxes"
        constraints = [
            models.UniqueConstraint(Lower("address"), name="mailbox_address_once"),
            models.CheckConstraint(
                condition=Q(~Q(host=""), ~Q(user=""), ~Q(password=""), grant=None)
                | Q(~Q(host=""), ~Q(user=""), password="", grant__isnull=False)
                | Q(host="", user="", password="", grant=None, sent_folder=""),
                name="mailbox_can_be_opened",
            ),
            models.CheckConstraint(
                condition=Q(files_sent=False) | ~Q(sent_folder=""),
                name="mailbox_files_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(port__range=(1, 65_535)), name="mailbox_port"
            ),
            models.CheckConstraint(
                condition=Q(error_code="", error_since=None)
                | Q(~Q(error_code=""), error_since__isnull=False),
                name="mailbox_error_has_time",
            ),
            choice_check("security", Security, name="mailbox_security"),
            models.CheckConstraint(
                condition=Q(close_after_days=None)
                | Q(close_after_days__range=(1, 365)),
                name="mailbox_close_after_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_read(self) -> bool:
        """Whether it has a server that can be asked."""
        return self.host != ""


class MailFolder(models.Model):
    """How far a folder is read. UIDs count up within one UIDVALIDITY (RFC 3501)."""

    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, related_name="folders"
    )
    name = models.CharField(max_length=200)
    uid_validity = models.BigIntegerField()
    # The highest UID that is stored.
    last_uid = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "name"], name="mail_folder_once"
            ),
            models.CheckConstraint(
                condition=Q(uid_validity__gte=0, last_uid__gte=0),
                name="mail_folder_counts_up",
            ),
        ]

    def __str__(self) -> str:
        return self.name
