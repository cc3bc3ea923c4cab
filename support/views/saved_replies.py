"""Saved replies and the own signature."""

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.staff import staff_of
from support.forms.writing import SavedReplyForm, SignatureForm
from support.models import SavedReply, SavedReplyFile
from support.services import saved_replies, signatures
from web import responses, uploads
from web.error_messages import add_to_form
from web.errors import DomainError


@require_safe
@requires(Capability.REPLY)
def saved_reply_list(request: HttpRequest) -> HttpResponse:
    """Everybody's and one's own, and the signature."""
    staff = staff_of(request)
    context = {
        "replies": saved_replies.of(staff).annotate(n_files=Count("files")),
        "form": SignatureForm(initial={"signature": signatures.of(staff)}),
    }
    return render(request, "support/saved_reply_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REPLY)
def saved_reply_create(request: HttpRequest) -> HttpResponse:
    """Make one."""
    form = SavedReplyForm(request.POST if request.method == "POST" else None)
    return _edited(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REPLY)
def saved_reply_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one that this person may use."""
    reply = get_object_or_404(saved_replies.of(staff_of(request)), pk=pk)
    form = SavedReplyForm.of(reply, request.POST if request.method == "POST" else None)
    return _edited(request, form, reply)


def _edited(
    request: HttpRequest, form: SavedReplyForm, reply: SavedReply | None
) -> HttpResponse:
    if form.is_valid():
        data = form.cleaned_data
        try:
            saved_replies.save(
                reply,
                name=data["name"],
                language=data["language"],
                words=data["text"],
                owner=None if data["is_shared"] else staff_of(request),
                version=data["version"] or 1,
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved."))
            return responses.see_other(reverse("support:saved-reply-list"))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {
        "form": form,
        "reply": reply,
        "files": reply.files.order_by("pk") if reply else (),
        "ticket": uploads.ticket_for(staff_of(request).pk),
    }
    return render(request, "support/saved_reply_edit.html", context, status=status)


@require_POST
@requires(Capability.REPLY)
def saved_reply_file_create(request: HttpRequest, pk: int, ticket: str) -> HttpResponse:
    """Let files go along; the address says who may send as much."""
    reply = get_object_or_404(saved_replies.of(staff_of(request)), pk=pk)
    if uploads.owner_of(ticket) != staff_of(request).pk:
        raise Http404
    try:
        for file in request.FILES.getlist("files"):
            saved_replies.add_file(
                reply, name=file.name or "", content=file.read(), now=timezone.now()
            )
    except DomainError as error:
        responses.add_refusal(request, error)
    return responses.see_other(reverse("support:saved-reply-edit", args=[pk]))


@require_POST
@requires(Capability.REPLY)
def saved_reply_file_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file off again."""
    mine = saved_replies.of(staff_of(request))
    file = get_object_or_404(SavedReplyFile, pk=pk, reply__in=mine)
    saved_replies.remove_file(file)
    return responses.see_other(
        reverse("support:saved-reply-edit", args=[file.reply_id])
    )


@require_POST
@requires(Capability.REPLY)
def saved_reply_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one; the page asks first."""
    reply = get_object_or_404(saved_replies.of(staff_of(request)), pk=pk)
    saved_replies.delete(reply)
    responses.add_message(request, _("Deleted."))
    return responses.see_other(reverse("support:saved-reply-list"))


@require_POST
@requires(Capability.REPLY)
def signature_edit(request: HttpRequest) -> HttpResponse:
    """Change one's own signature."""
    form = SignatureForm(request.POST)
    if form.is_valid():
        signatures.save(staff_of(request), words=form.cleaned_data["signature"])
        responses.add_message(request, _("Saved. It stands below your next mail."))
        return responses.see_other(reverse("support:saved-reply-list"))
    context = {
        "replies": saved_replies.of(staff_of(request)).annotate(n_files=Count("files")),
        "form": form,
    }
    return render(
        request,
        "support/saved_reply_list.html",
        context,
        status=responses.UNPROCESSABLE,
    )
