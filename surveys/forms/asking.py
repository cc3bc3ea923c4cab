"""What an automation asks, as it is chosen on its page."""

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey
from web import form_fields as fields

# A year with all days that there are.
_LEAP_YEAR = 2024


def _surveys() -> list[tuple[str, object]]:
    return [
        (str(pk), name)
        for pk, name in Survey.objects.filter(archived_at=None)
        .order_by("name", "id")
        .values_list("id", "name")
    ]


class SurveyChoiceForm(forms.Form):
    """Which survey it asks; nothing: the one that it asks already."""

    survey = fields.LazyChoiceField(
        required=False,
        label=_("Survey"),
        help_text=_("Its page says how often it may be asked, and when it ends."),
        choices=_surveys,
    )


class OnDateForm(SurveyChoiceForm):
    """And on which day of the year."""

    month = forms.ChoiceField(
        label=_("Month"), choices=[(str(no), name) for no, name in MONTHS.items()]
    )
    day = forms.ChoiceField(
        label=_("Day"), choices=[(str(no), str(no)) for no in range(1, 32)]
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "month" in values and "day" in values:
            try:
                date(_LEAP_YEAR, int(values["month"]), int(values["day"]))
            except ValueError:
                self.add_error("day", _("This month has no such day"))
        return values
