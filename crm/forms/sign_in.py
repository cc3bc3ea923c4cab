"""Sign in, in our words."""

from typing import ClassVar

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Says neither whether there is such an account nor which of the two is wrong."""

    # One sentence for both: an account that was closed is nobody's to learn about.
    _WRONG = _(
        "Enter the email address and password of your account. Capital letters count."
    )
    error_messages: ClassVar = {"invalid_login": _WRONG, "inactive": _WRONG}
