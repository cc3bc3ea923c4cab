"""What follows on an answer: days, first words of a reply, and a link for the happy."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from surveys.choices import AnswerBand, NextStep
from surveys.models import AfterAnswer
from surveys.services.after import LONGEST_LABEL, LONGEST_REPLY, MOST_DAYS, After
from web.formats import bcp47, own_language

BANDS = {
    AnswerBand.URGENT: _("Very unhappy"),
    AnswerBand.LOW: _("Unhappy"),
    AnswerBand.HAPPY: _("Happy"),
}
_STEPS = [
    (NextStep.NOTHING.value, _("Nothing")),
    (NextStep.SHARE.value, _("A link to share with friends")),
    (NextStep.REFER.value, _("To say that they would like to recommend us")),
]


class AfterForm(forms.Form):
    """Fields named `<field>_<band>`, and `words_<band>_<language>`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for band in (AnswerBand.URGENT, AnswerBand.LOW):
            self.fields[f"within_days_{band}"] = _days()
            self.fields[f"asks_again_{band}"] = _again()
            self._add_words(band, _("How a reply may begin"), forms.Textarea)
        self.fields["next_step_happy"] = forms.ChoiceField(
            label=_("Offered on the page of thanks"),
            choices=_STEPS,
            help_text=_(
                "Who would like to recommend us becomes a follow-up of their owner a "
                "week later. Only personal links offer it, and none of a survey that "
                "promises confidence."
            ),
        )
        self.fields["link_happy"] = forms.CharField(
            label=_("Where it leads"),
            required=False,
            max_length=500,
            help_text=_(
                "An address that begins with https://. Not to a page of reviews: those "
                "are asked of everybody alike."
            ),
            widget=forms.URLInput(attrs={"dir": "ltr"}),
        )
        self._add_words(
            AnswerBand.HAPPY, _("What the link or the button says"), forms.TextInput
        )

    def _add_words(self, band: AnswerBand, label: Any, widget: Any) -> None:
        is_text = widget is forms.Textarea
        for code, _name in settings.LANGUAGES:
            attrs = {"dir": "auto", "lang": bcp47(code)}
            self.fields[f"words_{band}_{code}"] = forms.CharField(
                label=f"{label} ({own_language(code)})",
                required=False,
                max_length=LONGEST_REPLY if is_text else LONGEST_LABEL,
                widget=widget(attrs={**attrs, "rows": 3} if is_text else attrs),
            )

    def sections(self) -> list[tuple[Any, list[Any]]]:
        """The fields of each band, below its name."""
        return [
            (name, [self[field] for field in self.fields if f"_{band}" in field])
            for band, name in BANDS.items()
        ]

    def chosen(self) -> dict[AnswerBand, After]:
        """By band, as the service takes it."""
        values = self.cleaned_data
        return {
            band: After(
                within_days=values.get(f"within_days_{band}") or 0,
                asks_again=bool(values.get(f"asks_again_{band}", True)),
                next_step=NextStep(
                    values.get(f"next_step_{band}", NextStep.NOTHING.value)
                ),
                link=values.get(f"link_{band}", ""),
                words={
                    code: values[f"words_{band}_{code}"]
                    for code, _name in settings.LANGUAGES
                },
            )
            for band in BANDS
        }


def as_kept(rows: Iterable[AfterAnswer]) -> dict[str, object]:
    """What stands in the form before anything is typed."""
    found: dict[str, object] = {}
    for row in rows:
        found[f"within_days_{row.band}"] = row.within_days
        found[f"asks_again_{row.band}"] = row.asks_again
        found[f"next_step_{row.band}"] = row.next_step
        found[f"link_{row.band}"] = row.link
        for code, words in row.words.items():
            found[f"words_{row.band}_{code}"] = words
    return found


def _days() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Working days until somebody has written"),
        help_text=_("0: the same day, or the next where it is late. At most 10."),
        min_value=0,
        max_value=MOST_DAYS,
        initial=0,
        required=False,
    )


def _again() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Ask again 30 days after the follow-up was closed"),
        help_text=_(
            "The same survey once more, while the automation “A survey again, after an "
            "unhappy answer” is on."
        ),
        initial=True,
        required=False,
    )
