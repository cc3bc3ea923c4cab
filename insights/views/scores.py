"""The recommendation scores over time, and by group."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.models import Segment
from crm.rules import dates
from crm.staff import staff_of
from insights import score_words, tables
from insights.selectors import scores
from insights.views import TABS
from surveys.choices import CountedBy
from surveys.rules.spans import Unit


@requires(Capability.SEE_INSIGHTS)
@require_safe
def score(request: HttpRequest) -> HttpResponse:
    """Every survey's score by month, quarter or rolling 90 days; `by` a group."""
    now, business = timezone.now(), crm.business()
    unit, by = request.GET.get("unit", ""), request.GET.get("by", "")
    unit = unit if unit in scores.UNITS else Unit.QUARTER.value
    by = by if by in scores.GROUPS else ""
    segments = list(Segment.objects.all())
    asked = request.GET.get("segment", "")
    segment = next((one for one in segments if str(one.pk) == asked), None)
    found = scores.scores(
        unit=Unit(unit),
        by=CountedBy(by or CountedBy.ALL),
        today=business.day(now),
        zone=dates.zone_of(business.time_zone, "UTC"),
        segment=segment,
        sees_confidential=staff_of(request).can(Capability.SEE_CONFIDENTIAL),
    )
    if tables.is_asked(request):
        return tables.answer(request, "scores", [one.figure for one in found])
    context = {
        "tabs": TABS,
        "here": "scores",
        "surveys": found,
        "units": score_words.units(),
        "unit": unit,
        "groups": score_words.groups(),
        "by": by,
        "segments": segments,
        "segment": segment,
        "now": now,
    }
    return render(request, "insights/scores.html", context)
