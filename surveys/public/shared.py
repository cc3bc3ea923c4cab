"""The page behind a share link: everybody who has it may answer, without a name.

No cookie: the address carries a signed ticket, which says when the page was shown and
makes all that is sent from it one answer. By the same address somebody goes on later or
changes their answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)
from django.views.decorators.http import require_http_methods

from crm import selectors as crm
from crm.access import public
from crm.services import audit
from crm.visitor import client_address
from messaging.public_forms import link_gone, token_page
from messaging.public_language import best_language, speaking, wanted_language
from surveys import question_words, selectors
from surveys.errors import PageTooOld, TooQuick
from surveys.forms.questions import read
from surveys.models import ShareLink
from surveys.public import visits
from surveys.public.questions import Asked
from surveys.public.visits import Visit
from surveys.services import answer_rows, share_links
from surveys.services.targets import ByLink
from surveys.services.versions import questionnaire_of
from web.errors import TooManyAttempts

HONEYPOT = "website"


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, token: str, ticket: str = "") -> HttpResponse:
    """GET shows the questions to anybody; POST keeps what one of them answers."""
    link = selectors.open_link(token)
    if link is None:
        return link_gone(request)
    with speaking(_language(request, link)), audit.acting(audit.VISITOR):
        return _framed(link, _answered(request, link, ticket))


def _answered(request: HttpRequest, link: ShareLink, ticket: str) -> HttpResponse:
    now = timezone.now()
    respondent = share_links.respondent_of(ticket, link.pk) if ticket else None
    if respondent is None:
        # A new page, or a ticket that is not valid: whatever was sent with that stays
        # there.
        ticket = share_links.new_ticket(link.pk, now)
        respondent = share_links.respondent_of(ticket, link.pk)
    assert respondent is not None
    visit = _visit(request, link, ticket, respondent)
    if visit.response is None and not selectors.takes_answers(link, now):
        return render(request, "surveys/link_closed.html", visit.around, status=410)
    if request.method != "POST":
        return visits.show(request, visit)
    return _receive(request, link, visit, ticket)


def _receive(
    request: HttpRequest, link: ShareLink, visit: Visit, ticket: str
) -> HttpResponse:
    code = _turned_away(request, visit, ticket)
    if not code:
        return visits.receive(request, visit)
    if code == PageTooOld.code:
        # From here on it is as if the page had just been opened.
        fresh = share_links.new_ticket(link.pk, timezone.now())
        visit = replace(visit, path=_path(link, fresh))
    # What was typed stays on the page.
    sent = read(visit.questionnaire, request.POST)
    problems = {"": question_words.refused(code)}
    return visits.refuse(request, visit, sent, problems, status=429)


def _turned_away(request: HttpRequest, visit: Visit, ticket: str) -> str:
    """The code of why this is not kept yet; "" where it may be."""
    if request.POST.get(HONEYPOT):
        return "hidden_field"
    if visit.response is not None:
        return ""
    address = client_address(request)
    try:
        share_links.admit(ticket, address=address, now=timezone.now())
    except (TooQuick, PageTooOld, TooManyAttempts) as refusal:
        return refusal.code
    return ""


def _path(link: ShareLink, ticket: str) -> str:
    return reverse("surveys:share-answer", args=[link.token, ticket])


def _visit(
    request: HttpRequest, link: ShareLink, ticket: str, respondent: UUID
) -> Visit:
    response = selectors.answer_of(link, respondent)
    version_id = response.survey_version_id if response else link.survey.live_version_id
    assert version_id is not None
    questionnaire = questionnaire_of(version_id)
    shop = crm.business()
    score = response.score if response else None
    declared = selectors.declared_in(link, request.GET)
    asked = Asked(
        questionnaire,
        answer_rows.read(response, questionnaire) if response else {},
        lambda: {"shop": shop.name, "score": "" if score is None else str(score)},
        shop.language,
    )
    return Visit(
        asked=asked,
        target=ByLink(link.pk, respondent, declared),
        response=response,
        language=_language(request, link),
        path=_path(link, ticket),
        query=_query(request, declared),
        surround=partial(_around, request, link, declared),
    )


def _query(request: HttpRequest, declared: Mapping[str, str]) -> str:
    wanted = wanted_language(request)
    return urlencode({**({"lang": wanted} if wanted else {}), **declared})


def _around(
    request: HttpRequest, link: ShareLink, declared: Mapping[str, str]
) -> dict[str, Any]:
    again = reverse("surveys:share", args=[link.token])
    query = _query(request, declared)
    return {
        "shop": crm.business().name,
        "is_anonymous": True,
        "again_url": f"{again}?{query}" if query else again,
        "honeypot": HONEYPOT,
    }


def _language(request: HttpRequest, link: ShareLink) -> str:
    """What was asked for, else the link's, the browser's or the shop's."""
    wanted = wanted_language(request) or link.language
    return wanted or best_language(*_of_browser(request), crm.business().language)


def _of_browser(request: HttpRequest) -> list[str]:
    """The languages that a browser asks for, in its order, as ours are called."""
    header = request.headers.get("Accept-Language", "").lower()
    found = [_ours(code) for code, _weight in parse_accept_lang_header(header)]
    return [code for code in found if code]


def _ours(code: str) -> str:
    """Empty: we have none that is near it. Some devices call Hebrew as it was called
    long ago."""
    try:
        return get_supported_language_variant("he" if code == "iw" else code)
    except LookupError:
        return ""


def _framed(link: ShareLink, response: HttpResponse) -> HttpResponse:
    """Inside another page only where the link names its site."""
    if link.embed_origins:
        response.xframe_options_exempt = True
        framed = {"frame-ancestors": list(link.embed_origins)}
        response._csp_replace = framed  # type: ignore[attr-defined]
    return response
