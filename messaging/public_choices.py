"""The words and the form of the stop page and the preference page."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from messaging.public_birthday import BirthdayForm
from messaging.rules.choices import Category


@dataclass(frozen=True)
class StopWords:
    """Whole sentences per class of mail: pieces do not survive translation."""

    question: Promise
    button: Promise
    stopped: Promise


WORDS = {
    Category.SURVEY: StopWords(
        _("Stop survey emails to %(address)s?"),
        _("Stop surveys"),
        _("No more survey emails go to %(address)s."),
    ),
    Category.LOYALTY: StopWords(
        _("Stop reminder emails to %(address)s?"),
        _("Stop reminders"),
        _("No more reminder emails go to %(address)s."),
    ),
    Category.MARKETING: StopWords(
        _("Stop offers to %(address)s?"),
        _("Stop offers"),
        _("No more offers go to %(address)s."),
    ),
    Category.BIRTHDAY: StopWords(
        _("Stop birthday greetings to %(address)s?"),
        _("Stop birthday greetings"),
        _("No more birthday greetings go to %(address)s."),
    ),
}

ALL_STOPPED = _("Nothing but receipts and answers goes to %(address)s any more.")


class PreferencesForm(BirthdayForm):
    """Empty boxes are empty: nothing is ticked that the customer did not allow.

    Without `with_birthday` it asks nothing about birthdays."""

    survey = forms.BooleanField(
        label=_("Surveys"),
        help_text=_("A question or two about your orders, and asking for a review."),
        required=False,
    )
    loyalty = forms.BooleanField(
        label=_("Reminders"),
        help_text=_("Anniversaries, and what may run out soon."),
        required=False,
    )
    marketing = forms.BooleanField(
        label=_("Offers"),
        help_text=_("Discounts and news."),
        required=False,
    )
    birthday = forms.BooleanField(
        label=_("Birthday greetings"),
        help_text=_("Good wishes once a year, on the day that you tell us."),
        required=False,
    )
    pause = forms.BooleanField(
        label=_("Pause all of them for 3 months"), required=False
    )
    language = forms.ChoiceField(label=_("Language"))
    # The boxes that were ticked when the page was made: "loyalty survey".
    drawn = forms.CharField(required=False, widget=forms.HiddenInput, max_length=80)

    def __init__(self, *args: Any, with_birthday: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_birthday:
            for name in ("birthday", *BirthdayForm.base_fields):
                del self.fields[name]
        # Each language in its own words, whatever the page is in now.
        self.fields["language"].choices = [  # type: ignore[attr-defined] # the stubs say Field
            (code, get_language_info(code)["name_local"])
            for code, _english in settings.LANGUAGES
        ]

    @property
    def drawn_boxes(self) -> list[str] | None:
        """None: sent without the hidden field, so it is unknown."""
        return self.cleaned_data["drawn"].split() if "drawn" in self.data else None

    @property
    def wanted(self) -> dict[Category, bool]:
        return {
            category: bool(self.cleaned_data[category.value])
            for category in WORDS
            if category.value in self.fields
        }
