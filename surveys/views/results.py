"""What was answered, as figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from surveys import charts, selectors, words
from surveys.views.parts import survey_or_404, tab


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The Results tab."""
    now = timezone.now()
    found = selectors.results(survey_or_404(pk), now=now)
    answers_url = reverse("surveys:survey-answers", args=[pk])
    context = {
        "survey": found.survey,
        "results": found,
        "charts": charts.score_charts(found.counts, answers_url),
        "movement": words.movement(found.movement, found.before),
        "asked_words": words.asked(
            found.asked.asked, found.asked.answered, found.asked.share
        ),
        "now": now,
        **tab(request, "results"),
    }
    return render(request, "surveys/survey_results.html", context)
