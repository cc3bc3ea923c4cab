"""Where from as figures: for comparisons, files, the report command and the API."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from insights import origin_words
from insights.figures import Figure, Unit, figure
from insights.metrics.cost import break_even
from insights.metrics.measures import Measure
from insights.selectors import overlap_figures
from insights.selectors.asked import Asked
from insights.selectors.definition import definition
from insights.selectors.origins import Money, Origin, Origins, cac_of_all, origins
from insights.selectors.overlaps import Overlaps, overlaps
from web import formats
from web.charts import Chart, Point, Series, axis_of_numbers, bar_chart

# As many bars as can be told apart.
MOST_BARS = 12


def figures_of(asked: Asked, *, horizon: date | None, today: date) -> list[Figure]:
    """All figures of one span and group; what it cost is known of everybody alone."""
    found = origins(asked, today=today)
    heard = overlaps(asked, today=today)
    is_over = asked.period.is_over(horizon)
    return list(figures(found, heard, asked, is_over=is_over))


def figures(
    found: Origins, heard: Overlaps, asked: Asked, *, is_over: bool
) -> Iterator[Figure]:
    """Those of all sources together, those of each, and the part of recommendations."""
    is_all, how = asked.by == "all", origin_words.how(definition(), asked.basis)
    said: dict[str, Any] = {"sentence": "", "how": how, "is_over": is_over}
    more = {"people_url": asked.people_url("new"), "people": found.gained, **said}
    yield figure(
        "gained", _("Came for the first time"), Measure(found.gained), Unit.PEOPLE,
        **more,
    )  # fmt: skip
    for currency, cac in cac_of_all(found).items() if is_all else ():
        for key, title, measure in (
            ("cost", _("A customer costs"), cac),
            ("break-even", _("Each must bring at least"), break_even(cac)),
        ):
            yield figure(key, title, measure, Unit.MONEY, currency=currency, **more)
    for row in found.rows:
        # The address of a source is one of everybody.
        url = row.people_url if is_all else None
        yield from _of_source(row, {"people_url": url, "people": row.gained, **said})
    said["how"] = f"{how} {origin_words.how_heard()}"
    yield from overlap_figures.of_record(found.shares, asked, said)
    yield from overlap_figures.of_all_ways(heard, asked, said)


def _of_source(row: Origin, more: dict[str, Any]) -> Iterator[Figure]:
    yield figure(
        f"gained:{row.source}",
        _("Gained: %(source)s") % {"source": row.label},
        Measure(row.gained),
        Unit.PEOPLE,
        **more,
    )
    for one in row.money:
        for key, title, measure, unit in _parts(one):
            yield figure(
                f"{key}:{row.source}",
                f"{title}: {row.label}",
                measure,
                unit,
                currency=one.currency,
                **more,
            )


def _parts(one: Money) -> Iterator[tuple[str, str, Measure, Unit]]:
    """What one source brought and, where something was spent on it, what it cost."""
    yield "brought", _("Brought so far"), Measure(float(one.value)), Unit.MONEY
    if one.spend:
        yield "spent", _("Spent"), Measure(float(one.spend)), Unit.MONEY
        yield "costs", _("A customer costs"), one.cac, Unit.MONEY
        yield "break-even", _("Each must bring at least"), one.needed, Unit.MONEY
        yield "earned-back", _("Months to earn it back"), one.months, Unit.MONTHS
        yield "returned", _("Brought for each 1 spent"), one.ratio, Unit.RATIO


def chart(found: Origins) -> Chart | None:
    """How many came from each source; None where nobody came."""
    rows = [row for row in found.rows if row.gained][:MOST_BARS]
    if len(rows) < 2:
        return None
    most = max(row.gained for row in rows)
    points = [
        Point(at, row.label, row.gained, formats.number(row.gained))
        for at, row in enumerate(rows)
    ]
    title = _("Customers gained by source")
    return bar_chart(
        "origins", title, [Series(_("Gained"), points)], axis_of_numbers(most)
    )
