"""Bring a file in: the history, and a new one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.forms.imports import UploadForm
from crm.models import ImportDraft, ImportRun
from crm.services.imports import drafts, uploads
from crm.services.imports.presets import PRESETS
from crm.staff import staff_of
from web import paging, responses
from web import uploads as web_uploads
from web.error_messages import for_error
from web.errors import DomainError

SIZE = 50
TOO_LARGE = 413


@require_safe
@requires(Capability.IMPORT_DATA)
def import_list(request: HttpRequest) -> HttpResponse:
    """What came in, by page or by command, and what was handed up and waits."""
    page = paging.page(
        ImportRun.objects.filter(is_dry_run=False).select_related("started_by"),
        by="started_at",
        size=SIZE,
        **paging.sides_of(request),
    )
    context = {
        "drafts": ImportDraft.objects.filter(run=None)
        .select_related("file", "created_by")
        .order_by("-created_at", "-pk")[:SIZE],
        "runs": page.rows,
        "page": page,
        "now": timezone.now(),
    }
    return render(request, "crm/import_list.html", context)


@require_safe
@requires(Capability.IMPORT_DATA)
def import_create(request: HttpRequest) -> HttpResponse:
    """The form that a file is uploaded with."""
    return _new(request, UploadForm())


# The token of the form is looked for after the right to send anything: to look for it
# is to receive the whole body.
@csrf_exempt
@require_POST
@requires(Capability.IMPORT_DATA)
def import_upload(request: HttpRequest, ticket: str) -> HttpResponse:
    """The one address that takes more than a form; see web/uploads.py."""
    if web_uploads.is_too_large(request):
        form = UploadForm({})
        form.errors.clear()
        form.add_error("file", _too_large())
        return _new(request, form, status=TOO_LARGE)
    return _received(request, ticket)


@csrf_protect
def _received(request: HttpRequest, ticket: str) -> HttpResponse:
    staff, now = staff_of(request), timezone.now()
    form = UploadForm(request.POST, request.FILES)
    if web_uploads.owner_of(ticket) != staff.pk:
        form.add_error(None, _stale())
    if len(request.FILES.getlist("file")) > 1:
        form.add_error("file", _several())
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = uploads.take(sent.file, name=sent.name, by=staff, now=now)
            draft = drafts.begin(file, by=staff, now=now)
        except DomainError as error:
            form.add_error("file", str(for_error(error)))
        else:
            return responses.see_other(reverse("crm:import-draft", args=[draft.pk]))
    return _new(request, form, status=responses.UNPROCESSABLE)


def _new(request: HttpRequest, form: UploadForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "ticket": web_uploads.ticket_for(staff_of(request).pk),
        "known": list(dict.fromkeys(preset.label for preset in PRESETS)),
    }
    return render(request, "crm/import_create.html", context, status=status)


def _too_large() -> str:
    most = settings.UPLOAD_MAX_BYTES // 1024**2
    words = _(
        "This file is larger than %(most)s MB, which is as much as one page takes. Pack"
        " it as ZIP, bring it in as several files, or have whoever runs this"
        " installation use the command line (docs/import.md). Nothing was kept."
    )
    return words % {"most": most}


def _several() -> str:
    return _("Choose one file; the others come after it. Nothing was kept.")


def _stale() -> str:
    return _("This page stood open too long. Choose the file again and send it.")
