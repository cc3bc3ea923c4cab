"""What a page of Insights is asked for: by which customers, when, and of whom."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from psycopg.sql import Composable

from crm import segment_people
from crm.models import Product, Segment
from insights.choices import Basis, Dimension
from insights.metrics.periods import Period
from insights.metrics.referrals import is_recommendation
from insights.selectors import spans
from insights.sql import people as sql
from web.addresses import address
from web.rules.numbers import whole_number

ALL, SEGMENT, PRODUCT = "all", "segment", "product"
# Whoever names a recommendation on their record, in whatever words.
RECOMMENDED = "recommended"
# These, and whoever says nothing of it.
POSSIBLY = "possibly"
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

    def overlaps(self, other: "Asked") -> bool:
        """Whether somebody may be on both sides in the same days. Countries, sources
        and owners are one for each; segments and products may be of the same people."""
        is_apart = (
            self.period.ends_on <= other.period.starts_on
            or other.period.ends_on <= self.period.starts_on
        )
        groups = (self.by, self.value), (other.by, other.value)
        return not is_apart and not are_apart(*groups)

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
        return f"{address('insights:people')}?{urlencode(names)}"


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
    if asked.by in (RECOMMENDED, POSSIBLY):
        said = spans.values_of(asked.basis, Dimension.SOURCE.value)
        nothing = [""] if asked.by == POSSIBLY else []
        return sql.of_sources([*filter(is_recommendation, said), *nothing])
    return sql.of_value(asked.by, asked.value)


def are_apart(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Whether nobody can be in both groups, dimension and value of each."""
    is_one_each = first[0] == second[0] and first[0] in SUMMED - {"all"}
    return is_one_each and first[1] != second[1]


def people_of(by: str, value: str, *, before: date, today: date) -> Composable | None:
    """A SELECT of the ids of a group; None for everybody. A product's are those who
    bought it before a day."""
    if by == "all":
        return None
    if by == SEGMENT:
        segment = Segment.objects.filter(pk=number_of(value)).first()
        return segment_people.compiled(segment, today=today) if segment else sql.NO_IDS
    if by == PRODUCT:
        return sql.ids_who_bought(number_of(value), before=before)
    return sql.ids_of_value(by, value)


def number_of(value: str) -> int:
    """The id that an address names; 0, which nothing has, where it is none."""
    return whole_number(value) or 0
