"""Staff pages of surveys: results, answers, and who is asked."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import selectors as crm
from crm.access import Capability, requires
from crm.rules import dates
from crm.staff import staff_of
from surveys import charts, selectors, words
from surveys.errors import NotCounted
from surveys.forms import LeaveOutForm, SurveyForm, chosen_days, chosen_scores
from surveys.models import Response, Survey
from surveys.services import digest, leaving_out, settings
from web.error_messages import for_error
from web.errors import StaleVersion
from web.paging import Page
from web.responses import add_message


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_list(request: HttpRequest) -> HttpResponse:
    """All surveys, with their numbers."""
    now = timezone.now()
    context = {
        "rows": selectors.survey_rows(now=now),
        "wants_digest": digest.wants(staff_of(request)),
        "now": now,
    }
    return render(request, "surveys/survey_list.html", context)


@requires(Capability.SEE_SURVEYS)
@require_POST
def digest_choice(request: HttpRequest) -> HttpResponse:
    """POST: `to=on` or `to=off`, the mail on Mondays for whoever asks."""
    wanted = request.POST.get("to") == "on"
    digest.choose(staff_of(request), wants=wanted, now=timezone.now())
    add_message(
        request,
        _("You get the week’s answers on Mondays.")
        if wanted
        else _("You get no more mail about the week’s answers."),
    )
    return redirect("surveys:survey-list")


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The Results tab."""
    now = timezone.now()
    found = selectors.results(_survey(pk), now=now)
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
        **_tab(request, "results"),
    }
    return render(request, "surveys/survey_results.html", context)


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The Answers tab, narrowed to the chosen scores."""
    found = _survey(pk)
    scores = chosen_scores(request.GET.getlist("score"))
    is_left_out = "left_out" in request.GET
    days = chosen_days(request.GET.get("from", ""), request.GET.get("to", ""))
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    page = selectors.answers_page(
        found,
        scores=scores,
        is_left_out=is_left_out,
        between=selectors.moments_of(*days, zone) if days else None,
        older=request.GET.get("older", ""),
        newer=request.GET.get("newer", ""),
    )
    context = {
        "survey": found,
        "answers": page.rows,
        "scores": scores,
        "days": days,
        "is_left_out": is_left_out,
        "pages": _page_urls(page, scores, days, is_left_out),
        # Marketers and analysts read the answers without the names.
        "may_reply": staff_of(request).can(Capability.REPLY),
        "sees_names": staff_of(request).can(Capability.SEE_NOTES),
        "may_leave_out": staff_of(request).can(Capability.LEAVE_OUT_ANSWERS),
        "reasons": words.LEFT_OUT_REASONS,
        "all_url": reverse("surveys:survey-answers", args=[pk]),
        "now": timezone.now(),
        **_tab(request, "answers"),
    }
    return render(request, "surveys/survey_answers.html", context)


def _page_urls(
    page: Page[Response],
    scores: list[int],
    days: tuple[date, date] | None,
    is_left_out: bool,
) -> dict[str, str]:
    kept = [("score", str(score)) for score in scores]
    if is_left_out:
        kept.append(("left_out", "1"))
    if days:
        kept += [("from", days[0].isoformat()), ("to", days[1].isoformat())]
    return {
        side: f"?{urlencode([*kept, (side, place)])}" if place else ""
        for side, place in (("newer", page.newer), ("older", page.older))
    }


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


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is asked, and when; on and off, hour and wording are the automation's."""
    found = _survey(pk)
    if request.method != "POST":
        return _settings_page(
            request, found, SurveyForm(survey=found, initial=vars(found))
        )
    form = SurveyForm(request.POST, survey=found)
    if not form.is_valid():
        return _settings_page(request, found, form, status=422)
    try:
        settings.edit_survey(
            found,
            version=form.cleaned_data["version"],
            changes=form.changes(),
            now=timezone.now(),
        )
    except StaleVersion as conflict:
        found.refresh_from_db()
        form.add_error(None, _stale(form, found))
        return _settings_page(request, found, form, status=conflict.status)
    messages.success(request, _("Saved"))
    return redirect("surveys:survey-settings", pk=pk)


def _settings_page(
    request: HttpRequest, found: Survey, form: SurveyForm, status: int = 200
) -> HttpResponse:
    context = {"survey": found, "form": form, **_tab(request, "settings")}
    return render(request, "surveys/survey_settings.html", context, status=status)


def _stale(form: SurveyForm, now_saved: Survey) -> str:
    """What stands there now, field by field, beside what was entered."""
    there = ", ".join(
        f"{form.fields[field].label}: {getattr(now_saved, field)}"
        for field in form.changes()
    )
    return _(
        "Somebody else changed this in the meantime. It now says: %(there)s. Your "
        "entries are still below; load the page again to begin from theirs."
    ) % {"there": there}


def _tab(request: HttpRequest, name: str) -> dict[str, Any]:
    may_edit = staff_of(request).can(Capability.EDIT_AUTOMATIONS)
    return {"tab": name, "may_edit": may_edit}


def _survey(pk: int) -> Survey:
    # Postgres refuses what is no bigint; such a survey does not exist either.
    if pk >= 2**63:
        raise Http404
    return get_object_or_404(Survey.objects.select_related("automation"), pk=pk)
