"""Behind a link in a mail to a member of staff: choose a password."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crm import known_device, selectors
from crm.access import public
from crm.errors import LinkGone
from crm.forms import ForgottenForm, NewPasswordForm
from crm.services import account_links, passwords
from crm.services.account_links import LinkTokens
from crm.visitor import client_address
from web import responses
from web.errors import TooManyAttempts

# Longer than a link takes to be planned, so that both answers take as long.
ANSWER_SECONDS = 0.3


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest, key: str) -> HttpResponse:
    """Who forgot their password chooses another."""
    return _choose(request, key, account_links.RESET)


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """Who was invited chooses their first one."""
    return _choose(request, key, account_links.INVITATION)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same whether there is such an account:
    same page, same time."""
    form = ForgottenForm(request.POST or None)
    context = {
        "form": form,
        "has_mail": settings.MAIL_TRANSPORT != "outbox",
        "shell": {"business_name": selectors.business().name},
    }
    if form.is_valid():
        try:
            with at_least(ANSWER_SECONDS):
                passwords.request_reset(
                    form.cleaned_data["email"],
                    address=client_address(request),
                    now=timezone.now(),
                )
        except TooManyAttempts as error:
            return responses.too_many(request, error)
        return render(request, "crm/password_asked.html", context)
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/password_forgotten.html", context, status=status)


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """The block takes this long or longer, so that its time reveals nothing."""
    started = time.monotonic()
    yield
    time.sleep(max(0.0, seconds - (time.monotonic() - started)))


def _choose(request: HttpRequest, key: str, tokens: LinkTokens) -> HttpResponse:
    user = account_links.user_behind(key, tokens)
    if user is None:
        return _gone(request)
    form = NewPasswordForm(user, request.POST or None)
    if form.is_valid():
        try:
            passwords.choose_password(
                key, tokens, password=form.cleaned_data["password"], now=timezone.now()
            )
        except LinkGone:
            return _gone(request)
        responses.add_message(request, _("Your password is saved. Sign in with it."))
        answer = responses.see_other(reverse("login"))
        # Who reads this mail owns the account: others' tries do not hold them up.
        known_device.remember(answer, user.email)
        return answer
    context = {
        "form": form,
        "person": user,
        "is_invitation": tokens is account_links.INVITATION,
        "shell": {"business_name": selectors.business().name},
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/password_choose.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    """The same page whatever the cause, and never a word about whose link it was."""
    shell = {"business_name": selectors.business().name}
    return render(request, "crm/account_link_gone.html", {"shell": shell}, status=404)
