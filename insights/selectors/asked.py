"""What a page of Insights is asked for: by which customers, when, and of whom."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from psycopg.sql import Composable

from crm import segment_people
from crm.models import Product, Segment
from insights.choices import Basis, Dimension
from insights.metrics.periods import Period
from insights.sql import people as sql

SEGMENT, PRODUCT = "segment", "product"
# Of these a sum by month is kept; the others are counted when they are asked for.
SUMMED = frozenset(dimension.value for dimension in Dimension)


@dataclass(frozen=True)
class Asked:
    """One span, and whom of: `by` is a dimension, a segment or a product; `value` one
    of it. `by` "all": everybody."""

    basis: Basis
    period: Period
    by: str = "all"
    value: str = ""

    @property
    def is_summed(self) -> bool:
        """Whether the answer stands in the sums by month."""
        return bool(self.period.unit) and self.by in SUMMED

    def of(self, value: str, by: str = "") -> "Asked":
        return replace(self, value=value, by=by or self.by)

    def at(self, period: Period) -> "Asked":
        return replace(self, period=period)

    def people_url(self, group: str) -> str:
        """The list of those who were counted."""
        names = {
            "group": group,
            "basis": self.basis.value,
            "first": self.period.starts_on.isoformat(),
            "last": self.period.last_day.isoformat(),
        }
        if self.by != "all":
            names |= {"by": self.by, "value": self.value}
        return f"{reverse('insights:people')}?{urlencode(names)}"


def who(asked: Asked, *, today: date) -> Composable:
    """A condition on the spells `s`: whom of. Nobody where the row is gone."""
    if asked.by == SEGMENT:
        segment = Segment.objects.filter(pk=number_of(asked.value)).first()
        if segment is None:
            return sql.NOBODY
        return sql.who_is_in(segment_people.compiled(segment, today=today))
    if asked.by == PRODUCT:
        product = Product.objects.filter(pk=number_of(asked.value)).first()
        if product is None:
            return sql.NOBODY
        return sql.who_bought(product.pk, before=asked.period.starts_on)
    return sql.of_value(asked.by, asked.value)


def number_of(value: str) -> int:
    """The id that an address names; 0, which nothing has, where it is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0
