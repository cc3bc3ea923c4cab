"""The member's page: what a person has, how they came by it, and what they may take.

GET shows, POST acts and leads back to it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm import qr
from crm import selectors as crm
from crm.access import public
from crm.models import Business, Customer
from crm.services import audit
from loyalty import member_lines, member_page, reward_words
from loyalty.models import Grant, Membership, Programme, ProgrammeReward
from loyalty.services import member_links
from loyalty.services.grants import new_key
from loyalty.services.programmes import joining, spending
from messaging.errors import LinkGone
from messaging.public_forms import link_gone, token_page
from messaging.public_language import page_language, speaking
from messaging.services import links
from web.errors import DomainError
from web.paging import read_id
from web.rules.numbers import whole_number


@dataclass(frozen=True)
class Opened:
    """Whose page it is, and in which language it is."""

    customer: Customer
    language: str
    shop: Business
    now: datetime


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own page of all programmes: GET shows it, and with `?lines=` of one of
    them all that happened, page by page; POST joins, leaves or takes a reward."""
    try:
        person = member_links.customer_of(token)
    except LinkGone:
        return link_gone(request)
    shop = crm.business()
    opened = Opened(person, page_language(request, person, shop), shop, timezone.now())
    with speaking(opened.language), audit.acting(audit.customer(person.pk)):
        if request.method != "POST":
            return _lines(request, opened) or _show(request, opened)
        try:
            _act(request, opened)
        except DomainError:
            return _show(request, opened, is_refused=True)
        return HttpResponseRedirect(f"{request.path}?lang={opened.language}")


def _act(request: HttpRequest, opened: Opened) -> None:
    """Only what our own buttons send; anything else changes nothing."""
    action, posted = request.POST.get("action", ""), request.POST
    about = whole_number(posted.get("about", "")) or 0
    person, now = opened.customer, opened.now
    theirs = Membership.objects.filter(customer=person)
    if action == "join":
        programme = Programme.objects.filter(pk=about).first()
        if programme is not None:
            joining.join(programme, person, now=now)
    elif action == "leave":
        row = theirs.filter(programme=about).first()
        if row is not None:
            joining.leave(row, now=now)
    elif action == "take":
        offer = ProgrammeReward.objects.filter(
            pk=about, reward__archived_at=None
        ).first()
        if offer is None:
            return
        taker = theirs.filter(programme=offer.programme_id).first()
        if taker is not None:
            key = f"page:{posted.get('once', '')[:60] or new_key()}"
            spending.take_reward(taker, offer, key=key, now=now)


def _lines(request: HttpRequest, opened: Opened) -> HttpResponse | None:
    wanted = whole_number(request.GET.get("lines", ""))
    if wanted is None:
        return None
    found = member_lines.older(
        opened.customer,
        wanted,
        before=read_id(request.GET.get("before", "")),
        language=opened.language,
    )
    if found is None:
        return None
    shown = {
        **_common(opened),
        "programme": found.programme,
        "name": found.programme.called(opened.language),
        "lines": found.lines,
        "older": found.older,
        "newer": found.newer,
        "is_first": "before" not in request.GET,
    }
    return render(request, "loyalty/member_lines.html", shown)


def _common(opened: Opened) -> dict[str, Any]:
    """What every page of a member has."""
    person = opened.customer
    preferences = links.preference_token(person.pk)
    return {
        "language": opened.language,
        "page_language": opened.language,
        "shop": opened.shop.name,
        "preferences_url": f"/p/{preferences}/?lang={opened.language}",
        "customer_id": person.pk,
    }


def _show(
    request: HttpRequest, opened: Opened, *, is_refused: bool = False
) -> HttpResponse:
    person = opened.customer
    own = member_links.token_of(person.pk)
    till_code = member_links.till_code(person.pk)
    context: dict[str, Any] = {
        **_common(opened),
        "parts": member_page.parts(
            person,
            language=opened.language,
            today=opened.shop.day(opened.now),
            with_fresh=True,
        ),
        "codes": [
            (
                *_said(grant, opened.language),
                grant.code.text,
                qr.square(grant.code.text) if nth < member_page.MOST_SQUARES else None,
                member_page.bars(grant.code.text),
            )
            for nth, grant in enumerate(member_page.open_codes(person))
        ],
        "square": qr.square(own),
        "bars": member_page.bars(till_code),
        "till_code": till_code,
        "once": new_key(),
        "is_refused": is_refused,
    }
    status = 409 if is_refused else 200
    return render(request, "loyalty/member.html", context, status=status)


def _said(grant: Grant, language: str) -> tuple[str, str]:
    """What it is called, and its conditions."""
    words = grant.reward.wording.get(language)
    return (
        reward_words.called(grant.reward, words),
        reward_words.conditions(grant.reward, words),
    )
