"""The recommendation scores over time, and by group."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.models import Segment
from crm.rules import dates
from crm.staff import business_of, staff_of
from insights import comparisons, score_words, tables
from insights.comparison import Comparison
from insights.forms.pairs import ScoreSidesForm
from insights.selectors import closed, late, scores
from insights.selectors.closed import Figure
from insights.selectors.scores import Counted
from insights.selectors.scores_asked import GROUPS, UNITS, ScoresAsked
from insights.views import TABS
from surveys.choices import CountedBy
from surveys.rules.spans import Unit
from web.rules.movement import Change, movements


@requires(Capability.SEE_INSIGHTS)
@require_safe
def score(request: HttpRequest) -> HttpResponse:
    """Every survey's score by month, quarter or rolling 90 days; `by` a group."""
    now, business = timezone.now(), business_of(request)
    unit, by = request.GET.get("unit", ""), request.GET.get("by", "")
    unit = unit if unit in UNITS else Unit.QUARTER.value
    by = by if by in GROUPS else ""
    segments = list(Segment.objects.all())
    asked = request.GET.get("segment", "")
    segment = next((one for one in segments if str(one.pk) == asked), None)
    asked_for = ScoresAsked(
        unit=Unit(unit),
        by=by or CountedBy.ALL.value,
        today=business.day(now),
        zone=dates.zone_of(business.time_zone, "UTC"),
        segment=segment,
        sees_confidential=staff_of(request).can(Capability.SEE_CONFIDENTIAL),
    )
    form = ScoreSidesForm(
        request.GET.dict(),
        comparisons.span_choices(asked_for.unit, asked_for.today),
        label=_("Which"),
        segments=[(str(one.pk), one.name) for one in segments],
    )
    counted = scores.counted(asked_for)
    changes = scores.changes(counted)
    compared = _compared(form, asked_for, segments, changes)
    moved = compared.moved if compared else movements(changes)
    found = scores.shown(asked_for, counted, moved)
    if tables.is_asked(request):
        figures = [shown for one in found for shown in one.figures]
        sides = compared.figures if compared else []
        return tables.answer(request, "scores", [*sides, *figures])
    context = {
        "tabs": TABS,
        "here": "scores",
        "surveys": found,
        "form": form,
        "compared": compared,
        "as_file": f"?{request.GET.urlencode()}&as=",
        "late": late.changed(_closed(counted, unit) if segment is None else ()),
        "units": score_words.units(),
        "unit": unit,
        "groups": score_words.groups(),
        "by": by,
        "segments": segments,
        "segment": segment,
        "now": now,
    }
    return render(request, "insights/scores.html", context)


def _compared(
    form: ScoreSidesForm,
    asked: ScoresAsked,
    segments: list[Segment],
    changes: Mapping[str, Change],
) -> Comparison | None:
    both = form.sides()
    if both is None:
        return None
    (than, beside), (at, _same) = both
    other = asked.segment
    if beside:
        other = next((one for one in segments if str(one.pk) == beside), None)
    sides = (replace(asked, segment=other), asked)
    return comparisons.of_scores(sides, (than, at), asked.unit, page=changes)


def _closed(found: Iterable[Counted], unit: str) -> Iterator[Figure]:
    """Of everybody: without what was answered in confidence it is another figure."""
    for one in found:
        if one.leaves_out:
            continue
        yield from closed.of_scores(one.survey, unit, one.rows)
