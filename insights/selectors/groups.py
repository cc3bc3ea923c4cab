"""Retention beside each other: each country, source, owner, segment or product."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from crm.models import Product, Segment, User
from insights import words
from insights.choices import Basis
from insights.metrics import retention as metrics
from insights.selectors import spans
from insights.selectors.asked import (
    POSSIBLY,
    PRODUCT,
    RECOMMENDED,
    SEGMENT,
    SUMMED,
    Asked,
    number_of,
)
from insights.selectors.retention import Row, row_of
from insights.selectors.spans import Counts
from web import formats

# Each of them is counted when it is asked for.
MOST_SEGMENTS, MOST_PRODUCTS = 6, 6


def beside(asked: Asked, *, horizon: date | None, today: date) -> list[Row]:
    """A row for each group, the largest at the start first; none by everybody."""
    if asked.by == "all":
        return []
    rows = [
        row_of(asked.of(value), label, horizon=horizon, today=today)
        if counts is None
        else Row(
            label,
            asked.of(value),
            counts,
            metrics.retention(counts.span),
            asked.period.is_over(horizon),
        )
        for value, label, counts in _groups(asked)
    ]
    there = [row for row in rows if row.counts.start or row.counts.end]
    return sorted(there, key=lambda row: -row.counts.start)


def left_out(asked: Asked) -> str:
    """Which groups are shown where not all of them can be; "" where all are."""
    if asked.by == SEGMENT and Segment.objects.count() > MOST_SEGMENTS:
        return _("The first %(n)s segments by name; choose any other above.") % {
            "n": MOST_SEGMENTS
        }
    if asked.by == PRODUCT:
        return _("The %(n)s products that most people had bought before.") % {
            "n": MOST_PRODUCTS
        }
    return ""


def _groups(asked: Asked) -> Iterator[tuple[str, str, Counts | None]]:
    """Value, label, and the counts where the sums have them."""
    if asked.by == SEGMENT:
        for segment in Segment.objects.order_by("name")[:MOST_SEGMENTS]:
            yield str(segment.pk), segment.name, None
    elif asked.by == PRODUCT:
        for product in _products(asked):
            yield str(product.pk), str(product), None
    elif asked.is_summed:
        found = spans.by_value(asked.basis, asked.period, asked.by)
        for value, counts in found.items():
            yield value, label_of(asked.by, value), counts
    elif asked.by in SUMMED:
        for value in spans.values_of(asked.basis, asked.by):
            yield value, label_of(asked.by, value), None


def _products(asked: Asked) -> list[Product]:
    """Those that most people had bought before the span began."""
    ids = spans.most_bought(asked.period.starts_on, most=MOST_PRODUCTS)
    found = Product.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def choices(basis: Basis, by: str) -> list[tuple[str, str]]:
    """Value and name of each group that may be chosen."""
    if by == SEGMENT:
        rows = Segment.objects.order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in rows]
    if by not in SUMMED or by == "all":
        return []
    known = spans.values_of(basis, by)
    return sorted(
        ((value, label_of(by, value)) for value in known), key=lambda one: one[1]
    )


def side_names(
    whom: tuple[tuple[str, str], tuple[str, str]], times: tuple[str, str]
) -> tuple[str, str]:
    """What two sides are called, by what differs between them: `whom` are the dimension
    and value of each, `times` its span in words."""
    first, second = (
        _("Everybody") if by == "all" else label_of(by, value) for by, value in whom
    )
    if times[0] == times[1]:
        return first, second
    if first == second:
        return times
    return f"{first}, {times[0]}", f"{second}, {times[1]}"


def names_of(first: Asked, second: Asked) -> tuple[str, str]:
    """The same of two spans of one's choice."""
    return side_names(
        ((first.by, first.value), (second.by, second.value)),
        (words.period(first.period), words.period(second.period)),
    )


def label_of(by: str, value: str) -> str:
    """What a value is called."""
    if by in (SEGMENT, PRODUCT):
        model = Segment if by == SEGMENT else Product
        row = model.objects.filter(pk=number_of(value)).first()
        return str(row) if row else _("Something that is gone")
    if by == RECOMMENDED:
        return _("by recommendation")
    if by == POSSIBLY:
        return _("by recommendation, or nothing is known")
    if by == "owner":
        if not value:
            return _("Nobody")
        owner = User.objects.filter(pk=number_of(value)).first()
        return str(owner) if owner else _("Somebody who is gone")
    if not value:
        return _("Not known")
    return formats.country(value) if by == "country" else value
