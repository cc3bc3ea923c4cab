"""Sign in, in our words."""

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class SignInForm(AuthenticationForm):
    """Says neither whether there is such an account nor which of the two is wrong."""

    def get_invalid_login_error(self) -> ValidationError:
        text = _(
            "Enter the email address and password of your account. "
            "Capital letters count."
        )
        return ValidationError(text, code="invalid_login")
