"""Forms of the till."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.rules.redemption_file import Line, Unreadable, read
from web import form_fields as fields


class CodeForm(forms.Form):
    """A code as somebody reads it from a phone."""

    code = fields.TextField(
        name="code",
        most=60,
        required=True,
        label=_("Code"),
        attrs={
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "dir": "ltr",
            "class": "p-code",
        },
    )


class RedeemForm(CodeForm):
    """The same, with the receipt that it is for."""

    receipt = fields.TextField(
        name="order", most=80, label=_("Receipt number"), attrs={"dir": "ltr"}
    )
    total = fields.AmountField(name="total", label=_("Amount of the order"))
    once = fields.IdempotencyField()

    def ask_total_in(self, currency: str) -> None:
        """Ask what the order comes to, and in which money."""
        self.fields["total"].required = True
        self["total"].label = _("Amount of the order (%(currency)s)") % {
            "currency": currency
        }


_MOST_BYTES = 500_000
_UNREADABLE = {
    "redemptions_no_column": _("The first line must name the columns code and order."),
    "redemptions_none": _("No line with a code was found."),
    "redemptions_too_many": _("The file has more than 1,000 lines. Send it in parts."),
}


class FileForm(forms.Form):
    """A file of redemptions."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in UTF-8, with the columns code and order; up to 1,000 lines. A column"
            " day (2026-11-30) says when each was used, so that one that ran out since"
            " counts; a column amount lets the least amount of an order be checked."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv", "class": "mw-100"}),
        error_messages={
            "required": _("Choose a file first."),
            "missing": _("Choose a file first."),
            "invalid": _("Choose a file first."),
            "empty": _("This file is empty. Nothing was kept."),
        },
    )

    def clean_file(self) -> list[Line]:
        """Its lines."""
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 500 kB."))
        try:
            return read(file.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("The file is not in UTF-8. Save it again in that encoding.")
            ) from None
        except Unreadable as error:
            raise forms.ValidationError(_UNREADABLE[error.code]) from error
