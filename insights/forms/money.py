"""What the Money page compares: spans of months, and a group or a span beside them."""

from datetime import date

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from insights import money_words
from insights.choices import Basis
from insights.forms.sides import Side, SidesForm
from insights.metrics.spans import LENGTHS, YEAR, Pair
from insights.selectors import money
from web.formats import full_day


class MoneyForm(SidesForm):
    """Read from the address; the default is the newest span of twelve months."""

    months = forms.ChoiceField(required=False, label=gettext_lazy("Spans"))
    to = forms.ChoiceField(required=False, label=gettext_lazy("Until the day before"))

    def __init__(self, data: QueryDict, *, basis: Basis) -> None:
        given = data.dict()
        asked = str(given.get("months", ""))
        self.length = int(asked) if asked in map(str, LENGTHS) else YEAR
        self.ends = money.ends_known(self.length)
        known = [(end.isoformat(), full_day(end)) for end in self.ends]
        named = given.get("to") in dict(known)
        self.chosen = str(given["to"]) if named else known[0][0] if known else ""
        super().__init__(given | {"months": str(self.length), "to": self.chosen})
        self.fields["months"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (str(one), money_words.compared(one)) for one in LENGTHS
        ]
        self.fields["to"].choices = known  # type: ignore[attr-defined] # a ChoiceField
        self.offer(basis, known)

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that make sense with what is chosen."""
        return [self[name] for name in ("months", "to", *self.side_names)]

    @property
    def ends_on(self) -> date | None:
        """None where no span is known."""
        return date.fromisoformat(self.chosen) if self.chosen else None

    def both(self) -> tuple[tuple[Side, Pair], tuple[Side, Pair]] | None:
        """Both sides that are compared; None where nothing is."""
        sides = self.sides() if self.chosen and self.is_valid() else None
        if sides is None:
            return None
        first, second = ((one, self._pair(one.at)) for one in sides)
        return first, second

    def _pair(self, at: str) -> Pair:
        return Pair(date.fromisoformat(at or self.chosen), self.length)
