"""The form of a mailbox."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.dates import moment_at
from support.models import Mailbox
from support.rules.choices import Security
from web import form_fields as fields

SECURITIES = [
    (Security.TLS.value, _("TLS, usually port 993")),
    (Security.STARTTLS.value, _("STARTTLS, usually port 143")),
    (Security.NONE.value, _("None, for a server on this machine")),
]


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
        name="host", most=253, required=True, label=_("IMAP server"),
        help_text=_("Your provider tells it, such as imap.example.org."),
    )  # fmt: skip
    port = forms.IntegerField(min_value=1, max_value=65_535, label=_("Port"))
    security = forms.ChoiceField(choices=SECURITIES, label=_("Security"))
    user = fields.TextField(name="user", most=254, required=True, label=_("User"))
    password = forms.CharField(
        required=False,
        max_length=500,
        strip=False,
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown. Empty: the one that is stored."),
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
    is_on = forms.BooleanField(required=False, label=_("Read it each minute"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **more: Any) -> None:
        super().__init__(*args, **more)
        self._zone = zone
        colleagues = User.objects.filter(is_active=True).order_by("name", "pk")
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)
        assignee.queryset = colleagues

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "version"]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; the day begins at the reader's midnight."""
        values = dict(self.cleaned_data)
        del values["version"], values["password"]
        return {**values, "new_from": moment_at(values.pop("new_on"), 0, self._zone)}

    @classmethod
    def of(cls, mailbox: Mailbox, *, zone: ZoneInfo) -> "MailboxForm":
        names = set(cls.base_fields) - {"password", "new_on"}
        initial = {name: getattr(mailbox, name) for name in names}
        initial["assignee"] = mailbox.assignee_id
        initial["new_on"] = mailbox.new_from.astimezone(zone).date()
        return cls(initial=initial, zone=zone)

    @classmethod
    def fresh(cls, *, now: datetime, zone: ZoneInfo) -> "MailboxForm":
        initial = {"port": 993, "is_on": True, "new_on": now.astimezone(zone).date()}
        return cls(initial=initial, zone=zone)
