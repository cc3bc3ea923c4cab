"""The customer's page behind a survey link. GET shows, POST acts."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm import formats
from crm.access import public
from crm.errors import DomainError, InvalidValue
from crm.services import audit
from messaging.public_forms import link_gone, token_page
from messaging.public_language import speaking, wanted_language
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
    if request.method == "POST" and _is_answered_at_once(request, token):
        return HttpResponseRedirect(_here(request))
    page = _open(request, token)
    if page is None:
        return link_gone(request)
    with speaking(page.language):
        if request.method != "POST":
            return _show(request, page)
        actor = audit.Actor(kind="customer", id=page.customer_id, via="public")
        with audit.acting(actor):
            return _receive(request, page)


def _open(request: HttpRequest, token: str) -> AnswerPage | None:
    wanted = wanted_language(request)
    return selectors.open_page(token, wanted=wanted, now=timezone.now())


def _is_answered_at_once(request: HttpRequest, token: str) -> bool:
    """Nothing wrong with it and nothing before it: most answers need no page."""
    score = chosen_score(request.POST.getlist("score"))
    if score is None or "provisional" in request.POST:
        return False
    try:
        return responses.answer_link(
            token,
            score=score,
            comment=request.POST.get("comment", ""),
            wanted=wanted_language(request),
            now=timezone.now(),
        )
    except InvalidValue:
        # The form says what is wrong with the words.
        return False


def _show(request: HttpRequest, page: AnswerPage) -> HttpResponse:
    asks_to_change = "change" in request.GET or "score" in request.GET
    if page.is_answered and not (asks_to_change and page.is_changeable):
        return render(request, THANKS, _thanks(request, page))
    pressed = chosen_score(request.GET.getlist("score"))
    chosen = page.score if pressed is None else pressed
    return _blank_form(request, page, chosen)


def _receive(request: HttpRequest, page: AnswerPage) -> HttpResponse:
    invitation = Invitation.objects.select_related("survey").get(pk=page.invitation_id)
    if "provisional" in request.POST:
        return _receive_press(request, invitation, page.language)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _refused_form(request, page, form)
    try:
        responses.record_response(
            invitation,
            score=form.cleaned_data["score"],
            comment=form.cleaned_data["comment"],
            language=page.language,
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
    page = _open(request, token)
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
    common = {
        "shop": page.shop,
        "chosen": "" if chosen is None else chosen,
        "one_click": page.takes_presses and "score" in request.GET,
    }

    def render_once() -> str:
        shape = {name: mark(name) if word else "" for name, word in own.items()}
        context = {**_scale(), **common, **shape, "form": AnswerForm()}
        return render_to_string(FORM, context, request)

    # The links to other languages keep the query.
    query = request.META.get("QUERY_STRING", "")
    key = (page.language, query, *common.values(), *map(bool, own.values()))
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
    # Two lines of one order may be the same product.
    products = list(dict.fromkeys(page.products))
    return {
        "day": formats.day(page.ordered_on),
        "product": words.products(products) if products else "",
        "reader": page.reader,
        "comment": comment,
        "reason": _reason(page),
        "here": _here(request),
        "stop_url": _stop_url(page),
    }


def _thanks(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    return {
        "page": page,
        "shop": page.shop,
        "reason": _reason(page),
        "change_url": _changing(request),
        "stop_url": _stop_url(page),
    }


def _reason(page: AnswerPage) -> str:
    return words.reason(page.trigger, page.every_days, page.order)


def _stop_url(page: AnswerPage) -> str:
    return f"/u/{links.stop_token(page.customer_id, Category.SURVEY)}/"


def _here(request: HttpRequest) -> str:
    """This page in the same language, without the score pressed in the mail."""
    wanted = wanted_language(request)
    return f"{request.path}?lang={wanted}" if wanted else request.path


def _changing(request: HttpRequest) -> str:
    here = _here(request)
    return f"{here}{'&' if '?' in here else '?'}change=1"
