"""The signals of loyalty on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights import comparisons, tables
from insights.comparison import Comparison
from insights.forms.cohorts import QuarterForm
from insights.selectors import closed, closed_counts, late, spans
from insights.selectors import signals as selectors
from insights.selectors.asked import Asked
from insights.selectors.late import Late
from insights.selectors.signals import Signals
from insights.views.reading import Reading, figures_page, reading
from web.rules.movement import movements


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def signals(request: HttpRequest) -> HttpResponse:
    """Ten signals, each with what it was a year before."""
    read = reading(request)
    context = read.context("signals")
    figures, sides = [], []
    if read.horizon is not None:
        found = selectors.counted(read.basis, horizon=read.horizon, today=read.today)
        form = QuarterForm(
            request.GET.dict(), comparisons.quarter_choices(read.horizon), read.basis
        )
        both = form.asked()
        compared = both and comparisons.of_signals(
            both, today=read.today, page=found.changes
        )
        sides = compared.figures if compared else []
        figures = found.figures(
            compared.moved if compared else movements(found.changes)
        )
        context |= {
            "figures": figures,
            "form": form,
            "kept": {"basis": read.basis.value},
            "compared": compared,
            "late": _late(read, found, both, compared),
            "as_file": f"?{request.GET.urlencode()}&as=",
        }
    if tables.is_asked(request):
        return tables.answer(request, "signals", [*sides, *figures])
    return render(request, "insights/signals.html", context)


def _late(
    read: Reading,
    found: Signals,
    both: tuple[Asked, Asked] | None,
    compared: Comparison | None,
) -> Late | None:
    """Of both quarters that the page shows, and of those that it compares."""
    shown = (found.now, found.before)
    counts = list(zip(shown, spans.over_time(read.basis, shown), strict=True))
    figures = [
        *closed.of_people(read.basis, counts, read.horizon, lost=True),
        *closed.of_cost(read.basis, counts, read.horizon),
        *closed_counts.of_signals(found),
    ]
    if both and compared:
        for asked, side in zip(both, ("first", "second"), strict=True):
            told = [getattr(row, side) for row in compared.rows]
            figures += closed_counts.of_sides(asked, told)
    return late.changed(figures)
