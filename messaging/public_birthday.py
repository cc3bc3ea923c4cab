"""The birthday on the preference page: told, changed and deleted by the customer."""

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

# A leap year, so that 29 February is a birthday like any other.
_ANY_YEAR = 2000


class BirthdayForm(forms.Form):
    """Month and day, never a year. What is on record is not shown: a mail may have been
    passed on, and its links with it."""

    birth_month = forms.TypedChoiceField(
        label=_("Month of your birthday"),
        choices=[("", "–"), *MONTHS.items()],
        coerce=int,
        empty_value=None,
        required=False,
    )
    birth_day = forms.TypedChoiceField(
        label=_("Day of your birthday"),
        choices=[("", "–"), *((day, day) for day in range(1, 32))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    forget_birthday = forms.BooleanField(label=_("Delete my birthday"), required=False)
    # Whether one was on record when the page was made.
    has_birthday: bool = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "birth_day" in self.fields and not self.errors:
            self._check(cleaned)
        return cleaned

    @property
    def told_birthday(self) -> str | None:
        """`MM-DD` where a day was told, "" where it is to be deleted, None where it is
        left as it is; of a valid form."""
        month = self.cleaned_data.get("birth_month")
        if month:
            return f"{month:02}-{self.cleaned_data['birth_day']:02}"
        return "" if self.cleaned_data.get("forget_birthday") else None

    def _check(self, cleaned: dict[str, Any]) -> None:
        month, day = cleaned["birth_month"], cleaned["birth_day"]
        wants = cleaned.get("birthday")
        is_told = bool(month or day)
        if is_told and not _exists(month, day):
            self.add_error("birth_day", _("Choose a month and a day that it has."))
        elif is_told and cleaned["forget_birthday"]:
            self.add_error(
                "forget_birthday", _("Choose one: a new day, or deleting it.")
            )
        elif is_told and not wants:
            self.add_error(
                "birthday",
                _("Tick this as well, so that we may use the day; or leave it empty."),
            )
        elif (
            wants
            and not is_told
            and (cleaned["forget_birthday"] or not self.has_birthday)
        ):
            self.add_error("birth_month", _("Tell us the day, or untick the box."))


def _exists(month: int | None, day: int | None) -> bool:
    try:
        return bool(month and day and date(_ANY_YEAR, month, day))
    except ValueError:
        return False
