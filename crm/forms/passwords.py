"""A password, typed twice."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.models import User
from web import form_fields as fields


def password_field(purpose: str, **more: Any) -> forms.CharField:
    """A field for a password. `purpose` is what password managers go by:
    current-password or new-password. What is typed is kept to the letter."""
    widget = forms.PasswordInput(attrs={"autocomplete": purpose, "dir": "ltr"})
    return forms.CharField(strip=False, max_length=128, widget=widget, **more)


class ForgottenForm(forms.Form):
    """The address of who has forgotten their password."""

    email = fields.EmailField(name="email", required=True, label=_("Email address"))


class OwnPasswordForm(forms.Form):
    """Asks for the password, to confirm who is asking."""

    current = password_field("current-password", label=_("Your password"))


class NewPasswordForm(forms.Form):
    """`user` is whose password it will be: it must not be their name."""

    password = password_field(
        "new-password",
        label=_("New password"),
        help_text=_("12 characters or more. A few words you remember are best."),
    )
    again = password_field("new-password", label=_("The same once more"))

    def __init__(self, user: User, *args: Any, **more: Any) -> None:
        self.user = user
        super().__init__(*args, **more)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"password", "again"} <= set(data) and data["password"] != data["again"]:
            wrong = _("Type the same password in both fields")
            self.add_error("again", ValidationError(wrong, code="differs"))
        return data


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one, typed twice."""

    current = password_field("current-password", label=_("Your present password"))
    field_order = ("current", "password", "again")
