"""Who was asked by mail, one by one, and whether they have answered."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from surveys.selectors.asked import asked_page, presses_of
from surveys.selectors.confidence import Confidence, confidence_of
from surveys.selectors.narrowing import narrowing
from surveys.views.parts import page_urls, survey_or_404, tab
from web import paging

_ANSWERED = {"1": True, "0": False}


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_asked(request: HttpRequest, pk: int) -> HttpResponse:
    """Those behind “asked” of the results, narrowed as they are; `answered`: 1 or 0."""
    found, now = survey_or_404(pk), timezone.now()
    staff = staff_of(request)
    may_see = staff.can(Capability.SEE_CONFIDENTIAL)
    narrowed = narrowing(request.GET)
    answered = request.GET.get("answered", "")
    page = asked_page(
        found,
        now=now,
        narrowed=narrowed,
        has_answered=_ANSWERED.get(answered),
        **paging.sides_of(request),
    )
    # A press tells what somebody thinks, before it is known to be in confidence.
    is_told = confidence_of(staff, found) is Confidence.BY_NAME
    sees_names = staff.can(Capability.SEE_NOTES)
    presses = presses_of(page.rows) if sees_names and is_told else {}
    kept = [*narrowed.query.items()]
    chosen = answered if answered in _ANSWERED else ""
    context = {
        "survey": found,
        "asked": page.rows,
        "rows": [(one, presses.get(one.pk, [])) for one in page.rows],
        "pages": page_urls(page, [*kept, *([("answered", chosen)] if chosen else [])]),
        "choices": [
            (label, f"?{urlencode([*kept, *extra])}", value == chosen)
            for label, value, extra in (
                (_("All"), "", []),
                (_("Answered"), "1", [("answered", "1")]),
                (_("Not answered"), "0", [("answered", "0")]),
            )
        ],
        "is_narrowed": not narrowed.is_everybody,
        "sees_names": sees_names,
        "sees_confidential": may_see,
        "now": now,
        **tab(request, "results"),
    }
    return render(request, "surveys/survey_asked.html", context)
