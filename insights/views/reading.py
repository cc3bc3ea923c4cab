"""What every page of figures reads first: the definition, the day, and the filters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm.staff import business_of
from insights.choices import Basis
from insights.models import Definition
from insights.selectors import definition as definitions
from insights.selectors.once import one_page
from insights.views import TABS


def figures_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that reads and changes nothing: what several of its figures are read from
    is asked once."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with one_page():
            return view(request, *args, **kwargs)

    return page


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
        age = definitions.age(self.definition, now=self.now)
        return {
            "tabs": TABS,
            "here": here,
            "basis": self.basis,
            "bases": self.bases,
            "is_empty": self.horizon is None,
            "age": age,
            "kept_at": age.kept_at,
            "now": self.now,
        }


def reading(request: HttpRequest) -> Reading:
    """By the basis that the address names, or the first that the shop counts by."""
    now, row = timezone.now(), definitions.definition()
    today, bases = business_of(request).day(now), definitions.bases(row)
    named = [one for one in bases if one.value == request.GET.get("basis")]
    basis = named[0] if named else bases[0]
    horizon = definitions.horizon(row, basis, today=today)
    return Reading(row, bases, basis, horizon, today, now)
