"""The form of a step: when it goes, what ends a run before it, and its offer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging import gifts
from messaging.models import AutomationStep
from messaging.models.steps import LONGEST_WAIT
from messaging.rules.choices import StopRule

STOP_RULES: dict[str, Any] = {
    StopRule.BOUGHT.value: _("they bought"),
    StopRule.ANSWERED.value: _("they answered"),
    StopRule.WROTE.value: _("they wrote to us"),
    StopRule.COMPLAINED.value: _("they complained"),
    StopRule.LEFT_SEGMENT.value: _("they left the segment"),
}


def rewards(chosen: int | None) -> Sequence[tuple[int, Any]]:
    """What a step that gives `chosen` may give, id and name; nothing where no app
    gives anything."""
    giver = gifts.giver()
    return giver.choices(chosen) if giver else ()


class StepForm(forms.Form):
    """Of a later step; of the first only what concerns its offer."""

    wait_days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_WAIT,
        initial=7,
        label=_("Days after the step before has left"),
    )
    stop_on = forms.MultipleChoiceField(
        required=False,
        choices=[*STOP_RULES.items()],
        widget=forms.CheckboxSelectMultiple,
        label=_("It does not go where meanwhile"),
    )


class StepChangeForm(StepForm):
    """The same of a step that is there, with the question of its offer."""

    has_offer = forms.BooleanField(
        required=False,
        label=_("Does it hold an offer?"),
        help_text=_(
            "A discount, a code, a price: then it is marketing, and goes only to those "
            "who agreed to offers."
        ),
    )
    without_offer_allowed = forms.BooleanField(
        required=False,
        label=_("Others get it without the words of the offer"),
    )
    gift = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label=_("It gives"),
        help_text=_(
            "Of the catalogue of rewards. A reward that is an offer is one here."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        is_first: bool = False,
        known: Sequence[tuple[int, Any]] = (),
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        gift = self.fields["gift"]
        assert isinstance(gift, forms.TypedChoiceField)
        gift.choices = [("", _("nothing beside its words")), *known]
        if not known:
            del self.fields["gift"]
        if is_first:
            del self.fields["wait_days"], self.fields["stop_on"]

    @classmethod
    def of(
        cls,
        step: AutomationStep,
        data: Any = None,
        *,
        known: Sequence[tuple[int, Any]] | None = None,
    ) -> "StepChangeForm":
        """The form of a stored step, bound where `data` is given. `known`: its
        `rewards`, where they were asked for before."""
        names = (
            *("wait_days", "stop_on", "has_offer", "without_offer_allowed"),
            "gift",
        )
        initial = {name: getattr(step, name) for name in names}
        initial["version"] = step.automation.version
        return cls(
            data,
            initial=initial,
            is_first=step.position == 1,
            known=rewards(step.gift) if known is None else known,
            auto_id=f"id_step_{step.position}_%s",
        )
