"""Forms to log a contact into a conversation, and to promise something in it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.rules.choices import Channel, Direction
from support.selectors import people
from support.words import CONTACTS
from web import form_fields as fields

_DIRECTIONS = [
    (Direction.INBOUND.value, _("They came to us")),
    (Direction.OUTBOUND.value, _("We went to them")),
]


class ContactForm(forms.Form):
    """A call, chat, visit or post."""

    channel = forms.ChoiceField(
        choices=list(CONTACTS.items()),
        initial=Channel.CALL.value,
        widget=forms.RadioSelect,
        label=_("How"),
    )
    body = fields.MultilineField(
        name="body", most=20_000, rows=3, required=True, label=_("What was said")
    )
    direction = fields.LazyChoiceField(
        choices=_DIRECTIONS,
        initial=Direction.INBOUND.value,
        label=_("Who came to whom"),
    )
    happened_at = forms.DateTimeField(
        required=False,
        label=_("When"),
        help_text=_("Empty: now."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        error_messages={"invalid": _("Enter the time as 2026-11-21 14:30")},
    )
    once = fields.IdempotencyField()


class PromiseForm(forms.Form):
    """What we owe them, who does it and by when."""

    why = fields.TextField(
        name="why", most=300, required=True, label=_("What is to be done")
    )
    due_on = fields.Day(name="due_on", required=True, label=_("Due"))
    due_time = fields.Clock(label=_("At"), help_text=_("Empty: any time that day."))
    is_urgent = forms.BooleanField(required=False, label=_("Urgent"))
    closes_with_it = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Done when the conversation is closed"),
        help_text=_("When a person closes it. It stays owed if the time closes it."),
    )
    once = fields.IdempotencyField()

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["assignee"] = forms.TypedChoiceField(
            choices=[
                ("", _("Whoever is free")),
                *((one.pk, one.name) for one in people.colleagues()),
            ],
            coerce=int,
            empty_value=None,
            required=False,
            label=_("Who does it"),
        )
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()
        self.order_fields(("why", "due_on", "due_time", "assignee"))
