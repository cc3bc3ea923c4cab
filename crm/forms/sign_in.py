"""Sign in, in our words."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.passwords import password_field


class SignInForm(forms.Form):
    """Shape only; whether it is right is asked of crm/services/sign_in.py."""

    username = forms.CharField(
        max_length=254,
        label=_("Email address"),
        widget=forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "dir": "ltr"}
        ),
    )
    password = password_field("current-password", label=_("Password"))


class CodeForm(forms.Form):
    """A code of the authenticator app; at sign-in a recovery code does as well."""

    code = forms.CharField(
        max_length=40,
        label=_("Code"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false"}
        ),
    )
