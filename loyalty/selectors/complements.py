"""What goes with what, worked out from baskets, and read for pages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from crm.models import Product
from crm.rules.choices import ProductNature
from loyalty.choices import Pick
from loyalty.models import Complement, ComplementRound
from loyalty.rules.complements import COUNTED_DAYS, MOST_FOR_ONE, lift
from loyalty.sql import complements as sql
from loyalty.sql.complements import Row

SHOWN = 50


@dataclass(frozen=True)
class Counted:
    """Baskets of the days before `before`, laid out in this transaction."""

    before: date
    everybody: int
    buyers: dict[int, int]

    def best(self, products: Sequence[int]) -> Iterator[Row]:
        """The best complements of each of these products, in no order of products."""
        pairs = sorted(sql.pairs(products, list(self.buyers)))
        for _, of_one in groupby(pairs, key=itemgetter(0)):
            yield from self._ranked(of_one)[:MOST_FOR_ONE]

    def _ranked(self, pairs: Iterable[tuple[int, int, int]]) -> list[Row]:
        rows = [self._row(*pair) for pair in pairs]
        # By chance or seldomer is no reason to suggest it.
        found = [row for row in rows if row.lift_low > 1]
        return sorted(found, key=lambda row: (-row.lift_low, row.goes_with_id))

    def _row(self, one: int, other: int, both: int) -> Row:
        found = lift(both, self.buyers[one], self.buyers[other], self.everybody)
        return Row(one, other, both, found.value, found.low, self.before)


def count(before: date) -> Counted:
    """Lay the baskets out; call it in a transaction."""
    sql.gather(before - timedelta(days=COUNTED_DAYS), before)
    return Counted(before, sql.everybody(), sql.buyers())


def complements_of(product: Product) -> QuerySet[Complement]:
    """Of one product, in the order in which they are suggested; hidden ones last."""
    place = Case(
        When(pick=Pick.CHOSEN.value, then=0),
        When(pick=Pick.HIDDEN.value, then=2),
        default=1,
        output_field=IntegerField(),
    )
    return (
        Complement.objects.filter(product=product)
        .select_related("goes_with")
        .order_by(place, F("lift_low").desc(nulls_last=True), "goes_with_id")
    )


def products(q: str) -> QuerySet[Product]:
    """Those whose name or code begins with `q`; without it, those with something that
    goes with them. `SHOWN` at most, each with `known`, how many."""
    known = Complement.objects.filter(product=OuterRef("pk")).exclude(
        pick=Pick.HIDDEN.value
    )
    counted = known.order_by().values("product").annotate(n=Count("pk")).values("n")
    rows = Product.objects.filter(nature=ProductNature.PRODUCT.value)
    if q:
        rows = rows.filter(Q(name__istartswith=q) | Q(sku__istartswith=q))
    else:
        rows = rows.filter(Exists(known))
    return rows.annotate(known=Coalesce(Subquery(counted), 0)).order_by("name", "pk")[
        :SHOWN
    ]


def last_round() -> ComplementRound | None:
    """How far the count of baskets is; None: it never ran."""
    return ComplementRound.objects.first()
