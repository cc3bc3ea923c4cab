"""Jobs and the files that they made: how far, by whom, and what came of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import job_kinds
from crm.access import Capability, requires
from crm.models import Job, StoredFile, User
from crm.services import files, jobs
from crm.staff import staff_of
from web import paging, responses
from web.error_messages import for_code
from web.errors import DomainError

SIZE = 50
# Nothing of a file runs, should a browser ever show it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@require_safe
@requires(Capability.OWN_ACCOUNT)
def job_list(request: HttpRequest) -> HttpResponse:
    """Those that this person may see, whoever started them."""
    page = paging.page(
        jobs.seen_by(staff_of(request)),
        by="created_at",
        size=SIZE,
        **paging.sides_of(request),
    )
    context = {
        "rows": [_shown(job) for job in page.rows],
        "page": page,
        "now": timezone.now(),
    }
    return render(request, "crm/job_list.html", context)


@require_safe
@requires(Capability.OWN_ACCOUNT)
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job, or the page of what it works on. It is asked for again and again while
    it is under way."""
    found = _job(staff_of(request), pk)
    kind = job_kinds.get(found.kind)
    if kind is not None and (page := kind.page(found)):
        return redirect(page)
    context = {
        **_shown(found),
        "is_mine": found.started_by_id == staff_of(request).pk,
        "now": timezone.now(),
    }
    return render(request, "crm/job.html", context)


@require_POST
@requires(Capability.OWN_ACCOUNT)
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: end the job after the step it is at."""
    found = _job(staff_of(request), pk)
    try:
        jobs.cancel(found, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("It ends after the step it is at."))
    return responses.see_other(reverse("crm:job", args=[pk]))


@require_POST
@requires(Capability.OWN_ACCOUNT)
def job_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Who started it has seen how it ended: Today need not show it any more."""
    staff = staff_of(request)
    jobs.mark_seen(_job(staff, pk), by=staff, now=timezone.now())
    return responses.back(request, reverse("crm:job", args=[pk]))


@require_safe
@requires(Capability.OWN_ACCOUNT)
def file_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The content of a stored file, to be kept and never to be shown."""
    found = get_object_or_404(StoredFile, pk=pk)
    staff, made_by = staff_of(request), Job.objects.filter(result=found).first()
    is_mine = found.created_by_id == staff.pk
    # Of an export whose job is no longer kept, what it holds is not known.
    is_unknown = made_by is None and found.capability == Capability.EXPORT_DATA
    if (
        not staff.can(Capability(found.capability))
        or (made_by is not None and not jobs.may_see(staff, made_by))
        or (is_unknown and not is_mine)
    ):
        raise PermissionDenied(found.capability)
    try:
        content = files.open_file(found)
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        content,
        as_attachment=True,
        filename=found.name,
        content_type=found.content_type,
    )
    # Of pieces, Django would read all to know it.
    answer.headers["Content-Length"] = str(found.size)
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer


def _job(user: User, pk: int) -> Job:
    found = get_object_or_404(Job.objects.select_related("started_by", "result"), pk=pk)
    if not jobs.may_see(user, found):
        raise PermissionDenied
    return found


def _shown(found: Job) -> dict[str, Any]:
    """What the templates show of a job. `done`: percent, None before it is counted."""
    kind = job_kinds.get(found.kind)
    return {
        "job": found,
        "title": kind.title(found) if kind else found.kind,
        "percent": 100 * found.done // found.total if found.total else None,
        "error": for_code(found.error),
    }
