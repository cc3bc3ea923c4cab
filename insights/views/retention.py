"""Who stayed: the rate of a span, over time and beside each other; and cohorts."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights import comparisons, tables
from insights.choices import Basis
from insights.forms.cohorts import CohortForm
from insights.forms.filters import UNITS, FilterForm
from insights.forms.sides import BY
from insights.metrics import periods
from insights.selectors import (
    again,
    closed,
    closed_counts,
    cohorts,
    groups,
    late,
    retention,
    second_order,
)
from insights.selectors import definition as definitions
from insights.selectors.asked import ALL, Asked
from insights.views.reading import Reading, figures_page, reading
from web.rules.movement import movements


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def rate(request: HttpRequest) -> HttpResponse:
    """The retention of the chosen time and of those before it."""
    read = reading(request)
    form = FilterForm(request.GET, bases=read.bases, horizon=read.horizon or read.today)
    asked, both = form.asked(), form.both()
    if both is not None:
        # Two sides are looked at: the others need not be counted as well.
        asked = asked.of("", by="all")
    context = read.context("retention") | {
        "part": "stayed",
        "as_file": f"?{request.GET.urlencode()}&as=",
        "form": form,
        "asked": asked,
    }
    if read.horizon is not None:
        context |= _figures(read, asked, both)
    if tables.is_asked(request):
        rows = [*context.get("groups", ()), *context.get("rows", ())]
        figures = [
            retention.rate(one, None, definition=read.definition) for one in rows
        ]
        compared = context.get("compared")
        return tables.answer(
            request, "retention", [*(compared.figures if compared else ()), *figures]
        )
    return render(request, "insights/retention.html", context)


def _figures(
    read: Reading, asked: Asked, both: tuple[Asked, Asked] | None
) -> dict[str, Any]:
    assert read.horizon is not None
    days = {"horizon": read.horizon, "today": read.today}
    rows = retention.over_time(asked.of("", by="all"), _shown(read, asked), **days)
    at = [one.asked.period for one in rows].index(asked.period)
    chosen, before = rows[at], rows[at - 1] if at else None
    chart = retention.trend(rows) if len(rows) > 2 else None
    page = {"figure": retention.change(chosen, before, today=read.today)}
    compared = both and comparisons.of_retention(
        both, read.definition, **days, page=page
    )
    moved = compared.moved if compared else movements(page)
    counts = [(one.asked.period, one.counts) for one in rows]
    return {
        "compared": compared,
        "figure": retention.rate(
            chosen,
            before,
            definition=read.definition,
            chart=chart,
            moved=moved["figure"],
        ),
        "late": late.changed(
            [
                *closed.of_people(asked.basis, counts, read.horizon),
                *closed_counts.of_gained(asked.basis, counts, read.horizon),
            ]
        ),
        "rows": list(reversed(rows)),
        "groups": groups.beside(asked, **days),
        "groups_left_out": groups.left_out(asked),
        "by_label": dict(BY)[asked.by],
    }


def _shown(read: Reading, asked: Asked) -> list[periods.Period]:
    """The periods up to the chosen one, or to the one that is not over."""
    chosen = asked.period
    if not chosen.unit:
        return [periods.before(chosen), chosen]
    assert read.horizon is not None
    newest = max(periods.containing(read.horizon, chosen.unit), chosen)
    shown = list(periods.until(newest, retention.SHOWN[chosen.unit]))
    return (
        shown
        if chosen in shown
        else list(periods.until(chosen, retention.SHOWN[chosen.unit]))
    )


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def cohort_table(request: HttpRequest) -> HttpResponse:
    """Who first bought when, who of them bought again, and how soon."""
    read = reading(request)
    horizon = definitions.horizon(read.definition, Basis.ORDERS, today=read.today)
    unit = request.GET.get("unit", "quarter")
    unit = unit if unit in cohorts.SHOWN else "quarter"
    context = read.context("retention") | {
        "part": "cohorts",
        "unit": unit,
        "is_empty": horizon is None,
    }
    if horizon is not None:
        row = read.definition
        buyers = again.buyers(row, horizon)
        curve = second_order.curve(row, horizon)
        figures = [
            again.repeat_rate(row, horizon, buyers),
            curve.figure,
            again.between_orders(row, horizon, definitions.gap_counts(), buyers),
        ]
        known = cohorts.cohorts_of(unit, horizon)
        form = CohortForm(
            request.GET.dict(),
            comparisons.cohort_choices(known),
            usual=comparisons.usual_cohort(known),
        )
        group, both = form.group(), form.both()
        tables_of = {
            whom: known
            if whom[0] == ALL
            else cohorts.of_group(unit, horizon, *whom, today=read.today)
            for whom in {group, *(one.whom for one in both or ())}
        }
        shown = tables_of[group]
        compared = both and comparisons.of_cohorts(
            row,
            (tables_of[both[0].whom], tables_of[both[1].whom]),
            (both[0].at, both[1].at),
        )
        if tables.is_asked(request):
            sides = compared.figures if compared else []
            cells = again.cells(row, shown)
            return tables.answer(request, "cohorts", [*sides, *figures, *cells])
        context |= {
            "table": cohorts.table(shown),
            "of": groups.label_of(*group) if group[0] != ALL else "",
            "units": _units(request),
            "late": late.changed(
                [*closed.of_cohorts(known), *closed_counts.of_repeat(horizon)]
            ),
            "figures": figures,
            "curve": curve,
            "how": again.how_cohorts(row),
            "form": form,
            "kept": {"unit": unit},
            "compared": compared,
            "as_file": f"?{request.GET.urlencode()}&as=",
        }
    return render(request, "insights/cohorts.html", context)


def _units(request: HttpRequest) -> list[tuple[str, object, str]]:
    """Each span of time with its name and address, of the same group."""
    kept = {name: request.GET.get(name, "") for name in ("by", "value")}
    kept = {name: value for name, value in kept.items() if value}
    return [
        (unit, label, f"?{urlencode({'unit': unit, **kept})}")
        for unit, label in UNITS
        if unit in cohorts.SHOWN
    ]
