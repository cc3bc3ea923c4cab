"""Where from as figures: for comparisons, files, the report command and the API."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from insights.figures import Figure, Unit, figure
from insights.metrics.intervals import share
from insights.metrics.measures import Measure
from insights.selectors.asked import RECOMMENDED, Asked
from insights.selectors.origins import Origin, Origins, cac_of_all, origins
from web import formats
from web.charts import Chart, Point, Series, axis_of_numbers, bar_chart

# As many bars as can be told apart.
MOST_BARS = 12


def figures_of(asked: Asked, *, horizon: date | None, today: date) -> list[Figure]:
    """All figures of one span and group; what it cost is known of everybody alone."""
    found = origins(asked, today=today)
    is_over = asked.period.is_over(horizon)
    return list(figures(found, asked, is_over=is_over))


def figures(found: Origins, asked: Asked, *, is_over: bool) -> Iterator[Figure]:
    """Those of all sources together, then those of each."""
    is_all = asked.by == "all"
    yield figure(
        "gained",
        _("Came for the first time"),
        Measure(found.gained),
        Unit.PEOPLE,
        sentence="",
        how=_how(),
        people_url=asked.people_url("new"),
        people=found.gained,
        is_over=is_over,
    )
    yield figure(
        "recommended",
        _("By recommendation, at least"),
        share(found.shares.said, found.shares.total),
        Unit.PERCENT,
        sentence="",
        how=_how(),
        people_url=asked.of("", by=RECOMMENDED).people_url("new") if is_all else None,
        people=found.shares.said,
        is_over=is_over,
    )
    for currency, measure in cac_of_all(found).items() if is_all else ():
        yield figure(
            "cost",
            _("A customer costs"),
            measure,
            Unit.MONEY,
            sentence="",
            how=_how(),
            currency=currency,
            is_over=is_over,
        )
    for row in found.rows:
        yield from _of_source(row, is_all=is_all, is_over=is_over)


def _of_source(row: Origin, *, is_all: bool, is_over: bool) -> Iterator[Figure]:
    yield figure(
        f"gained:{row.source}",
        _("Gained: %(source)s") % {"source": row.label},
        Measure(row.gained),
        Unit.PEOPLE,
        sentence="",
        how=_how(),
        people_url=row.people_url if is_all else None,
        people=row.gained,
        is_over=is_over,
    )
    for one in row.money:
        parts = [("brought", _("Brought so far"), Measure(float(one.value)))]
        if is_all and one.spend:
            parts += [
                ("spent", _("Spent"), Measure(float(one.spend))),
                ("costs", _("A customer costs"), one.cac),
            ]
        for key, title, measure in parts:
            yield figure(
                f"{key}:{row.source}",
                f"{title}: {row.label}",
                measure,
                Unit.MONEY,
                sentence="",
                how=_how(),
                currency=one.currency,
                is_over=is_over,
            )


def _how() -> str:
    return _(
        "Those who came for the first time in the span and were still customers at its"
        " end, by how they heard of us; what was spent in the months that begin in it;"
        " and what these people have brought until today."
    )


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
