"""What staff narrow the answers to, and why one is left out."""

from collections.abc import Collection
from datetime import date

from django import forms

from surveys.choices import LeftOut, ResponseState
from surveys.forms.answering import chosen_score

# How the address of a list names the answers that count in no figure.
LISTED_STATES = {
    "left_out": ResponseState.LEFT_OUT,
    "pressed": ResponseState.PROVISIONAL,
}


class LeaveOutForm(forms.Form):
    """Why an answer is left out of figures: one of a closed list."""

    because = forms.TypedChoiceField(
        choices=[(reason.value, reason.value) for reason in LeftOut], coerce=LeftOut
    )


def chosen_scores(values: list[str]) -> list[int]:
    """The scores a staff list is filtered by."""
    found = {chosen_score([value]) for value in values}
    return sorted(score for score in found if score is not None)


def chosen_state(asked: Collection[str]) -> ResponseState:
    """Of those that count, unless these names of an address ask for others."""
    wanted = (one for name, one in LISTED_STATES.items() if name in asked)
    return next(wanted, ResponseState.CONFIRMED)


def chosen_days(first: str, last: str) -> tuple[date, date] | None:
    """The days that a staff list is narrowed to; None where they are none."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    is_sound = days[0] <= days[1] and days[0].year >= 1990 and days[1].year < 9000
    return days if is_sound else None
