"""A mark for something that was done: what is measured is chosen here, once."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.choices import Basis, Metric
from insights.models.kept import FEWEST_MONTHS, MOST_MONTHS
from insights.services.marks import MOST_WORDS


class MarkForm(forms.Form):
    """Metric, month and span are fixed with the mark; nobody chooses them later."""

    words = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=MOST_WORDS,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    month = forms.DateField(
        label=gettext_lazy("From the month of"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    metric = forms.ChoiceField(
        label=gettext_lazy("Measured by"),
        choices=[
            (Metric.CHURN.value, gettext_lazy("Churn")),
            (Metric.RETENTION.value, gettext_lazy("Retention")),
        ],
    )
    months = forms.IntegerField(
        label=gettext_lazy("Months before and after"),
        min_value=FEWEST_MONTHS,
        max_value=MOST_MONTHS,
        initial=3,
    )

    def __init__(self, *args: Any, basis: Basis, **options: Any) -> None:
        super().__init__(*args, **options)
        self.basis = basis
        wrong = _("Enter a whole number from %(low)s to %(high)s") % {
            "low": FEWEST_MONTHS,
            "high": MOST_MONTHS,
        }
        months = self.fields["months"]
        months.error_messages |= dict.fromkeys(
            ("invalid", "required", "min_value", "max_value"), wrong
        )

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        found = dict(self.cleaned_data)
        return found | {"metric": Metric(found["metric"]), "basis": self.basis}
