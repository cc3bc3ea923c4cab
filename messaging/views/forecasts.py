"""The people behind the figures of a forecast."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from messaging.forms.figures import FigureForm
from messaging.models import Automation
from messaging.rules.simulation import ForecastDecision
from messaging.selectors import forecast_people as selectors
from messaging.selectors.forecast_people import DECISIONS
from messaging.selectors.forecasts import kept


@requires(Capability.SEE_AUTOMATIONS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those behind one figure: by name where one may see customers."""
    form = FigureForm(request.GET or _first())
    if not form.is_valid():
        raise Http404
    figure, now = form.figure, timezone.now()
    automation = get_object_or_404(Automation, pk=figure.automation)
    beside = None
    if figure.beside is not None:
        beside = get_object_or_404(Automation, pk=figure.beside)
    is_draft = beside is not None and not beside.is_on
    with kept(beside if is_draft else None, now=now) as look:
        if look.found is None:
            raise Http404
        page = selectors.people(figure, look.found, after=request.GET.get("after", ""))
        context = {
            "automation": automation,
            "beside": beside,
            "figure": figure,
            "decision": DECISIONS[figure.decision],
            "page": page,
            "rows": [(row, selectors.in_short(row)) for row in page.rows],
            "more": f"?{figure.query}&after={page.older}" if page.older else "",
            "made_at": look.found.made_at,
            "is_kept": not look.is_live,
            "sees_customers": staff_of(request).can(Capability.SEE_CUSTOMERS),
            "now": now,
        }
        return render(request, "messaging/forecast_people.html", context)


def _first() -> dict[str, object]:
    """For an address without a choice: whom the first automation writes to."""
    first = Automation.objects.in_use().first()
    return (
        {"automation": first.pk, "decision": ForecastDecision.GOES.value}
        if first
        else {}
    )
