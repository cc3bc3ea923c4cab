"""A calendar of name days that staff bring from a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.models import NameDay, NameDayCalendar
from loyalty.rules.name_days import Listed, Unreadable, read
from web import form_fields as fields

MOST_BYTES = 2_000_000
_WORDS = {
    "name_days_none": gettext_lazy("No name was found in the file."),
    "name_days_too_many": gettext_lazy("The file has more than 20,000 names."),
    "name_days_no_column": gettext_lazy(
        "The first line must name the columns: “name”, and “month” and “day”, or "
        "“date” (MM-DD), or “from_easter”."
    ),
    "name_days_no_name": gettext_lazy("There is no name on this line."),
    "name_days_no_day": gettext_lazy("There is no such day on this line."),
}


class CalendarForm(forms.Form):
    """Whom it is for, from where it is, and the file."""

    name = fields.TextField(
        name="name", most=120, required=True, label=gettext_lazy("Name of the calendar")
    )
    country = fields.LazyChoiceField(
        label=gettext_lazy("For people in"), choices=fields.countries
    )
    language = forms.RegexField(
        r"[a-z]{2,3}",
        required=False,
        label=gettext_lazy("For people who speak"),
        help_text=gettext_lazy(
            "Two letters, such as “hu”. It counts for people in whose country no "
            "calendar does."
        ),
        error_messages={"invalid": gettext_lazy("Two letters, such as “hu”.")},
    )
    source = fields.TextField(
        name="source",
        most=200,
        required=True,
        label=gettext_lazy("Where the names are from"),
    )
    licence = fields.TextField(
        name="licence",
        most=200,
        required=True,
        label=gettext_lazy("Licence"),
        help_text=gettext_lazy("On what terms you may use the list."),
    )
    is_orthodox = forms.BooleanField(
        required=False,
        label=gettext_lazy("Movable days hang on the Orthodox Easter"),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or iCalendar (.ics), in UTF-8, up to 2 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.ics", "class": "mw-100"}),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "missing": gettext_lazy("Choose a file first."),
            "invalid": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty. Nothing was kept."),
        },
    )

    def clean_file(self) -> list[Listed]:
        """The names; nothing of a file is kept that has a line that cannot be read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        try:
            return read(file.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("The file is not in UTF-8. Save it again in that encoding.")
            ) from None
        except Unreadable as error:
            raise forms.ValidationError(_in_words(error)) from error

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not (given.get("country") or given.get("language") or self.errors):
            self.add_error("country", _("Choose a country, or say a language."))
        return given


class DayForm(forms.Form):
    """One of the days of a calendar."""

    day = forms.ModelChoiceField(queryset=NameDay.objects.none())

    def __init__(self, *args: Any, calendar: NameDayCalendar, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["day"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = calendar.days.all()


def _in_words(error: Unreadable) -> str:
    words = str(_WORDS[error.code])
    if error.line:
        words = _("Line %(line)d: %(words)s") % {"line": error.line, "words": words}
    return _("%(words)s Nothing was kept.") % {"words": words}
