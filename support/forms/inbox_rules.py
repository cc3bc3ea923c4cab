"""The form of a rule of the inbox."""

import hashlib
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.models import User
from support.models import InboxRule, Mailbox
from support.rules.matching import Conditions
from support.selectors import people
from support.words import KINDS
from web import form_fields as fields

_COMMAS = _("Words with commas between: one of them is enough.")


class InboxRuleForm(forms.Form):
    """Which mails, and what is done with their conversations."""

    name = fields.TextField(name="name", most=80, required=True, label=_("Name"))
    sender = fields.TextField(
        name="sender", most=500, label=_("Name or address of the sender"),
        help_text=_COMMAS,
    )  # fmt: skip
    recipient = fields.TextField(
        name="recipient", most=500, label=_("Name or address of a recipient"),
        help_text=_COMMAS,
    )  # fmt: skip
    subject = fields.TextField(
        name="subject", most=500, label=_("In the subject"), help_text=_COMMAS
    )
    body = fields.TextField(
        name="body", most=500, label=_("In the text"), help_text=_COMMAS
    )
    mailbox = forms.ModelChoiceField(
        Mailbox.objects.order_by("name", "pk"), required=False, label=_("Mailbox"),
        empty_label=_("Every mailbox"),
    )  # fmt: skip
    language = forms.ChoiceField(
        required=False, label=_("Language"),
        choices=[("", _("Every language")), *settings.LANGUAGES],
    )  # fmt: skip
    assignee = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Assign to"),
        empty_label=_("Nobody in particular"),
    )  # fmt: skip
    tag = fields.TextField(name="tag", most=60, label=_("Put this tag on"))
    kind = forms.ChoiceField(
        required=False, label=_("Set the kind"), choices=[("", "–"), *KINDS.items()]
    )
    closes = forms.BooleanField(required=False, label=_("Close"))
    is_spam = forms.BooleanField(required=False, label=_("Close as spam"))
    version = forms.IntegerField(
        required=False, min_value=1, initial=1, widget=forms.HiddenInput
    )
    # What was tried; saving is offered once the conditions are those.
    tried = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)
        ids = [user.pk for user in people.colleagues()]
        assignee.queryset = User.objects.filter(pk__in=ids).order_by("name", "pk")

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        values = dict(self.cleaned_data)
        del values["version"], values["tried"]
        return values

    @property
    def conditions(self) -> Conditions:
        """What is asked of a mail."""
        data = self.cleaned_data
        mailbox = data["mailbox"]
        return Conditions(
            sender=data["sender"],
            recipient=data["recipient"],
            subject=data["subject"],
            body=data["body"],
            mailbox_id=mailbox.pk if mailbox else None,
            language=data["language"],
        )

    @property
    def digest(self) -> str:
        """The same conditions have the same one."""
        return hashlib.sha256(repr(self.conditions).encode()).hexdigest()

    @classmethod
    def of(cls, rule: InboxRule, data: Any = None) -> "InboxRuleForm":
        """The form of a rule that is there."""
        own = set(cls.base_fields) - {"tried", "tag"}
        initial = {name: getattr(rule, name) for name in own}
        initial["tag"] = rule.tag.name if rule.tag else ""
        return cls(data, initial=initial)
