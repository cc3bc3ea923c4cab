"""A mail in its sandboxed frame, its files, and mails that could not be read."""

from csp.decorators import csp_replace
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.services import files
from support.models import Mail, MailFile, RawMail
from support.rules.choices import RawState
from support.selectors import frames
from support.services import receiving
from support.words import UNREADABLE
from web import paging, responses

PER_PAGE = 50
# As of every file that we hand out: nothing in it may act here.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
@xframe_options_sameorigin
@csp_replace(frames.HELD_BACK)  # type: ignore[arg-type] # typed for views without arguments
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as it came; what would be loaded from elsewhere is held back."""
    return _frame(pk)


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
@xframe_options_sameorigin
@csp_replace(frames.WITH_PICTURES)  # type: ignore[arg-type] # typed for views without arguments
def frame_with_pictures(request: HttpRequest, pk: int) -> HttpResponse:
    """The same, with the pictures from elsewhere, because somebody asked for them."""
    return _frame(pk)


def _frame(pk: int) -> HttpResponse:
    answer = HttpResponse(frames.page_of(get_object_or_404(Mail, pk=pk)))
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
def mail_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a mail, to be kept and never to be shown."""
    found = get_object_or_404(MailFile, pk=pk)
    return download(found.key, found.name, found.content_type)


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
def raw_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A mail as it came in."""
    found = get_object_or_404(RawMail, pk=pk)
    return download(found.key, f"mail-{found.pk}.eml", "application/octet-stream")


def download(key: str, name: str, content_type: str) -> HttpResponseBase:
    """A stored file, to be kept; pictures can be shown by a page of ours."""
    try:
        content = files.storage().open(key)
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        content, as_attachment=True, filename=name, content_type=content_type
    )
    for header, value in _HEADERS.items():
        answer.headers[header] = value
    return answer


@requires(Capability.SEE_CONVERSATIONS)
@require_safe
def unreadable_list(request: HttpRequest) -> HttpResponse:
    """What could not be read, newest first, each with its reason."""
    rows = RawMail.objects.filter(state=RawState.UNREADABLE.value)
    page = paging.page(
        rows.select_related("mailbox"),
        by="stored_at",
        size=PER_PAGE,
        **paging.sides_of(request),
    )
    context = {
        "page": page,
        "rows": [(row, UNREADABLE.get(row.reason, row.reason)) for row in page.rows],
        "now": timezone.now(),
    }
    return render(request, "support/unreadable_list.html", context)


@requires(Capability.REPLY)
@require_POST
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again, say after an update."""
    found = get_object_or_404(RawMail, pk=pk)
    receiving.read_again(found, now=timezone.now())
    is_read = not RawMail.objects.filter(
        pk=pk, state=RawState.UNREADABLE.value
    ).exists()
    said = _("It is read now.") if is_read else _("It still cannot be read.")
    responses.add_message(request, said)
    return responses.see_other(reverse("support:unreadable-list"))
