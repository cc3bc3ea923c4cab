"""The customer's page behind a survey link. GET shows, POST acts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm.access import public
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
from web import formats
from web.errors import DomainError, InvalidValue

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
        with audit.acting(audit.customer(page.customer_id)):
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
        context = {
            **_scale(),
            **common,
            **_sentences(page, shape),
            "form": AnswerForm(),
        }
        return render_to_string(FORM, context, request)

    key = (
        page.language,
        # The links to other languages keep the query.
        request.META.get("QUERY_STRING", ""),
        *common.values(),
        *_kind(page),
        *map(bool, own.values()),
    )
    return HttpResponse(BLANK_FORMS.get(key, render_once).filled(own))


def _refused_form(
    request: HttpRequest, page: AnswerPage, form: AnswerForm
) -> HttpResponse:
    chosen = chosen_score(request.POST.getlist("score"))
    own = _own_words(request, page, form["comment"].value() or "")
    context = {
        **_scale(),
        **_sentences(page, own),
        "shop": page.shop,
        "chosen": "" if chosen is None else chosen,
        "form": form,
    }
    return render(request, FORM, context, status=422)


def _scale() -> dict[str, Any]:
    return {"question": words.question(), "low": LOW, "high": HIGH}


def _own_words(request: HttpRequest, page: AnswerPage, comment: str) -> dict[str, str]:
    """What differs from customer to customer."""
    about = words.order(page.order)
    return {
        "day": formats.day(page.ordered_on),
        "product": next(iter(page.products), ""),
        "order_number": about.number if about else "",
        "order_day": about.day if about else "",
        "reader": page.reader,
        "comment": comment,
        "here": _here(request),
        "stop_url": _stop_url(page),
    }


def _kind(page: AnswerPage) -> tuple[object, ...]:
    """All that the sentences depend on beside the customer's own words."""
    products = len(page.product_names)
    return page.trigger, page.every_days, products, page.delivered_on is None


def _sentences(page: AnswerPage, own: Mapping[str, str]) -> dict[str, str]:
    """For the template: their own words, some of them within a sentence of ours."""
    about = None
    if page.order:
        has_arrived = page.delivered_on is not None
        about = words.OrderWords(own["order_number"], own["order_day"], has_arrived)
    return {
        **own,
        "product": words.products([own["product"], *page.product_names[1:]]),
        "reason": words.reason(page.trigger, page.every_days, about),
    }


def _thanks(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    return {
        "page": page,
        "shop": page.shop,
        "reason": words.reason(page.trigger, page.every_days, words.order(page.order)),
        "change_url": _changing(request),
        "stop_url": _stop_url(page),
    }


def _stop_url(page: AnswerPage) -> str:
    return f"/u/{links.stop_token(page.customer_id, Category.SURVEY)}/"


def _here(request: HttpRequest) -> str:
    """This page in the same language, without the score pressed in the mail."""
    wanted = wanted_language(request)
    return f"{request.path}?lang={wanted}" if wanted else request.path


def _changing(request: HttpRequest) -> str:
    here = _here(request)
    return f"{here}{'&' if '?' in here else '?'}change=1"
