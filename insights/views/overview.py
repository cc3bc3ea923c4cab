"""The first page: how many stay, in a few figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights import tables
from insights.figures import Figure
from insights.selectors import overview as selectors
from insights.views.reading import Reading, reading


@requires(Capability.SEE_INSIGHTS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures that matter most, each as a sentence."""
    read = reading(request)
    figures = _figures(read)
    if tables.is_asked(request):
        return tables.answer(request, "insights", figures)
    context = read.context("overview") | {
        "definition": read.definition,
        "figures": figures,
    }
    return render(request, "insights/overview.html", context)


def _figures(read: Reading) -> list[Figure]:
    if read.horizon is None:
        return []
    return selectors.figures(
        read.definition, read.basis, horizon=read.horizon, today=read.today
    )
