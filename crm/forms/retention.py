"""How many days each kind of data is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from crm import kept_data
from crm.forms.settings import whole_number
from crm.kept_data import Retention
from crm.models import Business
from crm.services.business import KEEP_DAYS


@dataclass(frozen=True)
class Choice:
    """One kind with its field. `recommended` is what a new shop begins with, `number`
    how many there are now."""

    kind: Retention
    field: forms.BoundField
    recommended: int
    number: int


class RetentionForm(forms.Form):
    """A number of days for each kind that is declared (`crm/kept_data.py`).

    `sure` says which shorter times the reader has seen the consequence of.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    sure = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for kind in kept_data.all_settable():
            low, high = KEEP_DAYS[kind.setting]
            self.fields[kind.setting] = whole_number(low, high, label=kind.label)

    def choices(self, now: datetime) -> list[Choice]:
        """In their order; what there is is counted at `now`."""
        return [
            Choice(kind, self[kind.setting], _default(kind.setting), kind.count(now))
            for kind in kept_data.all_settable()
        ]

    @property
    def days(self) -> dict[str, int]:
        """Setting to days, of a valid form."""
        return {
            kind.setting: self.cleaned_data[kind.setting]
            for kind in kept_data.all_settable()
        }

    @classmethod
    def of(cls, business: Business) -> "RetentionForm":
        names = [kind.setting for kind in kept_data.all_settable()]
        return cls(initial={n: getattr(business, n) for n in (*names, "version")})


def _default(setting: str) -> int:
    return int(getattr(Business(), setting))
