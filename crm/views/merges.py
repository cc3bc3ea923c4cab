"""Merge two records, see both side by side first, and undo it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import merge_page, people_search
from crm.access import Capability, requires
from crm.models import Customer, CustomerMerge
from crm.services import duplicates, merging
from crm.staff import staff_of
from web import responses
from web.error_messages import for_error
from web.errors import DomainError, StaleVersion
from web.responses import HtmxRequest
from web.rules.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.MERGE_CUSTOMERS)
def customer_merge(request: HtmxRequest, pk: int) -> HttpResponse:
    """Look for the other record; with `with`, both side by side, and a POST merges."""
    kept = _live(pk)
    wanted = request.POST.get("with") or request.GET.get("with", "")
    if not wanted:
        return _look_for(request, kept)
    dropped = _live(whole_number(wanted) or 0)
    if kept.pk == dropped.pk:
        raise Http404
    if request.method == "POST":
        return _merge(request, kept, dropped)
    return _side_by_side(request, kept, dropped)


def _live(pk: int) -> Customer:
    return get_object_or_404(Customer.objects.live().select_related("owner"), pk=pk)


def _look_for(request: HtmxRequest, kept: Customer) -> HttpResponse:
    typed = request.GET.get("q", "").strip()
    found = people_search.find(typed, but=kept, now=timezone.now())
    context = {
        "customer": kept,
        "typed": typed,
        "found": found,
        "is_cut": len(found) == people_search.MOST_FOUND,
        "lookalikes": _told(duplicates.lookalikes(kept)),
    }
    return render(request, "crm/customer_merge_with.html", context)


def _told(found: list[duplicates.Lookalike]) -> list[dict[str, Any]]:
    return [
        {"customer": one.customer, "reasons": merge_page.in_words(one.reasons)}
        for one in found
    ]


def _side_by_side(
    request: HtmxRequest,
    kept: Customer,
    dropped: Customer,
    *,
    error: DomainError | None = None,
) -> HttpResponse:
    context = {
        "kept": kept,
        "dropped": dropped,
        "choices": merge_page.choices(kept, dropped, request.POST),
        "moved": merge_page.moved(kept, dropped),
        "reasons": merge_page.in_words(duplicates.reasons_for(kept, dropped)),
        "error": for_error(error) if error else "",
    }
    status = error.status if error else 200
    return render(request, "crm/customer_merge.html", context, status=status)


def _merge(request: HtmxRequest, kept: Customer, dropped: Customer) -> HttpResponse:
    try:
        row = merging.merge(
            kept,
            dropped,
            choices=merge_page.read_choices(request.POST),
            versions=_versions(request),
            by=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        return _side_by_side(request, _live(kept.pk), _live(dropped.pk), error=error)
    undo_url = reverse("crm:merge-undo", args=[row.pk])
    responses.add_message(request, _("Merged. The other record leads here."), undo_url)
    return responses.see_other(kept.get_absolute_url())


def _versions(request: HtmxRequest) -> tuple[int, int]:
    """What the page showed. Without it nothing was looked at."""
    both = [whole_number(request.POST.get(name, "")) for name in ("kept", "dropped")]
    if both[0] is None or both[1] is None:
        raise StaleVersion
    return both[0], both[1]


@require_POST
@requires(Capability.MERGE_CUSTOMERS)
def merge_undo(request: HtmxRequest, pk: int) -> HttpResponse:
    """Two records again; the page of the kept one says why not, where it cannot be."""
    row = get_object_or_404(CustomerMerge.objects.select_related("kept"), pk=pk)
    try:
        merging.undo(row, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("Two records again. No opt-out was lost."))
    return responses.see_other(row.kept.get_absolute_url())
