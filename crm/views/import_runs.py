"""What came of an import: counts, what was left out, and the way back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.models import ImportRun
from crm.services.imports.reasons import in_words, note_in_words


@require_safe
@requires(Capability.IMPORT_DATA)
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One import, under way or over. It is asked for again while it is under way."""
    run = get_object_or_404(
        ImportRun.objects.select_related("started_by", "job", "file"), pk=pk
    )
    return render(request, "crm/import_run.html", {"now": timezone.now(), **told(run)})


def told(run: ImportRun) -> dict[str, object]:
    """What the pages tell of a run, of a trial as well."""
    job = run.job
    return {
        "run": run,
        "job": job,
        "percent": 100 * job.done // job.total if job and job.total else None,
        "reasons": [
            (in_words(code), count) for code, count in run.refused_by_reason.items()
        ],
        "notes": [
            (note_in_words(code), count, run.examples.get(code, []))
            for code, count in run.notes.items()
        ],
        "problems": [
            {**problem, "words": in_words(problem["code"])} for problem in run.problems
        ],
    }
