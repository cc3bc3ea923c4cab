"""The customer's page behind a survey link. GET shows, POST acts."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm import formats
from crm.access import public
from crm.errors import DomainError
from crm.services import audit
from messaging.public_forms import link_gone, token_page
from messaging.public_language import page_language, speaking
from messaging.rules.choices import Category
from messaging.services import links
from surveys import selectors, words
from surveys.errors import AlreadyFinal
from surveys.forms import AnswerForm, chosen_score
from surveys.models import Invitation
from surveys.selectors import AnswerPage
from surveys.services import responses
from surveys.stencils import Stencils, mark

LOW, HIGH = _("0 = not at all"), _("10 = certainly")
FORM, THANKS = "surveys/answer_form.html", "surveys/answer_thanks.html"
BLANK_FORMS = Stencils(most=500)


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The question, or what was answered; any other link gets one and the same page."""
    page = selectors.open_page(token, now=timezone.now())
    if page is None:
        return link_gone(request)
    customer = page.invitation.customer
    language = page_language(request, customer, house=page.house_language)
    with speaking(language):
        if request.method != "POST":
            return _show(request, page)
        with audit.acting(audit.Actor(kind="customer", id=customer.pk, via="public")):
            return _receive(request, page, language)


def _show(request: HttpRequest, page: AnswerPage) -> HttpResponse:
    asks_to_change = "change" in request.GET or "score" in request.GET
    if page.is_answered and not (asks_to_change and page.is_changeable):
        return render(request, THANKS, _thanks(request, page))
    pressed = chosen_score(request.GET.getlist("score"))
    chosen = page.known_score if pressed is None else pressed
    return _blank_form(request, page, chosen)


def _receive(request: HttpRequest, page: AnswerPage, language: str) -> HttpResponse:
    if "provisional" in request.POST:
        return _receive_press(request, page.invitation, language)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _refused_form(request, page, form)
    try:
        responses.record_response(
            page.invitation,
            score=form.cleaned_data["score"],
            comment=form.cleaned_data["comment"],
            language=language,
            now=timezone.now(),
        )
    except AlreadyFinal as refusal:
        return _too_late(request, refusal)
    except DomainError:
        return link_gone(request)
    return HttpResponseRedirect(_here(request))


def _too_late(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Read again: what was answered meanwhile is what stays."""
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    page = selectors.open_page(token, now=timezone.now())
    if page is None:
        return link_gone(request)
    context = {**_thanks(request, page), "came_too_late": True}
    return render(request, THANKS, context, status=refusal.status)


def _receive_press(
    request: HttpRequest, invitation: Invitation, language: str
) -> HttpResponse:
    """The page was open for a moment with a score from the mail (one-click.js)."""
    score = chosen_score(request.POST.getlist("score"))
    if score is None:
        return HttpResponse(status=422)
    try:
        responses.record_provisional(
            invitation, score=score, language=language, now=timezone.now()
        )
    except DomainError as refusal:
        return HttpResponse(status=refusal.status)
    return HttpResponse(status=204)


def _blank_form(
    request: HttpRequest, page: AnswerPage, chosen: int | None
) -> HttpResponse:
    """Nothing is wrong with it, so all but a few words is the same for everybody."""
    own = _own_words(request, page, page.known_comment)
    shape = {name: mark(name) if word else "" for name, word in own.items()}
    common = {
        "shop": page.shop,
        "chosen": "" if chosen is None else chosen,
        "one_click": page.takes_presses and "score" in request.GET,
    }

    def render_once() -> str:
        context = {**_scale(), **common, **shape, "form": AnswerForm()}
        return render_to_string(FORM, context, request)

    # The links to other languages keep the query.
    query = request.META.get("QUERY_STRING", "")
    key = (get_language(), query, *common.values(), *shape.values())
    return HttpResponse(BLANK_FORMS.get(key, render_once).filled(own))


def _refused_form(
    request: HttpRequest, page: AnswerPage, form: AnswerForm
) -> HttpResponse:
    chosen = chosen_score(request.POST.getlist("score"))
    context = {
        **_scale(),
        **_own_words(request, page, form["comment"].value() or ""),
        "shop": page.shop,
        "chosen": "" if chosen is None else chosen,
        "form": form,
    }
    return render(request, FORM, context, status=422)


def _scale() -> dict[str, Any]:
    return {"question": words.question(), "low": LOW, "high": HIGH}


def _own_words(request: HttpRequest, page: AnswerPage, comment: str) -> dict[str, str]:
    """What differs from customer to customer."""
    order = page.invitation.order
    return {
        "day": formats.day(order.ordered_on) if order else "",
        "product": words.products(page.products) if page.products else "",
        "reader": page.reader,
        "comment": comment,
        "reason": words.reason(page.invitation),
        "here": _here(request),
        "stop_url": _stop_url(page),
    }


def _thanks(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    return {
        "page": page,
        "shop": page.shop,
        "reason": words.reason(page.invitation),
        "change_url": _changing(request),
        "stop_url": _stop_url(page),
    }


def _stop_url(page: AnswerPage) -> str:
    token = links.stop_token(page.invitation.customer_id, Category.SURVEY)
    return reverse("messaging:stop", args=[token])


def _here(request: HttpRequest) -> str:
    """This page in the same language, without the score pressed in the mail."""
    language = request.GET.get("lang", "")
    known = language in dict(settings.LANGUAGES)
    return f"{request.path}?lang={language}" if known else request.path


def _changing(request: HttpRequest) -> str:
    here = _here(request)
    return f"{here}{'&' if '?' in here else '?'}change=1"
