"""Saved replies and the own signature."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.staff import staff_of
from support.forms.writing import SavedReplyForm, SignatureForm
from support.models import SavedReply
from support.services import saved_replies, signatures
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@require_safe
@requires(Capability.REPLY)
def saved_reply_list(request: HttpRequest) -> HttpResponse:
    """Everybody's and one's own, and the signature."""
    staff = staff_of(request)
    context = {
        "replies": saved_replies.of(staff).select_related("owner"),
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
    context = {"form": form, "reply": reply}
    return render(request, "support/saved_reply_edit.html", context, status=status)


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
    context = {"replies": saved_replies.of(staff_of(request)), "form": form}
    return render(
        request,
        "support/saved_reply_list.html",
        context,
        status=responses.UNPROCESSABLE,
    )
