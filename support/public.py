"""The contact form on our own pages. GET shows, POST acts; no account, no script."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import selectors as crm
from crm.access import public
from crm.models import Customer
from crm.rules import names
from crm.services import audit
from crm.visitor import client_address
from messaging.public_forms import token_page
from messaging.public_language import page_language, speaking
from messaging.rules.addresses import truncated_ip
from support.errors import FormTooFast, FormTooOld
from support.forms.contact import FAILED, ContactForm
from support.services import addresses, contact_form
from web import uploads
from web.errors import DomainError, TooManyAttempts

logger = logging.getLogger(__name__)


@public
@token_page
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, token: str = "", ticket: str = "") -> HttpResponse:
    """The form; by a link of ours it knows who writes. A link that says nothing leads
    to the form of everybody: whoever complains is turned away by nothing. `ticket` lets
    a file come along: see web/uploads.py."""
    customer = contact_form.customer_of(token)
    language = page_language(request, customer)
    with speaking(language), audit.acting(audit.VISITOR):
        if request.method == "POST":
            return _receive(request, customer, language)
        fresh = {"ticket": contact_form.new_ticket(timezone.now())}
        form = ContactForm(initial=fresh, is_known=customer is not None)
        return _page(request, form, customer, language)


@public
@token_page
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """It has arrived, and what happens next."""
    language = page_language(request, None)
    with speaking(language):
        mailbox = addresses.mailbox_for(language)
        shop = crm.business()
        context = {
            "shop": shop.name,
            "answers_from": mailbox.address if mailbox else shop.from_transactional,
            "page_language": language,
        }
        return render(request, "support/contact_thanks.html", context)


def _receive(
    request: HttpRequest, customer: Customer | None, language: str
) -> HttpResponse:
    form = ContactForm(request.POST, request.FILES, is_known=customer is not None)
    if not form.is_valid():
        return _page(request, form, customer, language, status=422)
    try:
        contact_form.send(
            form.written(language=language),
            customer=customer,
            network=truncated_ip(client_address(request)),
            now=timezone.now(),
        )
    except (FormTooFast, FormTooOld, TooManyAttempts) as refusal:
        return _refused(request, form, customer, language, refusal)
    except OSError:
        # The storage takes no more: nothing is kept, so nobody is told that it is.
        logger.exception("A message of the contact form could not be stored")
        form.add_error(None, str(FAILED))
        return _page(request, form, customer, language, status=503)
    url = f"{reverse('support:contact-thanks')}?lang={language}"
    return HttpResponseRedirect(url, status=303)


def _refused(
    request: HttpRequest,
    form: ContactForm,
    customer: Customer | None,
    language: str,
    refusal: DomainError,
) -> HttpResponse:
    form.refuse(refusal)
    if isinstance(refusal, FormTooOld):
        typed = request.POST.copy()
        typed["ticket"] = contact_form.new_ticket(timezone.now())
        form.data = typed
    return _page(request, form, customer, language, status=refusal.status)


def _page(
    request: HttpRequest,
    form: ContactForm,
    customer: Customer | None,
    language: str,
    *,
    status: int = 200,
) -> HttpResponse:
    url = _send_url(customer)
    context = {
        "form": form,
        "action": f"{url}?lang={language}",
        # Enough to recognise: a link may be in other hands.
        "answers_to": names.mask_email(customer.email) if customer else "",
        "shop": crm.business().name,
        "page_language": language,
    }
    return render(request, "support/contact.html", context, status=status)


def _send_url(customer: Customer | None) -> str:
    """Where the form is sent to, with a ticket for its file."""
    ticket = uploads.ticket_for(uploads.VISITOR)
    if customer is None:
        return reverse("support:contact-send", args=[ticket])
    tag = addresses.person_tag(customer.pk)
    return reverse("support:contact-known-send", args=[tag, ticket])
