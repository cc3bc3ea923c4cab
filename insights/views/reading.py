"""What every page of figures reads first: the definition, the day, and the filters."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from crm import selectors as crm
from insights.choices import Basis
from insights.models import Definition
from insights.selectors import definition as definitions
from insights.selectors import kept
from insights.views import TABS


@dataclass(frozen=True)
class Reading:
    """By what customers are counted here, and until which day everything is known."""

    definition: Definition
    bases: list[Basis]
    basis: Basis
    horizon: date | None
    today: date
    now: datetime

    def context(self, here: str) -> dict[str, Any]:
        """What the frame of each page shows."""
        return {
            "tabs": TABS,
            "here": here,
            "basis": self.basis,
            "bases": self.bases,
            "is_empty": self.horizon is None,
            "age": definitions.age(self.definition, now=self.now),
            "kept_at": kept.oldest(),
            "now": self.now,
        }


def reading(request: HttpRequest) -> Reading:
    """By the basis that the address names, or the first that the shop counts by."""
    now, row = timezone.now(), definitions.definition()
    today, bases = crm.business().day(now), definitions.bases(row)
    named = [one for one in bases if one.value == request.GET.get("basis")]
    basis = named[0] if named else bases[0]
    horizon = definitions.horizon(row, basis, today=today)
    return Reading(row, bases, basis, horizon, today, now)
