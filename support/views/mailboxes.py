"""Settings: the mailboxes that are read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.staff import zone_of_reader
from messaging.errors import SendingRefused
from messaging.selectors import circuits
from support.errors import MailboxError
from support.forms.mailboxes import MailboxForm
from support.models import Mailbox
from support.services import confirming, mailboxes
from support.words import MAILBOX_ERRORS
from web import responses, uploads
from web.error_messages import add_to_form
from web.errors import DomainError


@requires(Capability.CHANGE_SETTINGS)
@require_safe
def mailbox_list(request: HttpRequest) -> HttpResponse:
    """Every mailbox, with what is wrong with it in words."""
    related = ("assignee", "sending")
    rows = Mailbox.objects.select_related(*related).order_by("name", "pk")
    context = {
        "rows": [
            (row, MAILBOX_ERRORS.get(row.error_code, row.error_code)) for row in rows
        ],
        "now": timezone.now(),
        "webhook_url": request.build_absolute_uri(
            reverse(
                "messaging:provider-webhook",
                args=[uploads.webhook_ticket(), "PROVIDER/inbound/"],
            )
        ),
    }
    return render(request, "support/mailbox_list.html", context)


@requires(Capability.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_create(request: HttpRequest) -> HttpResponse:
    """The form of a new mailbox; it is tried once it is saved."""
    zone, now = zone_of_reader(request), timezone.now()
    form = MailboxForm.fresh(now=now, zone=zone)
    if request.method == "POST":
        form = MailboxForm(request.POST, zone=zone)
    if form.is_valid():
        try:
            made = mailboxes.create(
                values=form.values,
                sign_in=form.typed_sign_in,
                sending=form.typed_sending,
                now=now,
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            return _tried(request, made)
    return _page(request, form, None)


@requires(Capability.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a mailbox, without its password."""
    found, zone = get_object_or_404(Mailbox, pk=pk), zone_of_reader(request)
    form = MailboxForm.of(found, zone=zone)
    if request.method == "POST":
        form = MailboxForm(request.POST, zone=zone)
    if form.is_valid():
        try:
            saved = mailboxes.update(
                found,
                values=form.values,
                sign_in=form.typed_sign_in,
                sending=form.typed_sending,
                version=form.cleaned_data["version"] or 0,
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            return _tried(request, saved)
    return _page(request, form, found)


@requires(Capability.CHANGE_SETTINGS)
@require_POST
def mailbox_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign in and look; the result is shown in words."""
    return _tried(request, get_object_or_404(Mailbox, pk=pk))


@requires(Capability.CHANGE_SETTINGS)
@require_POST
def mailbox_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the mailbox write to itself again."""
    mailbox = get_object_or_404(Mailbox, pk=pk)
    confirming.ask(mailbox, now=timezone.now())
    messages.success(request, _test_words(mailbox))
    return responses.see_other(reverse("support:mailbox-list"))


def _tried(request: HttpRequest, mailbox: Mailbox) -> HttpResponse:
    now = timezone.now()
    if mailbox.grant is not None and not mailbox.grant.granted_at:
        return responses.see_other(
            reverse("support:mailbox-consent", args=[mailbox.pk])
        )
    try:
        seen = mailboxes.attempt(mailbox, now=now)
    except MailboxError as error:
        messages.error(request, str(MAILBOX_ERRORS.get(error.code, error.message)))
        return responses.see_other(reverse("support:mailbox-edit", args=[mailbox.pk]))
    except SendingRefused as refusal:
        messages.error(request, circuits.in_words(refusal.code, refusal.answer))
        return responses.see_other(reverse("support:mailbox-edit", args=[mailbox.pk]))
    messages.success(request, _seen_words(mailbox, seen))
    if mailbox.confirmed_at is None or mailbox.tags_seen_at is None:
        confirming.ask(mailbox, now=now)
        messages.info(request, _test_words(mailbox))
    return responses.see_other(reverse("support:mailbox-list"))


def _seen_words(mailbox: Mailbox, seen: mailboxes.Tried) -> str:
    if not mailbox.is_read:
        return _("It is kept. Its mail comes from a provider or through a pipe.")
    said = ngettext(
        "It works: %(n)s mail lies there. Folders: %(folders)s.",
        "It works: %(n)s mails lie there. Folders: %(folders)s.",
        seen.mails,
    )
    return said % {"n": seen.mails, "folders": ", ".join(seen.folders[:20])}


def _test_words(mailbox: Mailbox) -> str:
    return _(
        "A test mail is on its way from %(address)s to itself. Once it has come in,"
        " replies leave from this address; until then from the address of the shop."
    ) % {"address": mailbox.address}


def _page(
    request: HttpRequest, form: MailboxForm, mailbox: Mailbox | None
) -> HttpResponse:
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {
        "form": form,
        "mailbox": mailbox,
        "heading": mailbox.name if mailbox else _("A new mailbox"),
    }
    return render(request, "support/mailbox_edit.html", context, status=status)
