"""Who is asked, and when."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey
from surveys.services.settings import BOUNDS

OTHER_RHYTHM = {"relationship": "after_days", "post_purchase": "every_days"}


def _days(field: str, label: Any, help_text: Any, *, required: bool = True) -> Any:
    least, most = BOUNDS[field]
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        required=required,
        error_messages={
            "min_value": _("Enter a number of days from %(least)d to %(most)d")
            % {"least": least, "most": most},
            "max_value": _("Enter a number of days from %(least)d to %(most)d")
            % {"least": least, "most": most},
            "invalid": _("Enter a whole number of days"),
            "required": _("Enter a number of days"),
        },
    )


class SurveyForm(forms.Form):
    """Who is asked, and how long they may answer. `version` is what was on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    every_days = _days(
        "every_days",
        _("Days between two questions to the same customer"),
        _("30 to 730. Each customer's first turn is spread over this span."),
    )
    after_days = _days(
        "after_days",
        _("Days after delivery"),
        _("0 to 90. Without a delivery day, the usual delivery time is added."),
    )
    remind_after_days = _days(
        "remind_after_days",
        _("Remind once after so many days without an answer"),
        _("1 to 60. Leave it empty to remind nobody."),
        required=False,
    )
    valid_days = _days(
        "valid_days", _("Days in which it can be answered"), _("1 to 90.")
    )
    one_click = forms.BooleanField(
        label=_("Keep the score pressed in the mail, provisionally"),
        help_text=_(
            "It counts nowhere until the customer confirms it on the page: mail "
            "programs open links by themselves."
        ),
        required=False,
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each survey is asked by one rhythm; the other field would do nothing.
        del self.fields[OTHER_RHYTHM[survey.trigger]]

    def changes(self) -> dict[str, object]:
        """The fields to save, without the version."""
        return {
            field: value
            for field, value in self.cleaned_data.items()
            if field != "version"
        }
