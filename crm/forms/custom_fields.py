"""The forms of a field that staff make: a new one, and one that is changed."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import CustomField
from crm.models.custom_fields import KEY_MOST, LABEL_MOST
from crm.rules import custom_values
from crm.rules.choices import CustomKind, CustomPlace
from web import form_fields as fields

KINDS = {
    CustomKind.TEXT: _("Text"),
    CustomKind.NUMBER: _("Number"),
    CustomKind.MONEY: _("Money, with its currency"),
    CustomKind.DATE: _("Day"),
    CustomKind.CHOICE: _("One of several choices"),
    CustomKind.CHOICES: _("Any of several choices"),
    CustomKind.YES_NO: _("Yes or no"),
    CustomKind.LINK: _("Link to a page"),
}
PLACES = {
    CustomPlace.PANEL: _("Under “Further facts”"),
    CustomPlace.FACTS: _("With the facts that every customer has"),
    CustomPlace.FORM: _("Only where every fact is edited"),
}
WITH_CHOICES = (CustomKind.CHOICE, CustomKind.CHOICES)
_MOST_LINES = 20_000


def _label(**more: Any) -> fields.TextField:
    more.setdefault("most", LABEL_MOST)
    return fields.TextField(name="name", required=True, label=_("Name"), **more)


def _help() -> fields.TextField:
    return fields.TextField(
        name="help_text",
        most=300,
        label=_("Hint"),
        help_text=_("Stands below the name where somebody fills it in."),
    )


def _place() -> forms.ChoiceField:
    choices = [(place.value, words) for place, words in PLACES.items()]
    return forms.ChoiceField(choices=choices, label=_("On the customer page"))


def _more_choices(label: Any) -> fields.MultilineField:
    return fields.MultilineField(
        name="choices",
        most=_MOST_LINES,
        label=label,
        help_text=_("One a line, in their order."),
    )


class NewFieldForm(forms.Form):
    """What a field is called, what it holds and where it stands."""

    label = _label()
    kind = forms.ChoiceField(
        choices=[(kind.value, words) for kind, words in KINDS.items()],
        label=_("What it holds"),
        help_text=_("This cannot be changed later: values would lose their meaning."),
    )
    choices = _more_choices(_("Choices"))
    help_text = _help()
    place = _place()

    def clean_choices(self) -> list[str]:
        return lines(self.cleaned_data["choices"])


class FieldForm(forms.Form):
    """`changes`, `choices` and `more_choices` are what the service takes."""

    label = _label(most=KEY_MOST)
    help_text = _help()
    place = _place()
    in_list = forms.BooleanField(
        required=False,
        label=_("A column of the customer list"),
        help_text=_("Four fields at most."),
    )
    is_searchable = forms.BooleanField(
        required=False,
        label=_("Searches look into it"),
        help_text=_("What is there already is made ready in the background."),
    )
    is_sortable = forms.BooleanField(
        required=False,
        label=_("The customer list can be sorted by it"),
        help_text=_(
            "Five fields at most: each needs an index, which is built in the background"
            " while everybody goes on working."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, of: CustomField) -> None:
        initial = {name: getattr(of, name) for name in _OWN}
        super().__init__(data, initial=initial)
        self.of = of
        if of.custom_kind not in custom_values.SEARCHABLE:
            del self.fields["is_searchable"]
        if of.custom_kind not in custom_values.SORTABLE:
            del self.fields["is_sortable"]
        if of.custom_kind in WITH_CHOICES:
            self._add_choices()

    def _add_choices(self) -> None:
        for at, one in enumerate(self.of.choices):
            self.fields[f"choice_{at}"] = fields.TextField(
                name="choices",
                most=LABEL_MOST,
                required=True,
                label=_("Choice"),
                initial=one["label"],
            )
            self.fields[f"offered_{at}"] = forms.BooleanField(
                required=False, label=_("Offered"), initial=one["is_offered"]
            )
        self.fields["choices"] = _more_choices(_("Further choices"))

    @property
    def shown(self) -> list[forms.BoundField]:
        """All but the choices, which stand in a list of their own."""
        hidden = ("version", "choices")
        return [
            self[name]
            for name in self.fields
            if name not in hidden and not name.startswith(("choice_", "offered_"))
        ]

    @property
    def choice_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Each choice: what it is called, and whether it is offered."""
        if "choices" in self.fields:
            for at in range(len(self.of.choices)):
                yield self[f"choice_{at}"], self[f"offered_{at}"]

    @property
    def choices_field(self) -> forms.BoundField | None:
        """Where further choices are added, of a field that has choices."""
        return self["choices"] if "choices" in self.fields else None

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in _OWN if name in self.fields}

    @property
    def choices(self) -> dict[str, tuple[str, bool]]:
        """Key -> what it is called now, and whether it is offered."""
        if "choices" not in self.fields:
            return {}
        given = self.cleaned_data
        return {
            one["key"]: (given[f"choice_{at}"], given[f"offered_{at}"])
            for at, one in enumerate(self.of.choices)
        }

    @property
    def more_choices(self) -> list[str]:
        return lines(self.cleaned_data.get("choices", ""))


_OWN = (
    *("label", "help_text", "place", "in_list", "is_searchable"),
    *("is_sortable", "version"),
)


def lines(text: str) -> list[str]:
    """Those that hold something."""
    return [line for line in map(str.strip, text.splitlines()) if line]
