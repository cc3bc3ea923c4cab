"""What the page of reorders is asked."""

from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.selectors import aftermath

# What is asked where an address says nothing.
USUAL = {"within": "30", "back": "180"}


def _days(numbers: tuple[int, ...]) -> list[tuple[int, Any]]:
    return [(number, _("%(n)s days") % {"n": number}) for number in numbers]


class AftermathForm(forms.Form):
    """Which mails, and which orders count."""

    within = forms.TypedChoiceField(
        label=_("Orders within"), choices=_days(aftermath.WITHIN), coerce=int
    )
    back = forms.TypedChoiceField(
        label=_("Mails of the last"), choices=_days(aftermath.BACK), coerce=int
    )


class PeopleForm(AftermathForm):
    """The people behind one figure."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in aftermath.KINDS])
    side = forms.ChoiceField(choices=[(side, side) for side in aftermath.SIDES])
    did = forms.ChoiceField(choices=[(did, did) for did in aftermath.DID])

    @classmethod
    def of(cls, address: Mapping[str, str]) -> Self:
        """As the query string of its page asks."""
        usual = {"kind": "reorder", "side": "mailed", "did": "all", **USUAL}
        return cls({**usual, **address})
