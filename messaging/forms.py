"""Shape and limits of what staff type about automations; services hold the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.kinds import Kind
from messaging.models import Automation
from web import form_fields as fields

_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class AutomationForm(forms.Form):
    """When it runs, and for how long a mail waits for its chance."""

    send_hour = forms.TypedChoiceField(
        choices=_HOURS,
        coerce=int,
        label=_("Hour"),
        help_text=_("In the customer’s own zone, then the shop’s."),
    )
    offset_days = forms.IntegerField(
        min_value=-60,
        max_value=365,
        label=_("Days after"),
        help_text=_("0 is the day itself; below 0 is before it."),
    )
    life_days = forms.IntegerField(
        min_value=1,
        max_value=60,
        label=_("Days it may wait"),
        help_text=_("What could not go by then lapses, with its reason."),
    )
    priority = forms.IntegerField(
        min_value=1,
        max_value=100,
        label=_("Priority"),
        help_text=_("The lowest number goes first where a contact limit lets one go."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, automation: Automation) -> "AutomationForm":
        names = ("send_hour", "offset_days", "life_days", "priority", "version")
        return cls(initial={name: getattr(automation, name) for name in names})


class WordingForm(forms.Form):
    """One field for each text of the kind; empty is the product's own words."""

    def __init__(self, kind: Kind, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in kind.wording:
            build = fields.MultilineField if field.long else fields.TextField
            self.fields[field.name] = build(
                name=field.name,
                most=2_000 if field.long else 200,
                label=field.label,
                help_text=_placeholders(field.placeholders),
            )


def _placeholders(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
