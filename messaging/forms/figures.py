"""Which figure of a forecast is asked for."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from messaging.rules.simulation import ForecastDecision
from messaging.selectors.forecast_people import Figure


class FigureForm(forms.Form):
    """The query string of a figure; see `Figure.query`."""

    automation = forms.IntegerField()
    decision = forms.TypedChoiceField(
        choices=[(decision.value, decision.value) for decision in ForecastDecision],
        coerce=ForecastDecision,
    )
    day = forms.DateField(required=False)
    late = forms.BooleanField(required=False)
    code = forms.CharField(required=False, max_length=40)
    beside = forms.IntegerField(required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        # Its name in older links, and in exports that were asked for before.
        if "verdict" in data and "decision" not in data:
            data = {**dict(data.items()), "decision": data["verdict"]}
        super().__init__(data)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("late") and not values.get("day"):
            self.add_error("late", _("Choose the day on which they go."))
        return values

    @property
    def figure(self) -> Figure:
        """What was asked for; of a valid form."""
        return Figure(**self.cleaned_data)
