"""What staff type to make a share link."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from web import formats
from web.errors import InvalidValue

WORDS = {
    ("name", "required"): _("Say where it hangs, such as: till at the door"),
    ("declared", "bad_name"): _(
        "Write each line as name=value, value: a name in small letters and one value "
        "at least"
    ),
    ("declared", "too_many"): _("At most 5 names with 50 values each"),
    ("declared", "too_long"): _("A value has 40 characters at most"),
    ("embed_origins", "not_an_origin"): _(
        "Write each site as https://shop.example, without a path"
    ),
    ("embed_origins", "too_many"): _("At most 10 sites"),
    ("closes_on", "in_the_past"): _("Choose a day that is still to come"),
}
_FALLBACK = _("This cannot be kept as it is")


class ShareLinkForm(forms.Form):
    """A link or QR code to a survey."""

    name = forms.CharField(
        label=_("Where it will be"),
        help_text=_("Only staff read this, such as: till at the door, or parcel card."),
        max_length=120,
    )
    declared = forms.CharField(
        label=_("What the address may say besides"),
        help_text=_(
            "One line for each name, with the values you will use: till=1, 2, 3. It is "
            "kept with the answer so that you can compare; anybody can change it in "
            "the address, so it never says who somebody is."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Everybody can change it on the page."),
        required=False,
    )
    closes_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Choose a day")},
    )
    embed_origins = forms.CharField(
        label=_("Sites that may show it inside their pages"),
        help_text=_("One a line, such as https://shop.example. Empty: no site."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "ltr"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = [
            (code, formats.own_language(code)) for code, _n in settings.LANGUAGES
        ]
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("That of the browser")), *languages]

    def clean_declared(self) -> dict[str, list[str]]:
        """{"till": ["1", "2"]} of lines as till=1, 2."""
        found: dict[str, list[str]] = {}
        for line in self.cleaned_data["declared"].splitlines():
            if not line.strip():
                continue
            name, is_pair, values = line.partition("=")
            if not is_pair or name.strip() in found:
                raise forms.ValidationError(WORDS["declared", "bad_name"])
            parts = values.replace("，", ",").replace("、", ",").split(",")
            found[name.strip()] = [value.strip() for value in parts if value.strip()]
        return found

    def clean_embed_origins(self) -> list[str]:
        lines = self.cleaned_data["embed_origins"].split()
        return list(dict.fromkeys(lines))

    def last_day(self) -> date | None:
        day: date | None = self.cleaned_data["closes_on"]
        return day

    def refuse(self, error: InvalidValue) -> None:
        """What the service would not take, beside its field."""
        for field, code in error.fields.items():
            name = "closes_on" if field == "closes_at" else field
            words = WORDS.get((name, code), _FALLBACK)
            self.add_error(name if name in self.fields else None, str(words))
