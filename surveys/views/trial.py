"""A survey as a customer sees it, on a phone and in each language. Nothing is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from crm import selectors as crm
from crm.access import Capability, requires
from messaging.public_language import speaking
from surveys import words
from surveys.forms import editor as form
from surveys.forms.questions import read
from surveys.models import Survey
from surveys.public.questions import Asked, page_of
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Questionnaire
from surveys.selectors.editor import editor
from surveys.views.parts import survey_or_404
from web import formats

FRAME = {"frame-ancestors": ["'self'"]}
PAGE, END = "surveys/questions_form.html", "surveys/trial_end.html"


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
@xframe_options_sameorigin
@csp_replace(FRAME)  # type: ignore[arg-type] # typed for views without arguments
def question_preview(
    request: HttpRequest, pk: int, at: str, language: str
) -> HttpResponse:
    """POST with what is typed of one question: how it reads. Nothing is saved."""
    found = survey_or_404(pk)
    shown = editor(found)
    one = shown.questionnaire.question(at)
    if one is None or language not in dict(settings.LANGUAGES):
        raise Http404
    typed, _wrong = form.read(one, request.POST, shown.languages)
    alone = Questionnaire((replace(typed, branches=()),))
    with speaking(language):
        asked = Asked(alone, {}, _facts, shown.house)
        return render(request, PAGE, {**_around(found), **page_of(asked, at=at)})


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_trial(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The draft to be answered as a customer would: it counts nowhere and is kept
    nowhere, what was answered stands in the page alone."""
    found = survey_or_404(pk)
    shown = editor(found)
    if language not in dict(settings.LANGUAGES) or not shown.questionnaire.questions:
        raise Http404
    with speaking(language):
        asked = Asked(shown.questionnaire, {}, _facts, shown.house)
        around = _around(found, language)
        if request.method != "POST":
            return render(request, PAGE, {**around, **page_of(asked, at="")})
        return _turned(request, asked, around)


def _turned(request: HttpRequest, asked: Asked, around: dict[str, Any]) -> HttpResponse:
    whole = asked.questionnaire
    sent = read(whole, request.POST)
    if sent.is_complete:
        turned = q.complete(whole, {}, sent.given, sent.shown)
    else:
        turn = q.backward if sent.is_back else q.onward
        turned = turn(whole, {}, sent.given, sent.at)
    problems = {**dict.fromkeys(turned.missing, "required"), **sent.problems}
    if problems:
        page = page_of(asked, at=sent.at, typed=sent.typed, problems=problems)
        return render(request, PAGE, {**around, **page}, status=422)
    if not turned.at:
        return render(request, END, around)
    answered = replace(asked, answers=turned.answers)
    return render(request, PAGE, {**around, **page_of(answered, at=turned.at)})


def _facts() -> dict[str, str]:
    """Of a customer whom nobody is."""
    day = timezone.now() - timedelta(days=5)
    return {
        "first_name": _("Dana"),
        "shop": crm.business().name,
        "product": words.products(["Ethiopia 1 kg"]),
        "order": "10493",
        "day": formats.full_day(day),
        "score": "",
    }


def _around(found: Survey, language: str = "") -> dict[str, Any]:
    here = (
        reverse("surveys:survey-trial", args=[found.pk, language]) if language else ""
    )
    return {
        "here": here,
        "is_trial": True,
        "shop": crm.business().name,
        "is_confidential": editor(found).questionnaire.confidential,
        "back_url": reverse("surveys:survey-questions", args=[found.pk]),
    }
