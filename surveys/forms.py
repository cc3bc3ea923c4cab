"""Shape and limits of what people enter: an answer, and who is asked."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from surveys.choices import LeftOut
from surveys.models import Survey
from surveys.services.responses import MOST_WORDS
from surveys.services.settings import BOUNDS
from web.errors import InvalidValue
from web.rules import text

_SCORE = re.compile(r"[0-9]|10")
CHOOSE = _("Choose a number from 0 to 10")
REASONS = {
    "too_long": _("Use at most %(most)d characters for your reason"),
    "control_characters": _("Your reason holds characters that cannot be stored"),
    "not_text": _("Your reason holds characters that cannot be stored"),
}


class AnswerForm(forms.Form):
    """One score, exactly once, and a reason. Nothing is rounded, trimmed or guessed."""

    # Taken from what was sent, below: a field would quietly choose the last of two.
    score = forms.Field(required=False)
    comment = forms.CharField(
        required=False,
        label=_("What is the main reason for your score?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        # The service's own rule, applied below, trims and counts.
        strip=False,
    )

    def clean_score(self) -> int:
        # score=1&score=10: no "last one wins".
        given = self.data.getlist("score") if isinstance(self.data, QueryDict) else []
        if len(given) != 1 or not _SCORE.fullmatch(given[0]):
            raise ValidationError(CHOOSE, code="score")
        return int(given[0])

    def clean_comment(self) -> str:
        words: str = self.cleaned_data["comment"]
        try:
            return text.many_lines(words, field="comment", most=MOST_WORDS)
        except InvalidValue as error:
            code = error.fields["comment"]
            raise ValidationError(
                REASONS[code], code=code, params={"most": MOST_WORDS}
            ) from error


class LeaveOutForm(forms.Form):
    """Why an answer is left out of figures: one of a closed list."""

    because = forms.TypedChoiceField(
        choices=[(reason.value, reason.value) for reason in LeftOut], coerce=LeftOut
    )


def chosen_score(values: list[str]) -> int | None:
    """The score a link asks to preselect; anything else preselects nothing."""
    if len(values) == 1 and _SCORE.fullmatch(values[0]):
        return int(values[0])
    return None


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


def _days(field: str, label: Any, help_text: Any, *, required: bool = True) -> Any:
    least, most = BOUNDS[field]
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        required=required,
        error_messages={
            "min_value": _("Enter a number of days from %(least)d to %(most)d")
            % {"least": least, "most": most},
            "max_value": _("Enter a number of days from %(least)d to %(most)d")
            % {"least": least, "most": most},
            "invalid": _("Enter a whole number of days"),
            "required": _("Enter a number of days"),
        },
    )


class SurveyForm(forms.Form):
    """Who is asked, and how long they may answer. `version` is what was on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    every_days = _days(
        "every_days",
        _("Days between two questions to the same customer"),
        _("30 to 730. Each customer's first turn is spread over this span."),
    )
    after_days = _days(
        "after_days",
        _("Days after delivery"),
        _("0 to 90. Without a delivery day, the usual delivery time is added."),
    )
    remind_after_days = _days(
        "remind_after_days",
        _("Remind once after so many days without an answer"),
        _("1 to 60. Leave it empty to remind nobody."),
        required=False,
    )
    valid_days = _days(
        "valid_days", _("Days in which it can be answered"), _("1 to 90.")
    )
    one_click = forms.BooleanField(
        label=_("Keep the score pressed in the mail, provisionally"),
        help_text=_(
            "It counts nowhere until the customer confirms it on the page: mail "
            "programs open links by themselves."
        ),
        required=False,
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each survey is asked by one rhythm; the other field would do nothing.
        del self.fields[OTHER_RHYTHM[survey.trigger]]

    def changes(self) -> dict[str, object]:
        """The fields to save, without the version."""
        return {
            field: value
            for field, value in self.cleaned_data.items()
            if field != "version"
        }


OTHER_RHYTHM = {"relationship": "after_days", "post_purchase": "every_days"}
