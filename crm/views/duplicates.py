"""Pairs that are likely one person: the list, "not the same", and all exact ones."""

from typing import Any

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

from crm import merge_page
from crm.access import Capability, requires
from crm.models import Customer, Job, LikelyPair
from crm.services import duplicates, merge_jobs
from crm.staff import staff_of
from web import paging, responses
from web.errors import DomainError
from web.rules.numbers import whole_number

SIZE = 25


@require_safe
@requires(Capability.MERGE_CUSTOMERS)
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """Pairs of live records, the likeliest first."""
    page = paging.page(
        duplicates.live_pairs(),
        by="strength",
        size=SIZE,
        **paging.sides_of(request),
    )
    newest = LikelyPair.objects.order_by("-found_at").first()
    context = {
        "pairs": [_told(pair) for pair in page.rows],
        "page": page,
        "exact": merge_jobs.exact_pairs(),
        "found_at": newest.found_at if newest else None,
        "now": timezone.now(),
    }
    return render(request, "crm/duplicate_list.html", context)


def _told(pair: LikelyPair) -> dict[str, Any]:
    reasons = duplicates.ordered(pair.reasons)
    return {
        "first": pair.first,
        "second": pair.second,
        "reasons": merge_page.in_words(reasons),
    }


@require_POST
@requires(Capability.MERGE_CUSTOMERS)
def different_people(request: HttpRequest, pk: int) -> HttpResponse:
    """These two are two people; with `undo`, they may be one after all."""
    one = get_object_or_404(Customer, pk=pk)
    wanted = request.GET.get("from") or request.POST.get("from", "")
    other = get_object_or_404(Customer, pk=whole_number(wanted) or 0)
    now = timezone.now()
    if "undo" in request.GET:
        duplicates.take_back_different(one, other, now=now)
        words = _("The next search shows them again, if they still look alike.")
        responses.add_message(request, words)
        return responses.see_other(reverse("crm:duplicate-list"))
    try:
        duplicates.say_different(one, other, by=staff_of(request), now=now)
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        here = reverse("crm:different-people", args=[pk])
        responses.add_message(
            request, _("Two people: not shown again."), f"{here}?from={other.pk}&undo=1"
        )
    return responses.see_other(reverse("crm:duplicate-list"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.MERGE_CUSTOMERS)
def merge_exact(request: HttpRequest) -> HttpResponse:
    """Ask first; a POST starts the job that merges every exact pair."""
    if request.method == "POST":
        job = merge_jobs.start(by=staff_of(request), now=timezone.now())
        return responses.see_other(reverse("crm:merged-pairs", args=[job.pk]))
    context = {"exact": merge_jobs.exact_pairs()}
    return render(request, "crm/merge_exact.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.MERGE_CUSTOMERS)
def merged_pairs(request: HttpRequest, pk: int) -> HttpResponse:
    """What a job merged, or merges; a POST takes all of it apart again."""
    job = get_object_or_404(Job, pk=pk)
    if job.kind != merge_jobs.MERGE_EXACT.name:
        raise Http404
    undo_job = merge_jobs.undo_job_of(job)
    if request.method == "POST":
        if not job.is_open and not (undo_job and undo_job.is_open):
            merge_jobs.start_undo(job, by=staff_of(request), now=timezone.now())
        return responses.see_other(reverse("crm:merged-pairs", args=[pk]))
    rows = merge_jobs.merged_by(pk)
    context = {
        "job": job,
        "working": next((one for one in (undo_job, job) if one and one.is_open), None),
        "merged": rows.filter(undone_at=None).count(),
        "undone": rows.exclude(undone_at=None).count(),
        "examples": rows.select_related("kept", "dropped").order_by("pk")[:SIZE],
        "now": timezone.now(),
    }
    return render(request, "crm/merged_pairs.html", context)
