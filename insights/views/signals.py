"""The signals of loyalty on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights import comparisons, tables
from insights.forms.cohorts import QuarterForm
from insights.selectors import closed, late
from insights.selectors import signals as selectors
from insights.views.reading import figures_page, reading
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
            "late": late.changed(
                closed.of_neighbours(
                    read.basis, (found.now, found.before), read.horizon, lost=True
                )
            ),
            "as_file": f"?{request.GET.urlencode()}&as=",
        }
    if tables.is_asked(request):
        return tables.answer(request, "signals", [*sides, *figures])
    return render(request, "insights/signals.html", context)
