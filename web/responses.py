"""How staff pages answer: where to go back to, and what a refusal looks like."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from web.error_messages import for_error
from web.errors import DomainError, SignInIsBusy, TooManyAttempts
from web.notices import UNDO

UNPROCESSABLE = 422
CONFLICT = 409


class HtmxRequest(HttpRequest):
    """What django-htmx's middleware makes of every request."""

    htmx: HtmxDetails


@dataclass(frozen=True)
class Difference:
    """One field as it is saved now, and as this person typed it."""

    label: Any
    theirs: Any
    yours: Any


def see_other(url: str) -> HttpResponse:
    """After a POST: a GET of the page, also where htmx asked."""
    answer = HttpResponseRedirect(url)
    answer.status_code = 303
    return answer


def back(request: HttpRequest, fallback: str) -> HttpResponse:
    """Redirect (303) to the form's `next`, else to the Referer; to `fallback` where
    neither is one of our pages."""
    host = {request.get_host()}
    for wanted in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if wanted and url_has_allowed_host_and_scheme(
            wanted, host, request.is_secure()
        ):
            return see_other(wanted)
    return see_other(fallback)


def add_message(request: HttpRequest, text: str, undo_url: str = "") -> None:
    """News for the next page; `undo_url` is where a POST takes it back."""
    messages.success(request, text)
    if undo_url:
        messages.add_message(request, UNDO, undo_url)


def add_refusal(request: HttpRequest, error: DomainError) -> None:
    """Show a refusal on the next page."""
    messages.error(request, str(for_error(error)))


def too_many(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    """A limit is reached: when to come again, in words and for programs."""
    minutes = -(-error.seconds // 60)
    context = {
        "minutes": minutes,
        "is_busy": isinstance(error, SignInIsBusy),
        "forgotten_url": resolve_url(settings.SIGN_IN_HELP_PAGE),
    }
    answer = render(request, "429.html", context, status=429)
    answer["Retry-After"] = str(error.seconds)
    answer["Cache-Control"] = "no-store"
    return answer


def with_values(form: BaseForm, **values: str | list[str]) -> None:
    """Show what was typed again, with these values in the place of theirs."""
    data = form.data.copy()  # type: ignore[attr-defined] # the stubs say Mapping
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form.data = data


def conflict_status(request: HtmxRequest) -> int:
    """htmx swaps in a 422; a plain browser gets the status of what happened."""
    return UNPROCESSABLE if request.htmx else CONFLICT
