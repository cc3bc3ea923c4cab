"""What staff narrow the answers to, and why one is left out."""

from datetime import date

from django import forms

from surveys.choices import LeftOut
from surveys.forms.answering import chosen_score


class LeaveOutForm(forms.Form):
    """Why an answer is left out of figures: one of a closed list."""

    because = forms.TypedChoiceField(
        choices=[(reason.value, reason.value) for reason in LeftOut], coerce=LeftOut
    )


def chosen_scores(values: list[str]) -> list[int]:
    """The scores a staff list is filtered by."""
    found = {chosen_score([value]) for value in values}
    return sorted(score for score in found if score is not None)


def chosen_days(first: str, last: str) -> tuple[date, date] | None:
    """The days that a staff list is narrowed to; None where they are none."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    is_sound = days[0] <= days[1] and days[0].year >= 1990 and days[1].year < 9000
    return days if is_sound else None
