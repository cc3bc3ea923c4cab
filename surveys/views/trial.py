"""A survey as a customer sees it, on a phone and in each language. Nothing is kept."""

from dataclasses import replace
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from crm import selectors as crm
from crm.access import Capability, requires
from crm.staff import staff_of
from messaging.public_language import speaking
from surveys import mail_samples
from surveys.forms import editor as form
from surveys.forms.questions import read
from surveys.models import Survey
from surveys.public import visits
from surveys.public.questions import Asked, page_of
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Questionnaire
from surveys.selectors.editor import editor
from surveys.services import trial_mails
from surveys.views.parts import survey_or_404
from web.errors import DomainError
from web.responses import add_message, add_refusal, see_other

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
        asked = Asked(alone, {}, _facts, shown.shop_language)
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
        asked = Asked(shown.questionnaire, {}, _facts, shown.shop_language)
        around = _around(found, language)
        if request.method != "POST":
            page = page_of(visits.with_press(asked, request), at="")
            return render(request, PAGE, {**around, **page})
        return _turned(request, asked, around)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def survey_test_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: its mail in each language to whoever presses, with buttons that lead to the
    trial."""
    found, staff = survey_or_404(pk), staff_of(request)
    shown = editor(found)
    if not shown.questionnaire.questions:
        raise Http404
    try:
        sent = trial_mails.send(
            found, to=staff, languages=shown.languages, now=timezone.now()
        )
    except DomainError as error:
        add_refusal(request, error)
    else:
        said = ngettext(
            "A test is on its way to %(address)s.",
            "%(n)s tests are on their way to %(address)s.",
            len(sent),
        )
        add_message(request, said % {"n": len(sent), "address": staff.email})
    return see_other(reverse("surveys:survey-questions", args=[pk]))


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
    return mail_samples.facts(timezone.now())


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
