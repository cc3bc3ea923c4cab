"""Which cohort or quarter is looked at, of whom, and which one beside it."""

from collections.abc import Mapping, Sequence
from datetime import date

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from insights.choices import Basis
from insights.forms.sides import UNKNOWN, Side, SidesForm
from insights.metrics import periods
from insights.selectors.asked import ALL, PRODUCT, Asked


class TimeForm(SidesForm):
    """Read from the address; what cannot be understood is everybody, beside nothing."""

    at = forms.ChoiceField(required=False)

    def __init__(
        self,
        data: Mapping[str, str],
        choices: Sequence[tuple[str, str]],
        *,
        usual: str,
        label: str | Promise,
        basis: Basis = Basis.ORDERS,
    ) -> None:
        """`choices`: first day and name of each time, the newest first; `usual`: the
        one that is looked at where none is asked for; `label`: what a time is called.
        """
        super().__init__({"at": usual} | dict(data))
        self.basis = basis
        self.fields["at"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
        self.fields["at"].label = str(label)
        # Who bought a product before is chosen where spans of one's own are.
        self.offer(basis, list(choices), leave=PRODUCT)

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that make sense with what is chosen."""
        return [self[name] for name in ("at", *self.side_names)]

    def group(self) -> tuple[str, str]:
        """Dimension and value of the group whose table is shown."""
        values = self.cleaned_data if self.is_valid() else {}
        by, value = values.get("by") or ALL, values.get("value") or ""
        if by == ALL or not value:
            return ALL, ""
        return by, "" if value == UNKNOWN else value

    def both(self) -> tuple[Side, Side] | None:
        """Both sides, each with the first day of its time; None where nothing is
        compared."""
        sides = self.sides() if self.is_valid() else None
        at = self.cleaned_data.get("at")
        if sides is None or not at:
            return None
        first, second = (Side(one.by, one.value, one.at or at) for one in sides)
        return None if first == second else (first, second)


class CohortForm(TimeForm):
    """Whose table is shown, and a cohort beside another."""

    def __init__(
        self, data: Mapping[str, str], choices: Sequence[tuple[str, str]], *, usual: str
    ) -> None:
        label = gettext_lazy("First bought")
        super().__init__(data, choices, usual=usual, label=label)


class QuarterForm(TimeForm):
    """Two quarters, or two groups in them, beside each other."""

    def __init__(
        self,
        data: Mapping[str, str],
        choices: Sequence[tuple[str, str]],
        basis: Basis,
    ) -> None:
        newest, label = choices[0][0], gettext_lazy("Quarter")
        super().__init__(data, choices, usual=newest, label=label, basis=basis)

    def asked(self) -> tuple[Asked, Asked] | None:
        """What is asked of both sides; None where nothing is compared."""
        both = self.both()
        if both is None:
            return None
        first, second = (
            Asked(self.basis, _quarter(one.at), one.by, one.value) for one in both
        )
        return first, second


def _quarter(day: str) -> periods.Period:
    return periods.containing(date.fromisoformat(day), "quarter")
