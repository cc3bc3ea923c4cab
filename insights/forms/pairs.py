"""Two spans of scores beside each other, and two segments."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

EVERYBODY = "all"


class ScoreSidesForm(forms.Form):
    """Two spans, and the segment of the page beside another or everybody. Read from the
    address; what cannot be understood compares nothing."""

    at = forms.ChoiceField(required=False)
    than = forms.ChoiceField(required=False, label=gettext_lazy("Compare with"))
    beside = forms.ChoiceField(required=False, label=gettext_lazy("Segment beside"))

    def __init__(
        self,
        data: Mapping[str, str],
        choices: Sequence[tuple[str, str]],
        *,
        label: str | Promise,
        segments: Sequence[tuple[str, str]],
    ) -> None:
        """`choices`: value and name of each, the one that is shown by itself first."""
        newest = choices[0][0] if choices else ""
        super().__init__({"at": newest} | dict(data))
        self.fields["at"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
        self.fields["at"].label = str(label)
        self.fields["than"].choices = [("", _("Nothing")), *choices]  # type: ignore[attr-defined] # a ChoiceField
        everybody = (EVERYBODY, _("everybody"))
        self.fields["beside"].choices = [("", _("Nobody")), everybody, *segments]  # type: ignore[attr-defined] # a ChoiceField

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in ("at", "than", "beside")]

    def sides(self) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """Span and segment of the side beside and of the page; of the segment "": that
        of the page. None where nothing is compared."""
        if not self.is_valid():
            return None
        at, than, beside = (
            self.cleaned_data[name] for name in ("at", "than", "beside")
        )
        if not at or not (beside or (than and than != at)):
            return None
        return (than or at, beside), (at, "")
