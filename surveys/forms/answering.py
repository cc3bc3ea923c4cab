"""What customers enter on the page of a survey."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from surveys.services.responses import MOST_WORDS
from web.errors import InvalidValue
from web.rules import text

SCORE = re.compile(r"[0-9]|10")
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
        widget=forms.Textarea(attrs={"rows": 3}),
        # The service's own rule, applied below, trims and counts.
        strip=False,
    )

    def clean_score(self) -> int:
        # score=1&score=10: no "last one wins".
        given = self.data.getlist("score") if isinstance(self.data, QueryDict) else []
        if len(given) != 1 or not SCORE.fullmatch(given[0]):
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


def chosen_score(values: list[str]) -> int | None:
    """The score a link asks to preselect; anything else preselects nothing."""
    if len(values) == 1 and SCORE.fullmatch(values[0]):
        return int(values[0])
    return None
