"""Change many customers at once: choose what, see how far it is, take it back."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import audiences
from crm.access import Capability, requires
from crm.errors import AudienceMoved
from crm.forms import bulk as forms
from crm.models import BulkRun, Job
from crm.rules.choices import UndoState
from crm.segment_fields import picked
from crm.services.bulk import running, undoing
from crm.staff import staff_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_MANY)
def bulk_create(request: HttpRequest) -> HttpResponse:
    """What to change, of the people whom the address names: those that were ticked
    (`scope=ticked`, or `export`, which leads on to that), or all of the list with its
    filters."""
    asked = request.POST if request.method == "POST" else request.GET
    audience = _audience(request, asked)
    if audience is None:
        responses.add_message(request, _("Tick at least one customer first."))
        return responses.see_other(resolve_url(settings.CUSTOMER_LIST_PAGE))
    if asked.get("scope") == "export":
        query = urlencode({"of": "customers", **_values(audience)})
        return responses.see_other(f"{reverse('crm:export-create')}?{query}")
    name = asked.get("action", "")
    form = forms.form_for(name, request.POST if request.method == "POST" else None)
    moved = False
    if form.is_valid():
        try:
            run = running.start(
                forms.chosen(name)[0],
                form.values(),
                audience=audience,
                said=whole_number(asked.get("said", "")) or 0,
                by=staff_of(request),
                now=timezone.now(),
            )
        except AudienceMoved:
            moved = True
        except DomainError as error:
            add_to_form(form, error)
        else:
            return responses.see_other(reverse("crm:bulk-run", args=[run.pk]))
    context = {**_people(audience), **_choices(audience, name), "form": form}
    context["moved"] = moved
    status = responses.UNPROCESSABLE if form.errors or moved else 200
    return render(request, "crm/bulk_create.html", context, status=status)


def _audience(request: HttpRequest, asked: QueryDict) -> str | None:
    """The people as a query string of the list; None: none was ticked."""
    values = {
        name: asked.get(name, "").replace("\x00", "")
        for name in audiences.names_of_a_query()
    }
    if values["owner"] == "me":
        values["owner"] = str(staff_of(request).pk)
    if asked.get("scope") in ("ticked", "export"):
        ids = picked.ticked(asked.getlist("ids"))
        return audiences.query_of({"ids": ids}) if ids else None
    return audiences.query_of(values)


def _values(audience: str) -> dict[str, str]:
    return {name: str(value) for name, value in QueryDict(audience).items()}


def _people(audience: str) -> dict[str, object]:
    count = audiences.count_all(audience, now=timezone.now())
    return {
        "count": count,
        "people": audiences.in_words(audience),
        "kept": _values(audience),
        "list_url": f"{resolve_url(settings.CUSTOMER_LIST_PAGE)}?{audience}",
    }


def _choices(audience: str, name: str) -> dict[str, object]:
    kept = _values(audience)
    known = forms.choices()
    here = name if name in known else next(iter(known))
    return {
        "action": here,
        "choices": [
            (label, "?" + urlencode({**kept, "action": each}), each == here)
            for each, label in known.items()
        ],
    }


@require_safe
@requires(Capability.CHANGE_MANY)
def bulk_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One change, under way or over. It is asked for again while it is under way."""
    run = get_object_or_404(
        BulkRun.objects.select_related("started_by", "job", "undo_job"), pk=pk
    )
    now = timezone.now()
    is_undoing = run.undo_state == UndoState.RUNNING.value
    job = run.undo_job if is_undoing else run.job
    context = {
        "run": run,
        "now": now,
        "title": running.in_words(run),
        "people": audiences.in_words(run.audience),
        "job": job,
        "is_open": is_undoing or run.finished_at is None,
        "percent": _percent(job),
        "kept": run.changed - run.undone,
        "undo_until": undoing.undo_until(run, now=now),
        "undo_why_not": undoing.why_not(run, now=now),
        "changed_url": f"{resolve_url(settings.CUSTOMER_LIST_PAGE)}?bulk={run.pk}",
    }
    return render(request, "crm/bulk_run.html", context)


def _percent(job: Job | None) -> int | None:
    return 100 * job.done // job.total if job and job.total else None


@require_POST
@requires(Capability.CHANGE_MANY)
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back; its page says why not, where it cannot be."""
    run = get_object_or_404(BulkRun, pk=pk)
    try:
        undoing.start(run, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    return responses.see_other(reverse("crm:bulk-run", args=[pk]))
