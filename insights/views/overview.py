"""The first page: how many stay, in a few figures."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights import tables
from insights.choices import Basis
from insights.figures import Figure
from insights.metrics import periods
from insights.selectors import closed, closed_counts, late, spans
from insights.selectors import overview as selectors
from insights.selectors.money import Currency
from insights.views.reading import Reading, figures_page, reading


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def overview(request: HttpRequest) -> HttpResponse:
    """The six figures that matter most, each as a sentence."""
    read = reading(request)
    figures, currencies = _figures(read)
    if tables.is_asked(request):
        of_money = [made for _currency, found in currencies for made in found]
        return tables.answer(request, "insights", [*figures, *of_money])
    context = read.context("overview") | {
        "definition": read.definition,
        "figures": figures,
        "currencies": currencies,
        "late": _late(read, currencies),
    }
    return render(request, "insights/overview.html", context)


def _figures(
    read: Reading,
) -> tuple[list[Figure], list[tuple[Currency, list[Figure]]]]:
    if read.horizon is None:
        return [], []
    days = {"horizon": read.horizon, "today": read.today}
    return (
        selectors.people_figures(read.definition, read.basis, **days),
        selectors.by_currency(read.basis),
    )


def _late(
    read: Reading, currencies: Sequence[tuple[Currency, object]]
) -> late.Late | None:
    """Of the quarters whose retention is drawn, and the spans whose money is."""
    if read.horizon is None:
        return None
    shown = periods.until(
        periods.last_over(read.horizon, "quarter"), selectors.QUARTERS
    )
    counts = list(zip(shown, spans.over_time(read.basis, shown), strict=True))
    of_people = [
        *closed.of_people(read.basis, counts, read.horizon),
        *closed_counts.of_gained(read.basis, counts, read.horizon),
    ]
    if read.basis is Basis.ORDERS:
        of_people += closed_counts.of_repeat(read.horizon)
    rows = [row for one, _told in currencies for row in one.trend]
    kept = closed.of_money(rows) if read.basis is Basis.CONTRACT else ()
    return late.changed([*of_people, *kept, *closed.of_earlier(rows)])
