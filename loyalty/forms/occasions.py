"""What staff choose about the occasions of an automation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import CustomField
from crm.rules.choices import CustomKind
from web import form_fields as fields


def _date_fields() -> list[tuple[str, object]]:
    rows = CustomField.objects.filter(kind=CustomKind.DATE.value, archived_at=None)
    return [("", _("None yet")), *((str(row.pk), row.label) for row in rows)]


# Of several given names: the first that has a day, or each.
FIRST, EACH = "first", "each"


class NameDayForm(forms.Form):
    """For which of several given names somebody is greeted."""

    names = forms.ChoiceField(
        # Those made before it could be chosen have none.
        required=False,
        label=_("Who has several given names"),
        help_text=_("“Jānis Pēteris” is greeted once a year, or on both days."),
        choices=[
            (FIRST, _("For the first that has a day")),
            (EACH, _("For each of them")),
        ],
    )


class CustomDateForm(forms.Form):
    """The field whose days count, and whether each year."""

    field = fields.LazyChoiceField(
        required=False,
        label=_("Field"),
        help_text=_("A field of customers that holds a date. Without one, nobody."),
        choices=_date_fields,
    )
    repeats = forms.ChoiceField(
        label=_("How often"),
        choices=[
            ("yearly", _("Each year on that day")),
            ("once", _("Once, on the day itself")),
        ],
    )
