"""The customer's page behind a survey link. GET shows, POST acts.

The one question of most surveys has a page of its own, as small and fast as it can be;
whatever else is asked goes through visits.py.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm.access import public
from crm.services import audit
from messaging.public_forms import link_gone, token_page
from messaging.public_language import speaking, wanted_language
from messaging.rules.choices import Category
from messaging.services import links
from surveys import rules, selectors, words
from surveys.errors import AlreadyFinal, NotOffered
from surveys.forms import AnswerForm, chosen_score
from surveys.public import pressing, visits
from surveys.public.pressing import press_of
from surveys.public.questions import Asked
from surveys.public.visits import Visit
from surveys.rules import questionnaire as q
from surveys.selectors import AnswerPage
from surveys.services import invitations, responses, wishes
from surveys.services.targets import ByInvitation
from web import formats
from web.errors import DomainError

LOW, HIGH = _("0 = not at all"), _("10 = certainly")
FORM, THANKS = "surveys/answer_form.html", "surveys/answer_thanks.html"
GOODBYE = "surveys/answer_declined.html"
DECLINE = "surveys/answer_decline.html"


OTHER_POSTS = pressing.REPORTS | {"refer", "decline"}


@dataclass
class Sent:
    """The one usual question as it was answered. `refusal`: why the service refused
    it."""

    form: AnswerForm
    refusal: DomainError | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Sent | None":
        """None where something else was sent, or nothing."""
        is_answer = request.method == "POST" and OTHER_POSTS.isdisjoint(request.POST)
        return cls(AnswerForm(request.POST)) if is_answer else None

    def record(self, token: str, *, wanted: str) -> bool:
        """Whether it is kept. No page is opened before: the service looks at the link,
        under the lock under which it writes."""
        if not self.form.is_valid():
            return False
        try:
            responses.record_by_token(
                token, **self.form.cleaned_data, wanted=wanted, now=timezone.now()
            )
        except DomainError as refusal:
            self.refusal = refusal
        return self.refusal is None


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The question, or what was answered; any other link gets one and the same page."""
    sent = Sent.of(request)
    if sent and sent.record(token, wanted=wanted_language(request)):
        return HttpResponseRedirect(_here(request))
    page = _open(request, token)
    if page is None:
        return link_gone(request)
    with speaking(page.language), audit.acting(audit.customer(page.customer_id)):
        return _answered(request, page, sent)


def _answered(
    request: HttpRequest, page: AnswerPage, sent: "Sent | None"
) -> HttpResponse:
    if not pressing.REPORTS.isdisjoint(request.POST):
        return pressing.receive(request, page)
    if request.method == "POST" and "refer" in request.POST:
        return _refer(request, page)
    if request.method == "POST" and "decline" in request.POST:
        invitations.decline(page.invitation_id, now=timezone.now())
        return HttpResponseRedirect(_here(request))
    if request.method != "POST" and _says_goodbye(request, page):
        return render(request, GOODBYE, _goodbye(request, page))
    if page.may_decline and request.method != "POST" and "decline" in request.GET:
        return render(request, DECLINE, _declining(request, page))
    if page.questionnaire != q.NPS:
        visit = _visit(request, page)
        act = visits.receive if request.method == "POST" else visits.show
        return act(request, visit)
    return _refuse(request, page, sent) if sent else _show(request, page)


def _says_goodbye(request: HttpRequest, page: AnswerPage) -> bool:
    """They declined, and do not come back to answer after all."""
    comes_back = {"change", "score", "answer", "at"}
    return page.rests_until is not None and comes_back.isdisjoint(request.GET)


def _goodbye(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    return {
        "rests_until": page.rests_until,
        "change_url": _changing(request),
        **_around(page),
    }


def _declining(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    """They pressed in the mail that they would rather not, which is asked first."""
    return {
        "here": _here(request),
        "rests_until": page.would_rest_until,
        **_around(page),
    }


def _visit(request: HttpRequest, page: AnswerPage) -> Visit:
    found = selectors.known_of(page)
    know = partial(selectors.facts_of, page)
    return Visit(
        asked=Asked(page.questionnaire, found.answers, know, page.shop_language),
        target=ByInvitation(page.invitation_id),
        response=found.response,
        language=page.language,
        path=request.path,
        query=visits.language_query(request),
        one_click=page.takes_presses,
        is_personal=True,
        surround=partial(_around, page),
    )


def _around(page: AnswerPage) -> dict[str, Any]:
    """What each page of a personal link shows, whatever is asked."""
    day, names = page.about.ordered_on, page.about.product_names
    return {
        "shop": page.shop,
        "day": formats.day(day) if day else "",
        "product": words.products(names) if names else "",
        "reason": _reason(page),
        "stop_url": _stop_url(page),
        "may_decline": page.may_decline,
        "customer_id": page.customer_id,
    }


def _open(request: HttpRequest, token: str) -> AnswerPage | None:
    return selectors.open_page(
        token,
        wanted=wanted_language(request),
        now=timezone.now(),
        # What is sent leads to a page only where it is refused.
        whole=request.method != "POST",
    )


def _show(request: HttpRequest, page: AnswerPage) -> HttpResponse:
    asks_to_change = "change" in request.GET or "score" in request.GET
    if page.is_answered and not (asks_to_change and page.is_changeable):
        return render(request, THANKS, _thanks(request, page))
    pressed = chosen_score(request.GET.getlist("score"))
    chosen = page.score if pressed is None else pressed
    context = {
        "chosen": "" if chosen is None else chosen,
        "comment": page.known_comment,
        "press": press_of(request, page.questionnaire, keeps=page.takes_presses),
    }
    return render(request, FORM, {**_asked(request, page), **context})


def _refuse(request: HttpRequest, page: AnswerPage, sent: "Sent") -> HttpResponse:
    """The page was read after the refusal: what was answered meanwhile stays."""
    if isinstance(sent.refusal, AlreadyFinal):
        context = {**_thanks(request, page), "came_too_late": True}
        return render(request, THANKS, context, status=sent.refusal.status)
    if sent.refusal:
        return link_gone(request)
    return _refused_form(request, page, sent.form)


def _refer(request: HttpRequest, page: AnswerPage) -> HttpResponse:
    """They would like to recommend us, or not any more: `refer` says which."""
    if page.response_id is None:
        return link_gone(request)
    act = wishes.wish if request.POST["refer"] == "1" else wishes.withdraw
    # Where staff chose something else meanwhile, the page shows what is offered now.
    with suppress(NotOffered):
        act(page.response_id, now=timezone.now())
    return HttpResponseRedirect(_here(request))


def _refused_form(
    request: HttpRequest, page: AnswerPage, form: AnswerForm
) -> HttpResponse:
    chosen = chosen_score(request.POST.getlist("score"))
    context = {
        "chosen": "" if chosen is None else chosen,
        "comment": form["comment"].value() or "",
        "form": form,
    }
    return render(request, FORM, {**_asked(request, page), **context}, status=422)


def _asked(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    """What the form shows, whatever was sent or pressed."""
    return {
        "question": words.question(),
        "low": LOW,
        "high": HIGH,
        "owner_name": page.about.owner,
        "here": _here(request),
        **_around(page),
    }


def _thanks(request: HttpRequest, page: AnswerPage) -> dict[str, Any]:
    is_low = page.score is not None and rules.is_low(page.score)
    return {
        "shop": page.shop,
        "said": page.score,
        "comment": page.comment,
        "answered_in": page.answered_in,
        "promise": selectors.promise(page.response_id) if is_low else None,
        "offered": selectors.offered(
            page.survey_id,
            q.Scale.NPS.value,
            page.score if page.is_answered else None,
            response_id=page.response_id,
            language=page.language,
            shop_language=page.shop_language,
        ),
        "is_changeable": page.is_changeable,
        "reason": _reason(page),
        "change_url": _changing(request),
        "stop_url": _stop_url(page),
        "customer_id": page.customer_id,
    }


def _reason(page: AnswerPage) -> str:
    about = page.about
    order = words.order(about.number, about.ordered_on, about.delivered_on)
    return words.reason(about.every_days, order)


def _stop_url(page: AnswerPage) -> str:
    return f"/u/{links.stop_token(page.customer_id, Category.SURVEY)}/"


def _here(request: HttpRequest) -> str:
    """This page in the same language, without the score pressed in the mail."""
    wanted = wanted_language(request)
    return f"{request.path}?lang={wanted}" if wanted else request.path


def _changing(request: HttpRequest) -> str:
    here = _here(request)
    return f"{here}{'&' if '?' in here else '?'}change=1"
