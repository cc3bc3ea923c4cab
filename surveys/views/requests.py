"""Whom other programs asked for, below “Who is asked”."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from surveys.selectors.requests import requests_page
from surveys.views.parts import survey_or_404, tab
from web import paging


@requires(Capability.EDIT_AUTOMATIONS)
@require_safe
def survey_requests(request: HttpRequest, pk: int) -> HttpResponse:
    """Each request of the API, the newest first, and what came of it."""
    found = survey_or_404(pk)
    asked = requests_page(
        found,
        **paging.sides_of(request),
        now=timezone.now(),
    )
    context = {
        "survey": found,
        "rows": asked.rows,
        "page": asked.page,
        "now": timezone.now(),
        **tab(request, "settings"),
    }
    return render(request, "surveys/survey_requests.html", context)
