"""The signals of loyalty on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from insights import tables
from insights.selectors import kept
from insights.selectors import signals as selectors
from insights.views.reading import reading


@requires(Capability.SEE_INSIGHTS)
@require_safe
def signals(request: HttpRequest) -> HttpResponse:
    """Ten signals, each with what it was a year before."""
    read = reading(request)
    figures = []
    if read.horizon is not None:
        figures = selectors.signals(read.basis, horizon=read.horizon, today=read.today)
    if tables.is_asked(request):
        return tables.answer(request, "signals", figures)
    context = read.context("signals") | {"figures": figures, "kept_at": kept.oldest()}
    return render(request, "insights/signals.html", context)
