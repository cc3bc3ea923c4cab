"""Form fields of the fields that staff made, one for each kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm import custom_facts, selectors
from crm.models import CustomField
from crm.rules import custom_values
from crm.rules.choices import CustomKind
from crm.rules.custom_values import Definition
from crm.services.imports import custom_cells
from web import form_fields as fields
from web.error_messages import for_field


class CustomLine(fields.TextField):
    """One line, read as the import reads a cell: 12,5 is a number, and €12 money."""

    def __init__(self, known: Definition, *, currency: str, **more: Any) -> None:
        self.known, self.currency = known, currency
        super().__init__(most=custom_values.LINK_MOST, **more)

    def read(self, value: str) -> str:
        kept = custom_cells.read(self.known, value, currency=self.currency)
        return "" if kept is None else custom_facts.as_typed(self.known, kept)


def form_field(field: CustomField, value: Any = None) -> forms.Field:
    """`value`: what the customer has, so that a choice that is no longer offered can
    be kept."""
    known = field.definition
    words: dict[str, Any] = {"label": field.label, "help_text": field.help_text}
    if known.kind is CustomKind.DATE:
        return fields.Day(**words)
    if known.kind is CustomKind.YES_NO:
        choices = [("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))]
        return fields.LazyChoiceField(choices=choices, **words)
    if known.kind is CustomKind.CHOICE:
        choices = [("", _("Not known")), *_offered(known, value)]
        return fields.LazyChoiceField(choices=choices, **words)
    if known.kind is CustomKind.CHOICES:
        return forms.MultipleChoiceField(
            required=False,
            choices=_offered(known, value),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": for_field("", "unknown")},
            **words,
        )
    return _line(known, words)


def _line(known: Definition, words: dict[str, Any]) -> CustomLine:
    attributes: dict[str, str] = {}
    currency = ""
    if known.kind is CustomKind.NUMBER:
        attributes = {"inputmode": "decimal", "dir": "ltr"}
    elif known.kind is CustomKind.LINK:
        attributes = {"inputmode": "url", "dir": "ltr"}
    elif known.kind is CustomKind.MONEY:
        attributes = {"dir": "ltr"}
        currency = selectors.business().currency
        words["help_text"] = words["help_text"] or _(
            "Such as 12.50 EUR; without a currency it is %(currency)s."
        ) % {"currency": currency}
    return CustomLine(known, currency=currency, attrs=attributes, **words)


def _offered(known: Definition, value: Any) -> list[tuple[str, str]]:
    has = value if isinstance(value, list) else [value]
    return [
        (key, label)
        for key, label in known.choices.items()
        if key in known.offered or key in has
    ]
