"""Forms to log a contact and to promise a follow-up."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.choices import Channel, Direction
from web import form_fields as fields

CHANNELS = [
    (Channel.NOTE.value, _("Note")),
    (Channel.CALL.value, _("Call")),
    (Channel.EMAIL.value, _("Email")),
    (Channel.CHAT.value, _("Chat")),
    (Channel.VISIT.value, _("Visit")),
    (Channel.SOCIAL.value, _("Post")),
]
DIRECTIONS = [
    ("", _("As usual: we wrote or called")),
    (Direction.INBOUND.value, _("They came to us")),
    (Direction.OUTBOUND.value, _("We went to them")),
    (Direction.INTERNAL.value, _("Among ourselves")),
]


class InteractionForm(forms.Form):
    """The composer; its own page adds the rarer fields."""

    body = fields.MultilineField(
        name="body", most=20_000, rows=6, required=True, label=_("What was said")
    )
    channel = forms.ChoiceField(
        choices=CHANNELS,
        initial=Channel.NOTE.value,
        widget=forms.RadioSelect,
        label=_("How"),
    )
    subject = fields.TextField(name="subject", most=200, label=_("Subject"))
    direction = fields.LazyChoiceField(choices=DIRECTIONS, label=_("Who came to whom"))
    happened_at = forms.DateTimeField(
        required=False,
        label=_("When"),
        help_text=_("Empty: now."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        error_messages={"invalid": _("Enter the time as 2026-11-21 14:30")},
    )
    outcome = fields.TextField(name="outcome", most=200, label=_("Outcome"))
    once = fields.IdempotencyField()


class InteractionTextForm(forms.Form):
    """Edit what was written; when and how it was stay as they are."""

    subject = fields.TextField(name="subject", most=200, label=_("Subject"))
    body = fields.MultilineField(
        name="body", most=20_000, rows=8, required=True, label=_("What was said")
    )
    outcome = fields.TextField(name="outcome", most=200, label=_("Outcome"))
    version = forms.IntegerField(widget=forms.HiddenInput)


def _staff() -> "forms.ModelChoiceField[User]":
    return forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("name", "id"),
        required=False,
        label=_("Who does it"),
        empty_label=_("Whoever is free"),
    )


class PlanForm(forms.Form):
    """Who does it, and by when."""

    due_on = fields.Day(name="due_on", required=True, label=_("Due"))
    due_time = fields.Clock(label=_("At"), help_text=_("Empty: any time that day."))

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["assignee"] = _staff()
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()


class FollowUpForm(PlanForm):
    """Something we owe a customer."""

    why = fields.TextField(
        name="why", most=300, required=True, label=_("What is to be done")
    )
    is_urgent = forms.BooleanField(required=False, label=_("Urgent"))
    once = fields.IdempotencyField()
    field_order = ("why", "due_on", "due_time", "assignee", "is_urgent")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order_fields(self.field_order)
