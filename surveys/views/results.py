"""What was answered, as figures."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.models import Segment
from crm.staff import business_of, staff_of
from surveys import result_drawings as drawings
from surveys import result_tables, selectors, words
from surveys import result_words as said
from surveys.models import Survey
from surveys.rules.spans import Unit
from surveys.selectors import Results
from surveys.selectors.confidence import confidence_of
from surveys.selectors.narrowing import Narrowing, narrowing
from surveys.selectors.trend import names_of
from surveys.views.parts import survey_or_404, tab
from web import tables


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The Results tab: `unit` of the trend, `by` a group, `value` one of it, `segment`;
    `as` a file of what is shown."""
    now, staff, this = timezone.now(), staff_of(request), survey_or_404(pk)
    narrowed = narrowing(request.GET, confidence=confidence_of(staff, this))
    unit = request.GET.get("unit", "")
    found = selectors.results(
        this,
        now=now,
        unit=Unit(unit) if unit in said.units() else Unit.MONTH,
        narrowed=narrowed,
        business=business_of(request),
    )
    if tables.is_asked(request):
        rows = result_tables.rows(found, get_language() or "")
        name = f"survey-{pk}"
        return tables.answer(request, name, result_tables.COLUMNS, rows)
    context = {
        "survey": found.survey,
        "results": found,
        "now": now,
        "sees_names": staff.can(Capability.SEE_NOTES),
        "sees_confidential": staff.can(Capability.SEE_CONFIDENTIAL),
        "apart": found.apart(),
        **_choices(found.survey, narrowed, found.unit),
        **_shown(found, narrowed),
        **tab(request, "results"),
    }
    return render(request, "surveys/survey_results.html", context)


def _choices(survey: Survey, narrowed: Narrowing, unit: Unit) -> Mapping[str, Any]:
    """What may be chosen, and what is."""
    chosen = {"unit": unit.value, **narrowed.query}
    name = names_of(narrowed.by, [narrowed.value]).get(narrowed.value, "")
    return {
        "units": said.units(),
        "groups": said.groups(),
        "segments": Segment.objects.order_by("name").values_list("pk", "name"),
        "ways": [(str(way), said) for way, said in selectors.ways(survey)],
        "way": str(narrowed.came_by or ""),
        "narrowed": narrowed,
        "only": said.group(narrowed.by, narrowed.value, name)
        if narrowed.is_one
        else "",
        "chosen": chosen,
        "chosen_query": urlencode(chosen),
    }


def _asked(found: Results, narrowed: Narrowing) -> Mapping[str, str]:
    """How many have answered of those who were asked, and where they are."""
    if found.asked is None:
        return {}
    url = reverse("surveys:survey-asked", args=[found.survey.pk])
    query = narrowed.query
    return {
        "words": words.asked(
            found.asked.asked, found.asked.answered, found.asked.share
        ),
        "by": words.asked_by(narrowed.by) if narrowed.is_one else "",
        "url": f"{url}?{urlencode(query)}",
        "answered_url": f"{url}?{urlencode({**query, 'answered': '1'})}",
        "silent_url": f"{url}?{urlencode({**query, 'answered': '0'})}",
    }


def _shown(found: Results, narrowed: Narrowing) -> Mapping[str, Any]:
    answers_url = reverse("surveys:survey-answers", args=[found.survey.pk])
    days = {"from": found.days[0].isoformat(), "to": found.days[1].isoformat()}
    query = {**narrowed.query, **days}
    language = get_language() or ""
    shown: dict[str, Any] = {
        "answers_url": f"{answers_url}?{urlencode(query)}",
        "asked": _asked(found, narrowed),
        "further": result_tables.further(found, answers_url, query, language),
    }
    if found.scale is None:
        return shown
    return {
        **shown,
        "title": said.title(found.scale),
        "how": said.how(found.scale),
        "how_sure": said.how_sure(found.result),
        "bars": drawings.scores(found.scale, found.counts, answers_url, query),
        "moved": said.moved(found.moved, found.before),
        "trend": drawings.trend(
            found.scale, found.trend, found.unit, answers_url, query
        ),
        "trend_moved": said.trend_moved(found.trend_moved, found.unit),
        "group_rows": result_tables.groups(found, answers_url, narrowed),
        "group_months": said.months(found.group_days) if found.group_days else "",
    }
