"""Accounts of mail servers by which mail leaves, and leave to use them by OAuth 2."""

from django.db import models
from django.db.models import Q

from crm.models.fields import choice_check, pairs
from messaging.rules.choices import OAuthProvider, Security


class MailGrant(models.Model):
    """Leave to use an account at a mail provider (RFC 6749), to read and to send.

    Its secret and tokens are encrypted by messaging/services/secrets.py.
    """

    provider = models.CharField(max_length=10, choices=pairs(OAuthProvider))
    client_id = models.CharField(max_length=200)
    # Empty: a public client, which PKCE protects (RFC 7636).
    client_secret = models.TextField(blank=True, default="", db_default="")
    authorize_url = models.CharField(max_length=500)
    token_url = models.CharField(max_length=500)
    scope = models.CharField(max_length=500, blank=True, default="", db_default="")
    # Empty: nobody has consented yet.
    refresh_token = models.TextField(blank=True, default="", db_default="")
    access_token = models.TextField(blank=True, default="", db_default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    granted_at = models.DateTimeField(null=True, blank=True)
    # Why the provider gives no token any more, since when; empty: it does.
    error_code = models.CharField(max_length=40, blank=True, default="", db_default="")
    error_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            choice_check("provider", OAuthProvider, name="mail_grant_provider"),
            models.CheckConstraint(
                condition=~Q(client_id=""), name="mail_grant_has_client"
            ),
            models.CheckConstraint(
                condition=Q(refresh_token="", granted_at=None)
                | Q(~Q(refresh_token=""), granted_at__isnull=False),
                name="mail_grant_has_time",
            ),
            models.CheckConstraint(
                condition=Q(error_code="", error_since=None)
                | Q(~Q(error_code=""), error_since__isnull=False),
                name="mail_grant_error_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.pk}"


class SendingAccount(models.Model):
    """An SMTP server with a user, beside the one of the settings.

    It signs in with a password or a grant; without a user not at all.
    """

    name = models.CharField(max_length=80)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=465, db_default=465)
    security = models.CharField(
        max_length=8,
        choices=pairs(Security),
        default=Security.TLS.value,
        db_default=Security.TLS.value,
    )
    user = models.CharField(max_length=254, blank=True, default="", db_default="")
    # Encrypted by messaging/services/secrets.py.
    password = models.TextField(blank=True, default="", db_default="")
    grant = models.ForeignKey(
        MailGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(host="") & Q(port__range=(1, 65_535)),
                name="sending_account_has_server",
            ),
            models.CheckConstraint(
                condition=Q(user="", password="", grant=None)
                | Q(~Q(user=""), ~Q(password=""), grant=None)
                | Q(~Q(user=""), password="", grant__isnull=False),
                name="sending_account_signs_in_one_way",
            ),
            choice_check("security", Security, name="sending_account_security"),
        ]

    def __str__(self) -> str:
        return self.name
