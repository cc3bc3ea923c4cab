"""Begin a mail, and take back one that was just sent."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.models import Customer
from crm.page_parts import ReplySource, parts_of
from crm.staff import staff_of
from support.forms.writing import NewMailForm
from support.models import Conversation, Draft, Mail
from support.services import (
    answering,
    drafts,
    sent_on,
    signatures,
    taking_back,
    writing,
)
from web import responses
from web.errors import DomainError, StaleVersion
from web.responses import HtmxRequest
from web.rules.numbers import whole_number

_TYPED = ("to", "cc", "bcc", "subject", "text")


@require_POST
@requires(Capability.REPLY)
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an answer, to the last writer or (`all`) to everybody of their mail."""
    conversation = get_object_or_404(Conversation, pk=pk)
    draft = drafts.begin(
        author=staff_of(request),
        conversation=conversation,
        to_all="all" in request.POST,
        now=timezone.now(),
    )
    return responses.see_other(draft.get_absolute_url())


@require_POST
@requires(Capability.REPLY)
def reply_to(request: HttpRequest, source: str, pk: int) -> HttpResponse:
    """Begin a mail about an answer, a review or a follow-up: see `ReplySource`."""
    staff = staff_of(request)
    part = next((one for one in parts_of(ReplySource) if one.name == source), None)
    if part is None:
        raise Http404
    if part.capability is not None and not staff.can(part.capability):
        raise PermissionDenied
    start = part.read(pk)
    if start is None or not (start.capability is None or staff.can(start.capability)):
        raise Http404
    draft = answering.begin(f"{source}:{pk}", start, author=staff, now=timezone.now())
    return responses.see_other(draft.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REPLY)
def new_mail(request: HtmxRequest) -> HttpResponse:
    """A mail that answers none, to a customer where one is named. Looking at the page
    begins nothing; a POST makes the draft with what was typed, once for each page. The
    page keeps it so by itself, from the first words on."""
    customer, staff = _customer(request), staff_of(request)
    if request.method != "POST":
        form = NewMailForm(
            initial={
                "to": drafts.line_to(customer),
                "text": signatures.below(staff),
                "ticket": get_random_string(20),
            }
        )
        context = {"form": form, "customer": customer}
        return render(request, "support/mail_create.html", context)
    form = NewMailForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "customer": customer}
        return render(
            request,
            "support/mail_create.html",
            context,
            status=responses.UNPROCESSABLE,
        )
    begin = partial(drafts.begin, author=staff, customer=customer, now=timezone.now())
    is_by_itself = bool(request.htmx) and request.POST.get("action") == "keep"
    # The page knows no version before it has kept something.
    shown = whole_number(request.POST.get("version", "")) or 0
    try:
        draft = begin(ticket=form.cleaned_data["ticket"])
        kept = _keep(request, draft, form, shown or draft.version)
    except StaleVersion:
        if is_by_itself:
            return HttpResponse(status=responses.CONFLICT)
        # Written on elsewhere since: what stands here becomes a mail of its own.
        draft = begin()
        kept = _keep(request, draft, form, draft.version)
    if is_by_itself:
        return render(request, "support/_draft_kept.html", {"draft": kept})
    return responses.see_other(kept.get_absolute_url())


def _keep(request: HttpRequest, draft: Draft, form: NewMailForm, version: int) -> Draft:
    data = form.cleaned_data
    # Only what stood on the page: the others begin as they are.
    typed = {name: data[name] for name in _TYPED if name in request.POST}
    return drafts.keep(draft, version=version, now=timezone.now(), **typed)


def _customer(request: HttpRequest) -> Customer | None:
    asked = request.POST if request.method == "POST" else request.GET
    wanted = whole_number(asked.get("customer", ""))
    return get_object_or_404(Customer.objects.live(), pk=wanted) if wanted else None


@require_POST
@requires(Capability.REPLY)
def mail_first_writer(request: HttpRequest, pk: int) -> HttpResponse:
    """Who wrote a mail that a colleague sent on, as somebody confirms it."""
    mail = get_object_or_404(Mail.objects.select_related("conversation"), pk=pk)
    try:
        sent_on.confirm(
            mail,
            name=request.POST.get("name", ""),
            address=request.POST.get("address", ""),
            now=timezone.now(),
        )
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("The conversation is with them now."))
    return responses.see_other(mail.conversation.get_absolute_url())


@require_POST
@requires(Capability.REPLY)
def mail_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """For ten seconds after it was sent, by whoever wrote it."""
    staff = staff_of(request)
    mail = get_object_or_404(
        Mail.objects.select_related("conversation", "author"), pk=pk, author=staff
    )
    try:
        kept = taking_back.take_back(mail, staff=staff, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(mail.conversation.get_absolute_url())
    responses.add_message(request, _("Taken back. Nobody got it."))
    return responses.see_other(kept.get_absolute_url())


@require_POST
@requires(Capability.REPLY)
def mail_failure_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Its author knows whom it did not reach."""
    mail = get_object_or_404(
        Mail.objects.select_related("conversation"), pk=pk, author=staff_of(request)
    )
    writing.forget_failure(mail)
    return responses.see_other(mail.conversation.get_absolute_url())
