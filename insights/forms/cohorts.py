"""Which cohort is looked at, of whom, and which one beside it."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy

from insights.choices import Basis
from insights.forms.sides import UNKNOWN, Side, SidesForm
from insights.selectors.asked import ALL, PRODUCT


class CohortForm(SidesForm):
    """Read from the address; what cannot be understood is everybody, beside nothing."""

    at = forms.ChoiceField(required=False, label=gettext_lazy("First bought"))

    def __init__(
        self,
        data: Mapping[str, str],
        choices: Sequence[tuple[str, str]],
        *,
        usual: str,
    ) -> None:
        """`choices`: first day and name of each cohort, the newest first; `usual`: the
        one that is looked at where none is asked for."""
        super().__init__({"at": usual} | dict(data))
        self.fields["at"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
        # Most people of a cohort bought no product before it.
        self.offer(Basis.ORDERS, list(choices), leave=PRODUCT)

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
        """Both sides, each with the first day of its cohort; None where nothing is
        compared."""
        sides = self.sides() if self.is_valid() else None
        at = self.cleaned_data.get("at")
        if sides is None or not at:
            return None
        first, second = (Side(one.by, one.value, one.at or at) for one in sides)
        return None if first == second else (first, second)
