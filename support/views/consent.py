"""Ask at the provider of a mailbox whether we may read and send there (OAuth 2)."""

from secrets import token_urlsafe
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from messaging.errors import NoToken
from messaging.rules import oauth as rules
from messaging.services import oauth
from support.models import Mailbox
from support.words import MAILBOX_ERRORS
from web import responses

# What this session asked for; an answer to anything else is not taken.
_ASKED = "mail_consent"


@requires(Capability.CHANGE_SETTINGS)
@require_safe
def mailbox_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """What to register at the provider, and the link that asks for consent there.

    Only a link leads away: a form must not (form-action of the CSP).
    """
    mailbox = get_object_or_404(Mailbox.objects.select_related("grant"), pk=pk)
    grant = mailbox.grant
    if grant is None:
        return responses.see_other(reverse("support:mailbox-edit", args=[pk]))
    redirect_uri = request.build_absolute_uri(reverse("support:mailbox-consent-given"))
    state, verifier = token_urlsafe(32), token_urlsafe(48)
    request.session[_ASKED] = {
        "mailbox": mailbox.pk,
        "state": state,
        "verifier": verifier,
        "redirect_uri": redirect_uri,
    }
    url = rules.consent_url(
        oauth.endpoints_of(grant),
        client_id=grant.client_id,
        redirect_uri=redirect_uri,
        state=state,
        verifier=verifier,
        user=mailbox.user,
    )
    context = {"mailbox": mailbox, "grant": grant, "url": url, "redirect": redirect_uri}
    return render(request, "support/mailbox_consent.html", context)


@requires(Capability.CHANGE_SETTINGS)
@require_safe
def mailbox_consent_given(request: HttpRequest) -> HttpResponse:
    """The provider sends the browser back, with a code for us or without."""
    asked = request.session.pop(_ASKED, None)
    if asked is None or not _is_answer(request, asked):
        return render(request, "support/consent_unasked.html")
    mailbox = get_object_or_404(
        Mailbox.objects.select_related("grant"),
        pk=asked["mailbox"],
        grant__isnull=False,
    )
    return _taken(request, mailbox, asked)


def _is_answer(request: HttpRequest, asked: dict[str, Any]) -> bool:
    return constant_time_compare(request.GET.get("state", ""), asked["state"])


def _taken(
    request: HttpRequest, mailbox: Mailbox, asked: dict[str, Any]
) -> HttpResponse:
    grant, code = mailbox.grant, request.GET.get("code", "")
    again = responses.see_other(reverse("support:mailbox-consent", args=[mailbox.pk]))
    if grant is None or not code:
        messages.error(request, _("The provider gave no consent. Nothing was changed."))
        return again
    try:
        oauth.consent(
            grant,
            code=code,
            verifier=asked["verifier"],
            redirect_uri=asked["redirect_uri"],
            now=timezone.now(),
        )
    except NoToken as error:
        messages.error(request, str(MAILBOX_ERRORS.get(error.code, error.message)))
        return again
    messages.success(
        request,
        _("The provider has given consent. Press Try to see whether all works."),
    )
    return responses.see_other(reverse("support:mailbox-list"))
