"""Forms to write mails, notes, saved replies and a signature."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from support.models import SavedReply
from support.rules import placeholders
from web import form_fields as fields

_LINE_MOST = 5_000


class TypedField(forms.CharField):
    """A mail needs it to be sent; before that it is kept as it is, also empty."""

    def validate(self, value: Any) -> None:
        """Nothing is asked for while somebody writes."""


class TypedMailForm(forms.Form):
    """What is typed, kept as it is: it is checked when it is sent."""

    use_required_attribute = False

    to = TypedField(
        max_length=_LINE_MOST,
        strip=False,
        label=_("To"),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    cc = forms.CharField(
        required=False,
        max_length=_LINE_MOST,
        strip=False,
        label=_("Cc"),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    bcc = forms.CharField(
        required=False,
        max_length=_LINE_MOST,
        strip=False,
        label=_("Bcc"),
        help_text=_("They get the mail too, and nobody sees that."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    subject = TypedField(
        max_length=1_000,
        strip=False,
        label=_("Subject"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    text = TypedField(
        max_length=100_000,
        strip=False,
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto", "data-writes": True}),
    )


class NewMailForm(TypedMailForm):
    """A mail that is no draft yet."""

    # Of the page: what is typed on it begins one draft.
    ticket = forms.RegexField(
        r"^[A-Za-z0-9]{20}$", required=False, widget=forms.HiddenInput
    )


class DraftForm(TypedMailForm):
    """The same of a draft that is there."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    finishes_follow_up = forms.BooleanField(required=False)


class SendLaterForm(forms.Form):
    """When a mail is to be sent; empty: now."""

    send_at = forms.DateTimeField(
        required=False,
        label=_("Send at"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        error_messages={"invalid": _("Enter the time as 2026-11-21 14:30")},
    )


class NoteForm(forms.Form):
    """An internal note on a conversation."""

    note = fields.MultilineField(
        name="note", most=20_000, rows=3, required=True, label=_("Internal note")
    )
    note.widget.attrs["data-key"] = "n"


class SavedReplyForm(forms.Form):
    """A saved reply: name, language, words and whose it is."""

    name = fields.TextField(name="name", most=80, required=True, label=_("Name"))
    language = forms.ChoiceField(
        required=False,
        label=_("Language"),
        choices=[("", _("Any language")), *settings.LANGUAGES],
    )
    text = fields.MultilineField(
        name="text", most=20_000, rows=8, required=True, label=_("Text")
    )
    is_shared = forms.BooleanField(
        required=False, initial=True, label=_("Everybody may use it")
    )
    version = forms.IntegerField(
        required=False, min_value=1, initial=1, widget=forms.HiddenInput
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        names = " ".join(f"{{{name}}}" for name in placeholders.NAMES)
        self.fields["text"].help_text = _("These are filled for each mail: %s") % names

    @classmethod
    def of(cls, reply: SavedReply, data: Any = None) -> "SavedReplyForm":
        """The form of a reply that is there."""
        return cls(
            data,
            initial={
                "name": reply.name,
                "language": reply.language,
                "text": reply.text,
                "is_shared": reply.owner_id is None,
                "version": reply.version,
            },
        )


class SignatureForm(forms.Form):
    """The signature of a member of staff."""

    signature = fields.MultilineField(
        name="signature", most=2_000, rows=4, label=_("Signature")
    )
