"""The first page: how many stay, in a few figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights.views import TABS


@requires(Capability.SEE_INSIGHTS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures that matter most, each as a sentence."""
    return render(request, "insights/overview.html", {"tabs": TABS, "here": "overview"})
