"""What came of an import: counts, what was left out, and the way back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.models import ImportRun, Job
from crm.services.imports import undoing
from crm.services.imports.problems import problem_in_words
from crm.services.imports.reasons import in_words, note_in_words
from crm.staff import staff_of
from web import responses
from web.errors import DomainError


@require_safe
@requires(Capability.IMPORT_DATA)
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One import, under way or over. It is asked for again while it is under way."""
    run = get_object_or_404(
        ImportRun.objects.select_related("started_by", "job", "file", "undo_job"), pk=pk
    )
    now = timezone.now()
    context = {
        "now": now,
        **told(run),
        "undo_until": undoing.undo_until(run, now=now),
        "undo_why_not": undoing.why_not(run, now=now),
        "undo_job": run.undo_job,
        "undo_percent": _percent(run.undo_job),
    }
    return render(request, "crm/import_run.html", context)


@require_POST
@requires(Capability.IMPORT_DATA)
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back; its page says why not, where it cannot be."""
    run = get_object_or_404(ImportRun, pk=pk)
    try:
        undoing.start(run, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    return responses.see_other(reverse("crm:import-run", args=[pk]))


def _percent(job: Job | None) -> int | None:
    return 100 * job.done // job.total if job and job.total else None


def told(run: ImportRun) -> dict[str, object]:
    """What the pages show of a run, of a trial as well."""
    job = run.job
    return {
        "run": run,
        "job": job,
        "percent": _percent(job),
        "undo_never_why": undoing.never_why(run.kind, run.total or 0),
        "reasons": [
            (in_words(code), count) for code, count in run.refused_by_reason.items()
        ],
        "notes": [
            (note_in_words(code), count, run.examples.get(code, []))
            for code, count in run.notes.items()
        ],
        "problems": [
            {**problem, "words": problem_in_words(problem)} for problem in run.problems
        ],
    }
