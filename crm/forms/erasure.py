"""The one question before somebody is erased for good."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ErasureForm(forms.Form):
    """Asks before a person is erased for good."""

    is_sure = forms.BooleanField(
        label=_("This is the right person, and they are to be erased for good"),
        error_messages={
            "required": _("Tick the box if this is the right person; nothing was done")
        },
    )
