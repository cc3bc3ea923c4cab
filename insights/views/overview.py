"""The first page: how many stay, in a few figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights.selectors import overview as selectors
from insights.views.reading import reading


@requires(Capability.SEE_INSIGHTS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures that matter most, each as a sentence."""
    read = reading(request)
    context = read.context("overview") | {"definition": read.definition}
    if read.horizon is not None:
        context["figures"] = selectors.figures(
            read.definition, read.basis, horizon=read.horizon, today=read.today
        )
    return render(request, "insights/overview.html", context)
