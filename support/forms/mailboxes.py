"""The form of a mailbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.dates import moment_at
from messaging.models import MailGrant
from messaging.rules.choices import OAuthProvider, Security
from support.models import Mailbox
from support.services import mailboxes
from support.services.mailboxes import Sending, SignIn
from web import form_fields as fields

SIGN_IN = [
    ("", _("A password")),
    (OAuthProvider.GOOGLE.value, _("Consent at Google")),
    (OAuthProvider.MICROSOFT.value, _("Consent at Microsoft")),
    (OAuthProvider.OWN.value, _("Consent at another provider (OAuth 2)")),
]
SECURITIES = [
    (Security.TLS.value, _("TLS, usually port 993")),
    (Security.STARTTLS.value, _("STARTTLS, usually port 143")),
    (Security.NONE.value, _("None, for a server on this machine")),
]
SENDING_SECURITIES = [
    (Security.TLS.value, _("TLS, usually port 465")),
    (Security.STARTTLS.value, _("STARTTLS, usually port 587")),
    (Security.NONE.value, _("None, for a server on this machine")),
]
_READING = (
    *("host", "port", "security", "user", "sign_in", "password"),
    "auth_server",
)
_CONSENT = ("client_id", "client_secret", "authorize_url", "token_url", "scope")
_SENDING = ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_password")
_HISTORY = ("new_on", "sent_folder", "files_sent", "is_on")


def _secret(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=500,
        strip=False,
        label=label,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=help_text,
    )


class MailboxForm(forms.Form):
    """Everything about a mailbox. The password is typed, and never shown."""

    name = fields.TextField(
        name="name", most=80, required=True, label=_("Name"),
        help_text=_("As colleagues see it, such as Help or Wholesale."),
    )  # fmt: skip
    address = fields.EmailField(
        name="address", required=True, label=_("Address"),
        help_text=_("Customers write to it, and replies leave from it."),
    )  # fmt: skip
    host = fields.TextField(
        name="host", most=253, label=_("IMAP server"),
        help_text=_(
            "Your provider tells it, such as imap.example.org. Google:"
            " imap.gmail.com. Microsoft: outlook.office365.com. Empty: a provider posts"
            " its mail here, or your mail server brings it through a pipe."
        ),
    )  # fmt: skip
    port = forms.IntegerField(min_value=1, max_value=65_535, label=_("Port"))
    security = forms.ChoiceField(choices=SECURITIES, label=_("Security"))
    user = fields.TextField(name="user", most=254, label=_("User"))
    sign_in = forms.ChoiceField(
        choices=SIGN_IN, required=False, label=_("Signs in with"),
        help_text=_(
            "Google and Microsoft want consent: name the client below, save, and you"
            " are asked there."
        ),
    )  # fmt: skip
    password = _secret(
        _("Password"),
        _("Kept encrypted and never shown. Empty: the one that is stored."),
    )
    auth_server = fields.TextField(
        name="auth_server", most=253, label=_("Server that checks senders"),
        help_text=_(
            "Its name at the beginning of Authentication-Results, such as"
            " mx.example.org, or “-” where it gives none. What other servers say of a"
            " sender is ignored. Empty: it is learnt from the test mail, or from ten"
            " mails that agree."
        ),
    )  # fmt: skip
    client_id = fields.TextField(
        name="client_id", most=200, label=_("Client ID"),
        help_text=_(
            "Register Perennial at the provider as a web application; it gives you a"
            " client ID and a secret."
        ),
    )  # fmt: skip
    client_secret = _secret(
        _("Client secret"),
        _("Kept encrypted and never shown. Empty: the one that is stored."),
    )
    authorize_url = fields.TextField(
        name="authorize_url", most=500, label=_("Address for consent"),
        help_text=_("For another provider than Google and Microsoft only."),
    )  # fmt: skip
    token_url = fields.TextField(
        name="token_url", most=500, label=_("Address for tokens"),
        help_text=_("For another provider than Google and Microsoft only."),
    )  # fmt: skip
    scope = fields.TextField(
        name="scope", most=500, label=_("Scope"),
        help_text=_("For another provider than Google and Microsoft only."),
    )  # fmt: skip
    smtp_host = fields.TextField(
        name="smtp_host", most=253, label=_("SMTP server"),
        help_text=_(
            "Such as smtp.example.org. Google: smtp.gmail.com. Microsoft:"
            " smtp.office365.com. Empty: replies leave as all other mail does."
        ),
    )  # fmt: skip
    smtp_port = forms.IntegerField(
        min_value=1, max_value=65_535, required=False, label=_("Port")
    )
    smtp_security = forms.ChoiceField(
        choices=SENDING_SECURITIES, required=False, label=_("Security")
    )
    smtp_user = fields.TextField(
        name="smtp_user", most=254, label=_("User"),
        help_text=_("Empty: the one above, with its password or consent."),
    )  # fmt: skip
    smtp_password = _secret(
        _("Password"),
        _("Kept encrypted and never shown. Empty: the one that is stored."),
    )
    language = fields.LazyChoiceField(
        label=_("Language"), choices=lambda: fields.languages(_("As the customer’s"))
    )
    assignee = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("New conversations go to"),
        empty_label=_("Whoever is free"),
    )  # fmt: skip
    new_on = fields.Day(
        label=_("New from"),
        help_text=_("Mail from before this day joins the timelines as closed history."),
    )
    sent_folder = fields.TextField(
        name="sent_folder", most=200, label=_("Folder of sent mail"),
        help_text=_(
            "What colleagues write in another program stands in the timelines, too."
            " Empty: it is not read."
        ),
    )  # fmt: skip
    files_sent = forms.BooleanField(
        required=False, label=_("Put replies that are written here there, too"),
        help_text=_("Leave it off where your provider does so by itself."),
    )  # fmt: skip
    is_on = forms.BooleanField(
        required=False, label=_("In use"),
        help_text=_(
            "It is read each minute, where it has a server, and answers to mail of the"
            " shop come to it."
        ),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **more: Any) -> None:
        super().__init__(*args, **more)
        self._zone = zone
        colleagues = User.objects.filter(is_active=True).order_by("name", "pk")
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)
        assignee.queryset = colleagues

    @property
    def about(self) -> list[forms.BoundField]:
        """Fields of the mailbox itself; those of each section follow."""
        return self._fields(("name", "address", "language", "assignee"))

    @property
    def reading(self) -> list[forms.BoundField]:
        return self._fields(_READING)

    @property
    def consent(self) -> list[forms.BoundField]:
        return self._fields(_CONSENT)

    @property
    def sending(self) -> list[forms.BoundField]:
        return self._fields(_SENDING)

    @property
    def history(self) -> list[forms.BoundField]:
        return self._fields(_HISTORY)

    @property
    def is_by_consent(self) -> bool:
        return bool(self["sign_in"].value())

    @property
    def is_sending(self) -> bool:
        return bool(self["smtp_host"].value())

    def _fields(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; the day begins at the reader's midnight."""
        values = {name: self.cleaned_data.get(name) for name in mailboxes.FIELDS}
        new_on = self.cleaned_data["new_on"]
        return {**values, "new_from": moment_at(new_on, 0, self._zone)}

    @property
    def typed_sign_in(self) -> SignIn:
        data = self.cleaned_data
        provider = OAuthProvider(data["sign_in"]) if data["sign_in"] else None
        return SignIn(
            password=data["password"],
            provider=provider,
            **{name: data[name] for name in _CONSENT},
        )

    @property
    def typed_sending(self) -> Sending | None:
        data = self.cleaned_data
        if not data["smtp_host"]:
            return None
        return Sending(
            host=data["smtp_host"],
            port=data["smtp_port"] or 465,
            security=Security(data["smtp_security"] or Security.TLS),
            user=data["smtp_user"],
            password=data["smtp_password"],
        )

    @classmethod
    def of(cls, mailbox: Mailbox, *, zone: ZoneInfo) -> "MailboxForm":
        initial = {name: getattr(mailbox, name) for name in mailboxes.FIELDS}
        initial["version"] = mailbox.version
        initial["assignee"] = mailbox.assignee_id
        initial["new_on"] = mailbox.new_from.astimezone(zone).date()
        initial |= _initial_of_grant(mailbox.grant)
        initial |= _initial_of_sending(mailbox)
        return cls(initial=initial, zone=zone)

    @classmethod
    def fresh(cls, *, now: datetime, zone: ZoneInfo) -> "MailboxForm":
        today = now.astimezone(zone).date()
        ports = {"port": 993, "smtp_port": 465}
        return cls(initial={**ports, "is_on": True, "new_on": today}, zone=zone)


def _initial_of_grant(grant: MailGrant | None) -> dict[str, Any]:
    """Without its secrets."""
    if grant is None:
        return {}
    names = ("client_id", "authorize_url", "token_url", "scope")
    found = {name: getattr(grant, name) for name in names}
    is_own = grant.provider == OAuthProvider.OWN.value
    shown = found if is_own else {"client_id": grant.client_id}
    return {"sign_in": grant.provider, **shown}


def _initial_of_sending(mailbox: Mailbox) -> dict[str, Any]:
    account = mailbox.sending
    if account is None:
        return {"smtp_port": 465}
    return {
        "smtp_host": account.host,
        "smtp_port": account.port,
        "smtp_security": account.security,
        "smtp_user": "" if account.user == mailbox.user else account.user,
    }
