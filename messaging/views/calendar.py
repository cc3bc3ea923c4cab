"""The calendar of contacts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.request_context import request_context
from crm.staff import staff_of
from messaging.models import Automation
from messaging.selectors.calendar import calendar as read
from messaging.selectors.forecast_people import DECISIONS
from web.rules.numbers import whole_number


@require_safe
@requires(Capability.SEE_AUTOMATIONS)
def calendar(request: HttpRequest) -> HttpResponse:
    """What goes in the next 60 days; `?with=ID` draws an automation that is off
    beside it."""
    context = request_context(request)
    page = read(context, _beside(request))
    shown = {
        "page": page,
        "decisions": DECISIONS.values(),
        "may_move": staff_of(request).can(Capability.EDIT_AUTOMATIONS),
        "context": context,
        "now": context.now,
    }
    return render(request, "messaging/calendar.html", shown)


def _beside(request: HttpRequest) -> Automation | None:
    wanted = whole_number(request.GET.get("with", ""))
    if not wanted:
        return None
    return Automation.objects.in_use().filter(pk=wanted, is_on=False).first()
