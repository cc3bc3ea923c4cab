"""The contact form: what customers type, and what their refusals say."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from crm.rules import names
from support.services import contact_form
from web.errors import DomainError, InvalidValue
from web.rules import text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

TEXT_MOST = 10_000
# Codes of refusals, for the people who see them.
WORDS = {
    "form_too_fast": _(
        "That was very quick. Nothing was sent yet: press Send once more."
    ),
    "form_too_old": _(
        "This page was open for very long. Nothing was sent yet, and what you wrote is"
        " still here: press Send once more."
    ),
    "too_many_attempts": _(
        "Much was sent from here within an hour. Nothing was sent now, and what you"
        " wrote is still here. Please try again in an hour, or write us an email."
    ),
}
FAILED = _(
    "This did not work, and the fault is ours. What you wrote is still here: please"
    " try again in a moment."
)
_TOO_LONG = _("This is too long.")
_CONTROLS = _("Take out the characters that cannot be shown.")


class ContactForm(forms.Form):
    """Anyone who came by a link of ours (`is_known`) is asked for no name and
    address."""

    text = forms.CharField(
        label=_("What can we do for you?"),
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
        error_messages={
            "required": _("Write a few words, so that we know what it is about."),
            "max_length": _TOO_LONG,
        },
    )
    email = forms.CharField(
        label=_("Your email address"),
        max_length=254,
        help_text=_("We answer to it, and use it for nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
        error_messages={
            "required": _("Enter an address to which we can answer."),
            "max_length": _TOO_LONG,
        },
    )
    name = forms.CharField(
        label=_("Your name (optional)"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        error_messages={"max_length": _TOO_LONG},
    )
    order_number = forms.CharField(
        label=_("Order number (optional)"),
        required=False,
        max_length=60,
        help_text=_("It stands in the mail that confirmed your order."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"max_length": _TOO_LONG},
    )
    file = forms.FileField(
        label=_("A picture or file (optional)"),
        required=False,
        max_length=200,
        error_messages={
            "empty": _("This file is empty."),
            "max_length": _("Its name is too long."),
            "invalid": _("The file did not arrive. Choose it once more."),
        },
    )
    # Nobody sees it; programs that fill in every field do.
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    ticket = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, is_known: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if is_known:
            del self.fields["email"], self.fields["name"]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that people see, in order."""
        wanted = ("text", "email", "name", "order_number", "file")
        return [self[name] for name in wanted if name in self.fields]

    def clean_email(self) -> str:
        try:
            return text.valid_email(self.cleaned_data["email"], field="email")
        except InvalidValue:
            raise forms.ValidationError(
                _("This is no email address. It has the form name@example.org.")
            ) from None

    def clean_text(self) -> str:
        return self._words("text", lines=True)

    def clean_name(self) -> str:
        return self._words("name")

    def clean_order_number(self) -> str:
        return self._words("order_number")

    def _words(self, name: str, *, lines: bool = False) -> str:
        value: str = self.cleaned_data[name]
        read = text.many_lines if lines else text.one_line
        try:
            return read(value, field=name, most=TEXT_MOST)
        except InvalidValue:
            raise forms.ValidationError(_CONTROLS) from None

    def clean_file(self) -> "UploadedFile[bytes] | None":
        found: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if found and (found.size or 0) > contact_form.FILE_MOST:
            most = filesizeformat(contact_form.FILE_MOST)
            raise forms.ValidationError(
                _("The file may have %(most)s at most.") % {"most": most}
            )
        return found

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                _(
                    "A hidden field was filled in. Nothing was sent: press Send once"
                    " more."
                )
            )
        return ""

    def written(self, *, language: str) -> contact_form.Written:
        """What was typed."""
        data = self.cleaned_data
        file = data["file"]
        return contact_form.Written(
            ticket=data["ticket"],
            name=data.get("name", ""),
            email=names.normalise_email(data.get("email", "")),
            order_number=data["order_number"],
            text=data["text"],
            language=language,
            file_name=file.name if file else "",
            file=file.read() if file else b"",
        )

    def refuse(self, error: DomainError) -> None:
        """Say on the form why nothing was sent."""
        self.add_error(None, str(WORDS.get(error.code, FAILED)))
