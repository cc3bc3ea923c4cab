"""The row of filters above a page: which customers, when, and whom of."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights import words
from insights.choices import Basis
from insights.forms.sides import KNOWN_DAYS, SidesForm
from insights.metrics import periods
from insights.metrics.periods import Period
from insights.selectors.asked import ALL, Asked

SPAN, BEFORE = "span", "before"
UNITS = (
    ("month", gettext_lazy("Month")),
    ("quarter", gettext_lazy("Quarter")),
    ("year", gettext_lazy("Year")),
    (SPAN, gettext_lazy("Days of your own")),
)
# How far back a period may be chosen.
MOST_PERIODS = {"month": 60, "quarter": 40, "year": 20}


class FilterForm(SidesForm):
    """Read from the address, so that a page can be sent to somebody.

    `horizon`: the last day of which everything is known; the default is the last period
    before it that is over.
    """

    basis = forms.ChoiceField(required=False, label=gettext_lazy("Counted by"))
    unit = forms.ChoiceField(
        choices=UNITS, required=False, label=gettext_lazy("Span of time")
    )
    at = forms.ChoiceField(required=False, label=gettext_lazy("Which"))
    first = forms.DateField(
        required=False,
        validators=KNOWN_DAYS,
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    last = forms.DateField(
        required=False,
        validators=KNOWN_DAYS,
        label=gettext_lazy("To"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(
        self, data: QueryDict, *, bases: list[Basis], horizon: date, leave: str = ""
    ) -> None:
        given = {"unit": "quarter"} | data.dict()
        self.bases, self.horizon = bases, horizon
        self.chosen_unit = str(given["unit"])
        newest = periods.last_over(horizon, self._unit).starts_on.isoformat()
        super().__init__({"at": newest} | given)
        known = [
            (one.starts_on.isoformat(), words.period(one)) for one in self._periods()
        ]
        self.fields["basis"].choices = [(one.value, words.basis(one)) for one in bases]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["at"].choices = known  # type: ignore[attr-defined] # a ChoiceField
        before = [(BEFORE, _("The time before it, as long"))]
        self.offer(self.chosen_basis, before if self.is_span else known, leave=leave)

    @property
    def is_span(self) -> bool:
        return self.chosen_unit == SPAN

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that make sense with what is chosen."""
        names = ["unit", *(("first", "last") if self.is_span else ("at",))]
        names += self.side_names
        if len(self.bases) > 1:
            names.insert(0, "basis")
        return [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        """Both days of a span of one's own, in order."""
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if self.is_span and first and last and last < first:
            raise ValidationError(
                _("The last day lies before the first."), code="wrong_order"
            )
        return values

    def asked(self) -> Asked:
        """What is asked for; what cannot be understood is left at its default."""
        values = self.cleaned_data if self.is_valid() else {}
        return Asked(self.chosen_basis, self._period(values), values.get("by") or ALL)

    @property
    def chosen_basis(self) -> Basis:
        """That of the address, else the first that the shop counts by."""
        named = [one for one in self.bases if one.value == self.data.get("basis")]
        return named[0] if named else self.bases[0]

    def both(self) -> tuple[Asked, Asked] | None:
        """Both sides that are compared; None where nothing is."""
        sides = self.sides() if self.is_valid() else None
        if sides is None:
            return None
        period = self._period(self.cleaned_data)
        first, second = (
            Asked(self.chosen_basis, self._named(one.at, period), one.by, one.value)
            for one in sides
        )
        return first, second

    def _named(self, at: str, period: Period) -> Period:
        if at == BEFORE:
            return periods.before(period)
        if not at:
            return period
        return periods.containing(date.fromisoformat(at), self._unit)

    def _period(self, values: dict[str, Any]) -> Period:
        if self.is_span:
            last = values.get("last") or self.horizon
            first = values.get("first") or last - timedelta(days=364)
            return Period(min(first, last), last + timedelta(days=1))
        if values.get("at"):
            return periods.containing(date.fromisoformat(values["at"]), self._unit)
        return periods.last_over(self.horizon, self._unit)

    @property
    def _unit(self) -> str:
        return self.chosen_unit if self.chosen_unit in MOST_PERIODS else "quarter"

    def _periods(self) -> list[Period]:
        newest = periods.containing(self.horizon, self._unit)
        return list(reversed(periods.until(newest, MOST_PERIODS[self._unit])))
