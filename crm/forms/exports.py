"""What to take along, and as what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import datasets
from crm.datasets import Dataset
from crm.services.exports.asking import REASON_MOST
from crm.services.exports.formats import FORMATS
from web import form_fields as fields


def _datasets() -> fields.Choices:
    return [(each.name, each.label) for each in datasets.all_datasets()]


def _formats() -> list[tuple[str, str]]:
    return [(each.name, f"{each.label}: {each.about}") for each in FORMATS.values()]


class ExportForm(forms.Form):
    """`dataset`: the one that a list leads here with; without it all are offered."""

    datasets = forms.MultipleChoiceField(
        label=_("What"), choices=_datasets, widget=forms.CheckboxSelectMultiple
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

    def __init__(
        self, data: Any, *, dataset: Dataset | None, needs_reason: bool
    ) -> None:
        super().__init__(data, initial={"datasets": [name for name, _ in _datasets()]})
        if dataset is not None:
            del self.fields["datasets"]
        self.fields["reason"].required = needs_reason
