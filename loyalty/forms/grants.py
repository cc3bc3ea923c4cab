"""Forms of one reward that somebody has: given by hand, who does it, what was done."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import User
from loyalty.models import Grant, Reward
from loyalty.selectors import gift_desk
from loyalty.services.grants import MOST_REASON
from web import form_fields as fields


class GiveForm(forms.Form):
    """Which reward, why, and by when somebody does it."""

    reward = forms.ModelChoiceField(
        queryset=Reward.objects.none(), label=_("Reward"), empty_label=None
    )
    reason = fields.TextField(
        name="reason",
        most=MOST_REASON,
        required=True,
        label=_("Why"),
        help_text=_("It stands on their page and in the export of their data."),
    )
    due_on = fields.Day(
        name="due_on",
        label=_("To be done by"),
        help_text=_("Where somebody of the team does it."),
    )
    tells = forms.BooleanField(
        required=False,
        label=_("Tell them by mail"),
        help_text=_(
            "In their language, with the code and the terms. It goes in two minutes,"
            " if they may be written to; of an offer, if they agreed to offers."
        ),
    )
    beside_offer = forms.BooleanField(
        required=False, label=_("Give an offer beside the one they have")
    )
    once = fields.IdempotencyField()

    def __init__(
        self, *args: Any, rewards: Any, offers: Sequence[str], **more: Any
    ) -> None:
        """`offers`: what the customer has, where it is still good and an offer."""
        super().__init__(*args, **more)
        chosen = self.fields["reward"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = rewards
        if offers:
            named = gettext("Still good: %(offers)s.") % {"offers": ", ".join(offers)}
            self.fields["beside_offer"].help_text = named
        else:
            del self.fields["beside_offer"]


class NoteForm(forms.Form):
    """What was done."""

    note = fields.MultilineField(name="note", most=1_000, rows=3, label=_("Note"))


class PlanForm(forms.Form):
    """Who does it, and by when."""

    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=_("Who does it"),
        empty_label=_("Whoever is free"),
    )
    due_on = fields.Day(name="due_on", required=True, label=_("To be done by"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = self.fields["owner"]
        assert isinstance(chosen, forms.ModelChoiceField)
        ids = [one.pk for one in gift_desk.colleagues()]
        chosen.queryset = User.objects.filter(pk__in=ids).order_by("name", "pk")

    @classmethod
    def of(cls, grant: Grant) -> "PlanForm":
        return cls(initial={"owner": grant.owner_id, "due_on": grant.due_on})
