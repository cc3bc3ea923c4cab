"""The first page of the day."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.page_parts import Tab
from crm.request_context import request_context
from desk.selectors.today import today_page
from web.responses import HtmxRequest


@require_safe
@requires(Capability.SEE_MESSAGES)
def today(request: HtmxRequest) -> HttpResponse:
    """For every role; what each may not see is left out, not refused."""
    wanted = request.GET.get("tab", "")
    context = request_context(request)
    page = today_page(context, Tab(wanted) if wanted in list(Tab) else Tab.MINE)
    name = "desk/_today.html" if request.htmx else "desk/today.html"
    shown = {"page": page, "context": context, "now": context.now}
    return render(request, name, shown)
