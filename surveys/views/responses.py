"""What was answered, one by one, and what counts in no figure."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.rules import dates
from crm.staff import staff_of
from surveys import selectors, words
from surveys.choices import ResponseState
from surveys.errors import NotCounted
from surveys.forms import (
    LISTED_STATES,
    LeaveOutForm,
    chosen_days,
    chosen_scores,
    chosen_state,
)
from surveys.models import Response
from surveys.selectors.confidence import confidence_of
from surveys.selectors.narrowing import AnswersTo, answers_to
from surveys.services import leaving_out
from surveys.views.parts import page_urls, survey_or_404, tab
from web.error_messages import for_error
from web.paging import sides_of
from web.responses import add_message


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The Answers tab, narrowed to the chosen scores."""
    found = survey_or_404(pk)
    scores = chosen_scores(request.GET.getlist("score"))
    state = chosen_state(request.GET)
    days = chosen_days(request.GET.get("from", ""), request.GET.get("to", ""))
    business = crm.business()
    zone = dates.zone_of(business.time_zone, "UTC")
    may_see, now = staff_of(request).can(Capability.SEE_CONFIDENTIAL), timezone.now()
    narrowed = answers_to(
        request.GET,
        today=business.day(now),
        confidence=confidence_of(staff_of(request), found),
    )
    page = selectors.answers_page(
        found,
        scores=scores,
        narrowed=narrowed,
        state=state,
        between=selectors.moments_of(*days, zone) if days else None,
        **sides_of(request),
    )
    kept = _kept(scores, days, state, narrowed)
    came_by = narrowed.people.came_by
    way = [("link", str(came_by))] if came_by else []
    context = {
        "survey": found,
        "answers": page.rows,
        "scores": scores,
        "days": days,
        "is_left_out": state is ResponseState.LEFT_OUT,
        "is_pressed": state is ResponseState.PROVISIONAL,
        "pages": page_urls(page, [*kept, *way]),
        "is_apart": narrowed.is_apart,
        "apart": None if narrowed.is_apart else selectors.apart(found, now=now),
        "leaves_out": not narrowed.people.lists_confidential,
        "is_of_few": narrowed.people.leaves_out_confidential,
        "is_narrowed": bool(narrowed.query.keys() - {"link", "scale", "by"}),
        "ways": [(str(way), said) for way, said in selectors.ways(found)],
        "way": str(came_by or ""),
        "kept": kept,
        # Marketers and analysts read the answers without the names.
        "may_reply": staff_of(request).can(Capability.REPLY),
        "sees_names": staff_of(request).can(Capability.SEE_NOTES),
        "sees_confidential": may_see,
        "may_leave_out": staff_of(request).can(Capability.LEAVE_OUT_ANSWERS),
        "reasons": words.LEFT_OUT_REASONS,
        "all_url": reverse("surveys:survey-answers", args=[pk]),
        "now": now,
        **tab(request, "answers"),
    }
    return render(request, "surveys/survey_answers.html", context)


def _kept(
    scores: list[int],
    days: tuple[date, date] | None,
    state: ResponseState,
    narrowed: AnswersTo,
) -> list[tuple[str, str]]:
    """What the list is narrowed to, as an address holds it, without the link."""
    kept = [
        *((name, value) for name, value in narrowed.query.items() if name != "link"),
        *(("score", str(score)) for score in scores),
    ]
    kept += [(name, "1") for name, one in LISTED_STATES.items() if one is state]
    if days:
        kept += [("from", days[0].isoformat()), ("to", days[1].isoformat())]
    return kept


@requires(Capability.LEAVE_OUT_ANSWERS)
@require_POST
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: out of all figures, for the reason `because`."""
    answer = get_object_or_404(Response, pk=pk)
    form = LeaveOutForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose why this answer is left out."))
        return _answers(answer)
    try:
        leaving_out.leave_out(
            answer, because=form.cleaned_data["because"], now=timezone.now()
        )
    except NotCounted as error:
        messages.error(request, for_error(error))
    else:
        add_message(
            request,
            _("Left out of all figures. It stays on the timeline."),
            reverse("surveys:answer-count-again", args=[pk]),
        )
    return _answers(answer)


@requires(Capability.LEAVE_OUT_ANSWERS)
@require_POST
def count_again(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: in all figures again."""
    answer = get_object_or_404(Response, pk=pk)
    leaving_out.count_again(answer, now=timezone.now())
    add_message(request, _("It counts again."))
    return _answers(answer)


def _answers(answer: Response) -> HttpResponse:
    return redirect("surveys:survey-answers", pk=answer.survey_id)
