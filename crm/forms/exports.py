"""What to take along, and as what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import datasets
from crm.datasets import Dataset
from crm.models import User
from crm.services.exports.asking import REASON_MOST
from crm.services.exports.formats import FORMATS
from web import form_fields as fields


def _formats() -> list[tuple[str, str]]:
    return [(each.name, f"{each.label}: {each.about}") for each in FORMATS.values()]


class ExportForm(forms.Form):
    """`dataset`: the one that a list leads here with; without it all are offered."""

    datasets = forms.MultipleChoiceField(
        label=_("What"), widget=forms.CheckboxSelectMultiple
    )
    format = forms.ChoiceField(
        label=_("As"), choices=_formats, widget=forms.RadioSelect, initial="csv"
    )
    reason = fields.TextField(
        name="export_reason",
        most=REASON_MOST,
        label=_("What for"),
        help_text=_("Stands beside the export in the list of jobs."),
    )

    def __init__(self, data: Any, *, dataset: Dataset | None, user: User) -> None:
        offered = datasets.all_for(user)
        super().__init__(data, initial={"datasets": [each.name for each in offered]})
        if dataset is not None:
            del self.fields["datasets"]
        else:
            self.fields["datasets"].choices = [  # type: ignore[attr-defined] # of a field with choices
                (each.name, each.label) for each in offered
            ]
        self.fields["reason"].required = not user.is_superuser
