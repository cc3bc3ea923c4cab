"""Who is asked, and when."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.choices import Trigger
from surveys.models import Asking, Survey
from surveys.services.settings import BOUNDS, OF_SURVEY

# A date, a request and a campaign have no rhythm of their own.
RHYTHM = {
    Trigger.REGULARLY: "every_days",
    Trigger.AFTER_DELIVERY: "after_days",
    Trigger.CONVERSATION: "after_days",
}


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


def _number(field: str, label: Any, help_text: Any, *, required: bool = False) -> Any:
    least, most = BOUNDS[field]
    said = _("Enter a number from %(least)d to %(most)d") % {
        "least": least,
        "most": most,
    }
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        required=required,
        error_messages={
            "min_value": said,
            "max_value": said,
            "invalid": said,
            "required": said,
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
    remind_again_after_days = _days(
        "remind_again_after_days",
        _("Remind a second and last time so many days after the first"),
        _("1 to 60. Leave it empty to remind nobody twice."),
        required=False,
    )
    valid_days = _days(
        "valid_days", _("Days in which it can be answered"), _("1 to 90.")
    )
    sample_percent = _number(
        "sample_percent",
        _("Ask so many in a hundred"),
        _("1 to 100. By lot, and the same people each time."),
        required=True,
    )
    most_a_month = _number(
        "most_a_month",
        _("Ask at most so many people in a calendar month"),
        _("Spread evenly over its days. Leave it empty for no such limit."),
    )
    ends_on = forms.DateField(
        label=_("Ask for the last time on"),
        help_text=_("Leave it empty to go on asking."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day such as 2027-03-31")},
    )
    ends_after = _number(
        "ends_after",
        _("Stop asking after so many answers"),
        _("Confirmed ones. Leave it empty to go on asking."),
    )
    rest_after_ignored = _number(
        "rest_after_ignored",
        _("Leave in peace whoever left so many surveys in a row unanswered"),
        _("1 to 10, of all surveys together. Leave it empty to go on asking them."),
    )
    rest_days = _days(
        "rest_days",
        _("For so many days since the last of them"),
        _(
            "30 to 1,095. Whoever says no on the page of a survey, of whatever kind, "
            "rests as long from that day on."
        ),
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
        for asking in with_rhythm(askings):
            field = RHYTHM[asking.trigger]
            name, alone = f"{field}_{asking.pk}", len(askings) == 1
            self.fields[name] = _rhythm(asking, alone=alone)
        self.fields |= own

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("remind_again_after_days") and not values.get(
            "remind_after_days", 1
        ):
            self.add_error(
                "remind_again_after_days",
                _("There is no second reminder without a first"),
            )
        return values

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
        for asking in with_rhythm(self.askings):
            field = RHYTHM[asking.trigger]
            found[asking.pk] = {field: self.cleaned_data[f"{field}_{asking.pk}"]}
        return found


def with_rhythm(askings: Sequence[Asking]) -> list[Asking]:
    """Those whose trigger is so many days after or between something."""
    return [asking for asking in askings if asking.trigger in RHYTHM]


def as_saved(survey: Survey, askings: Sequence[Asking]) -> dict[str, object]:
    """What stands in the form before anything is typed."""
    rhythms = {
        f"{RHYTHM[asking.trigger]}_{asking.pk}": getattr(asking, RHYTHM[asking.trigger])
        for asking in with_rhythm(askings)
    }
    own = {field: getattr(survey, field) for field in (*OF_SURVEY, "version")}
    return {**own, **rhythms}


def _rhythm(asking: Asking, *, alone: bool) -> forms.IntegerField:
    """Named after its automation where several ask."""
    is_closed = asking.trigger is Trigger.CONVERSATION
    name = "closed" if is_closed else RHYTHM[asking.trigger]
    field: forms.IntegerField = _rhythms()[name]
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
        "closed": _days(
            "after_days", _("Days after a conversation was closed"), _("0 to 90.")
        ),
    }
