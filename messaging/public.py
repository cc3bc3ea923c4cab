"""Stopping and choosing, from a link in a mail. GET shows, POST acts.

Both links are signed, have no end and need no session. The stop link has two readers:
people, who get a page with buttons, and mail programs, which POST to the same address
(RFC 8058) and get 200, never a redirect. Only the form of our own page names its act.
Whatever else is posted there is a mail program's stop: what they really send differs
in case, line ends and type, and some send nothing at all.
"""

import secrets
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm import selectors as crm
from crm.access import public, takes_any_post
from crm.errors import CustomerGone
from crm.models import Customer
from crm.services import audit
from crm.visitor import client_address
from messaging.errors import ChoicesChanged, LinkGone
from messaging.public_choices import ALL_STOPPED, WORDS, PreferencesForm
from messaging.public_forms import link_gone, token_page
from messaging.public_language import page_language, speaking
from messaging.rules.addresses import truncated_ip
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.selectors import addressees
from messaging.selectors.addressees import PreferencePage
from messaging.services import consent, consent_undo, links, preferences

_METHODS = ["GET", "HEAD", "POST"]


@public
@takes_any_post
@csrf_exempt
@require_http_methods(_METHODS)
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the stop link. A POST that is not from its form is one click (RFC
    8058)."""
    if request.method == "POST" and not _is_own_form(request):
        return _one_click(request, token)
    return _stop_form(request, token)


def _is_own_form(request: HttpRequest) -> bool:
    try:
        return "act" in request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError):
        # No form at all, or none that we would read.
        return False


def _one_click(request: HttpRequest, token: str) -> HttpResponse:
    """Twice is once. One answer for every token: a guess reveals nothing, and no mail
    program is redirected. It is true for an erased customer too: nothing is sent."""
    with suppress(LinkGone):
        customer_id, category = links.read_stop_token(token)
        customer = addressees.addressee(customer_id)
        with audit.acting(_actor(customer)):
            consent.withdraw(
                customer,
                categories=[category],
                how="one_click",
                ip=_ip(request),
                now=timezone.now(),
            )
    response = HttpResponse("OK\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


@token_page
def _stop_form(request: HttpRequest, token: str) -> HttpResponse:
    try:
        customer_id, category = links.read_stop_token(token)
        customer = addressees.addressee(customer_id)
    except LinkGone:
        return link_gone(request)
    if not customer.is_live:
        return link_gone(request)
    with speaking(page_language(request, customer)), audit.acting(_actor(customer)):
        if request.method == "POST":
            return _act(request, customer, category, token)
        return _show_stop(request, customer, category, token)


def _act(
    request: HttpRequest, customer: Customer, category: Category, token: str
) -> HttpResponse:
    now, ip = timezone.now(), _ip(request)
    act = request.POST.get("act", "")
    key = addressees.act_key(token, act)
    choice = request.POST.get("choice", "")
    if choice == "undo" and key:
        consent_undo.undo(customer, act=key, ip=ip, now=now)
        return _back(request, undone="1")
    if choice not in {"stop", "everything"}:
        return _back(request)
    consent.withdraw(
        customer,
        categories=STOPPABLE if choice == "everything" else [category],
        how="stop_page",
        act=key,
        ip=ip,
        now=now,
    )
    return _back(request, act=act)


def _show_stop(
    request: HttpRequest, customer: Customer, category: Category, token: str
) -> HttpResponse:
    page = addressees.stop_page(
        customer, category, token=token, act=request.GET.get("act", "")
    )
    # No mail that always comes has a stop link; such a token can stop everything.
    words = WORDS.get(category)
    stopped = words.stopped if words and not page.is_all_stopped else ALL_STOPPED
    address = {"address": page.address}
    context = {
        "page": page,
        "question": words.question % address if words else "",
        "button": words.button if words else "",
        "stopped": stopped % address,
        "undone": "undone" in request.GET,
        # Names this visit's act, so that a double press is one and can be undone.
        "act": secrets.token_urlsafe(12),
        "preferences_url": f"/p/{links.preference_token(customer.pk)}/",
        "customer_id": customer.pk,
        **_base(request),
    }
    return render(request, "messaging/stop.html", context)


@public
@token_page
@require_http_methods(_METHODS)
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """What a customer wants mail about. GET: the form. POST: save it."""
    try:
        customer = addressees.addressee(links.read_preference_token(token))
    except LinkGone:
        return link_gone(request)
    if not customer.is_live:
        return link_gone(request)
    with speaking(page_language(request, customer)), audit.acting(_actor(customer)):
        if request.method == "POST":
            return _save(request, customer)
        return _show_choices(request, customer, None)


def _save(request: HttpRequest, customer: Customer) -> HttpResponse:
    form = PreferencesForm(request.POST, with_birthday=addressees.uses_birthday())
    form.has_birthday = customer.birth_month is not None
    if not form.is_valid():
        return _show_choices(request, customer, form, status=422)
    try:
        preferences.save_preferences(
            customer,
            wanted=form.wanted,
            language=form.cleaned_data["language"],
            paused=form.cleaned_data["pause"],
            drawn=form.drawn_boxes,
            birthday=form.told_birthday,
            ip=_ip(request),
            now=timezone.now(),
        )
    except CustomerGone:
        return link_gone(request)
    except ChoicesChanged as error:
        return _show_changed(request, customer, form, error)
    # In the language just chosen.
    return HttpResponseRedirect(f"{request.path}?saved=1")


def _show_changed(
    request: HttpRequest,
    customer: Customer,
    form: PreferencesForm,
    error: ChoicesChanged,
) -> HttpResponse:
    """As it stands now, with what this person changed themselves."""
    page = addressees.preference_page(customer, now=timezone.now())
    typed = {
        name: form.cleaned_data[name]
        for name in form.fields
        if name not in {"drawn", *error.fields}
    }
    fresh = PreferencesForm(
        initial={**_initial(request, customer, page), **typed},
        with_birthday=page.uses_birthday,
    )
    return _show_choices(request, customer, fresh, status=error.status, changed=True)


def _show_choices(
    request: HttpRequest,
    customer: Customer,
    form: PreferencesForm | None,
    status: int = 200,
    *,
    changed: bool = False,
) -> HttpResponse:
    page = addressees.preference_page(customer, now=timezone.now())
    context = {
        "page": page,
        "form": form
        or PreferencesForm(
            initial=_initial(request, customer, page), with_birthday=page.uses_birthday
        ),
        "has_birthday": customer.birth_month is not None,
        "saved": "saved" in request.GET,
        "changed": changed,
        "customer_id": customer.pk,
        **_base(request),
    }
    return render(request, "messaging/preferences.html", context, status=status)


def _initial(
    request: HttpRequest, customer: Customer, page: PreferencePage
) -> dict[str, Any]:
    boxes = {
        category.value: page.allowed[category]
        for category in WORDS
        if category is not Category.BIRTHDAY or page.uses_birthday
    }
    boxes[preferences.PAUSE] = page.paused_until is not None
    return {
        **boxes,
        "language": page_language(request, customer),
        "drawn": " ".join(sorted(name for name, ticked in boxes.items() if ticked)),
    }


def _base(request: HttpRequest) -> dict[str, Any]:
    return {"shop": crm.business().name, "here": _here(request)}


def _here(request: HttpRequest, **more: str) -> str:
    language = request.GET.get("lang", "")
    query = {"lang": language} if language in dict(settings.LANGUAGES) else {}
    asked = urlencode({**query, **more})
    return f"{request.path}?{asked}" if asked else request.path


def _back(request: HttpRequest, **more: str) -> HttpResponse:
    return HttpResponseRedirect(_here(request, **more))


def _actor(customer: Customer) -> audit.Actor:
    return audit.customer(customer.pk)


def _ip(request: HttpRequest) -> str:
    return truncated_ip(client_address(request))
