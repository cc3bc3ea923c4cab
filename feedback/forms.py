"""Shape and limits of what is typed about a review, and refusals in words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Product
from feedback.rules import STARS
from feedback.services.moderation import LONGEST_NOTE
from feedback.services.reviews import LONGEST_BODY, LONGEST_NAME, ReviewInput
from web.errors import DomainError

CHOOSE_STARS = _("Choose from 1 to 5 stars.")
REASON_NEEDED = _("Say why it is rejected.")
# Codes of refusals, of the domain and of its fields, for the people who see them.
WORDS = {
    "out_of_range": CHOOSE_STARS,
    "unknown": _("Choose one of the things you bought."),
    "control_characters": _("Take out the characters that cannot be shown."),
    "not_text": _("Take out the characters that cannot be shown."),
    "too_long": _("This is too long."),
    "required": REASON_NEEDED,
    "stale_version": _("The customer changed it just now. Read it again, then decide."),
    "review_withdrawn": _("The customer withdrew this review."),
    "review_already_decided": _("Somebody decided this one already."),
}
UNKNOWN_REFUSAL = _("This could not be saved.")


class ReviewForm(forms.Form):
    """Stars as radios, what it is about, words, a name: only the stars are needed."""

    stars = forms.TypedChoiceField(
        label=_("Your stars"),
        choices=[(str(stars), str(stars)) for stars in STARS],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE_STARS, "invalid_choice": CHOOSE_STARS},
    )
    product = forms.TypedChoiceField(
        label=_("What it is about"), required=False, coerce=int, empty_value=None
    )
    body = forms.CharField(
        label=_("Your review (optional)"),
        required=False,
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": WORDS["too_long"]},
    )
    name_shown = forms.CharField(
        label=_("Name shown (optional)"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("Left empty, it says “A customer”."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        error_messages={"max_length": WORDS["too_long"]},
    )

    def __init__(self, *args: Any, products: Sequence[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only = products[0].pk if len(products) == 1 else None
        if len(products) < 2:
            del self.fields["product"]
            return
        field: Any = self.fields["product"]
        field.choices = [
            *((str(product.pk), str(product)) for product in products),
            ("", _("The whole order")),
        ]
        field.error_messages["invalid_choice"] = WORDS["unknown"]

    def clean_stars(self) -> int:
        # Two answers in one form are no answer: none of them is taken as the last.
        data: Any = self.data
        if len(data.getlist("stars")) > 1:
            raise forms.ValidationError(CHOOSE_STARS)
        stars: int = self.cleaned_data["stars"]
        return stars

    def written(self, language: str) -> ReviewInput:
        """The cleaned form as the input of the services."""
        data = self.cleaned_data
        return ReviewInput(
            stars=data["stars"],
            body=data["body"],
            name_shown=data["name_shown"],
            product_id=data["product"] if "product" in self.fields else self.only,
            language=language,
        )


class RejectForm(forms.Form):
    """Why a review is not published, in words for its writer."""

    note = forms.CharField(
        label=_("Why not? The writer reads this."),
        max_length=LONGEST_NOTE,
        error_messages={"required": REASON_NEEDED, "max_length": WORDS["too_long"]},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class PublishForm(forms.Form):
    """The version of a review that is to be published."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def in_words(error: DomainError) -> Any:
    """The message for a refusal of the review form."""
    return WORDS.get(error.code, UNKNOWN_REFUSAL)


def refuse(form: forms.Form, error: DomainError) -> None:
    """Show a refusal of the service beside the field it names."""
    for field, code in error.fields.items():
        named = field if field in form.fields else None
        form.add_error(named, WORDS.get(code, UNKNOWN_REFUSAL))
    if not error.fields:
        form.add_error(None, in_words(error))
