"""Who is asked, and when."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.choices import Trigger
from surveys.models import Asking, Survey
from surveys.services.settings import BOUNDS, OF_SURVEY

RHYTHM = {Trigger.RELATIONSHIP: "every_days", Trigger.POST_PURCHASE: "after_days"}


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

    def __init__(
        self, *args: Any, survey: Survey, askings: Sequence[Asking], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.askings = askings
        own = {name: self.fields.pop(name) for name in list(self.fields)}
        self.fields["version"] = own.pop("version")
        # Each automation asks in one rhythm; the other field would do nothing.
        for asking in askings:
            field = RHYTHM[asking.trigger]
            name, alone = f"{field}_{asking.pk}", len(askings) == 1
            self.fields[name] = _rhythm(asking, alone=alone)
        self.fields |= own

    def changes(self) -> dict[str, object]:
        """The fields of the survey to save."""
        return {
            field: value
            for field, value in self.cleaned_data.items()
            if field in OF_SURVEY
        }

    def rhythms(self) -> dict[int, dict[str, object]]:
        """What to save of each automation that asks it, by the id of the asking."""
        found: dict[int, dict[str, object]] = {}
        for asking in self.askings:
            field = RHYTHM[asking.trigger]
            found[asking.pk] = {field: self.cleaned_data[f"{field}_{asking.pk}"]}
        return found


def as_saved(survey: Survey, askings: Sequence[Asking]) -> dict[str, object]:
    """What stands in the form before anything is typed."""
    rhythms = {
        f"{RHYTHM[asking.trigger]}_{asking.pk}": getattr(asking, RHYTHM[asking.trigger])
        for asking in askings
    }
    own = {field: getattr(survey, field) for field in (*OF_SURVEY, "version")}
    return {**own, **rhythms}


def _rhythm(asking: Asking, *, alone: bool) -> forms.IntegerField:
    """Named after its automation where several ask."""
    field: forms.IntegerField = _rhythms()[RHYTHM[asking.trigger]]
    if not alone:
        field.label = f"{asking.automation.name}: {field.label}"
    return field


def _rhythms() -> dict[str, Any]:
    return {
        "every_days": _days(
            "every_days",
            _("Days between two questions to the same customer"),
            _("30 to 730. Each customer's first turn is spread over this span."),
        ),
        "after_days": _days(
            "after_days",
            _("Days after delivery"),
            _("0 to 90. Without a delivery day, the usual delivery time is added."),
        ),
    }
