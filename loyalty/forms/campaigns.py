"""What staff type about campaigns; services hold the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.services.campaigns import NOTE_LENGTH, REASON_LENGTH
from web import form_fields as fields


class DayForm(forms.Form):
    """On which day it goes."""

    on = fields.Day(
        name="on",
        required=True,
        label=_("Day"),
        help_text=_("Everybody gets it at its hour of this day where they live."),
    )


class NatureForm(forms.Form):
    """Why it is no advertising."""

    reason = fields.TextField(
        name="reason",
        most=REASON_LENGTH,
        label=_("Why it is no advertising"),
        help_text=_(
            "Such as: we move, and orders are collected elsewhere. Empty: it is"
            " marketing and goes to those who agreed to that."
        ),
    )


class AnswerForm(forms.Form):
    """Yes or no, with a word for whoever asked."""

    note = fields.TextField(name="note", most=NOTE_LENGTH, label=_("Note"))
