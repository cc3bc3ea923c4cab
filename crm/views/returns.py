"""Returns without a purchase: link each with one, or leave it; both can be undone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import return_page
from crm.access import Capability, requires
from crm.models import OrderLine, UnmatchedReturn
from crm.request_context import request_context
from crm.return_page import Decided, Row
from crm.services import returns
from crm.staff import staff_of
from web import paging, responses
from web.errors import DomainError
from web.rules.numbers import whole_number

SIZE = 25


@require_safe
@requires(Capability.EDIT_CUSTOMERS)
def return_list(request: HttpRequest) -> HttpResponse:
    """What found no purchase; `?tab=decided` what staff decided, with its undo."""
    request_context(request)
    is_decided = request.GET.get("tab") == "decided"
    sides = paging.sides_of(request)
    page: paging.Page[Any]
    rows: list[Row] | list[Decided]
    if is_decided:
        page = paging.page(return_page.decided(), by="made_at", size=SIZE, **sides)
        rows = return_page.decisions_of(page.rows)
    else:
        page = paging.page(return_page.listed(), by="returned_on", size=SIZE, **sides)
        rows = return_page.rows_of(page.rows)
    shown = {"is_decided": is_decided, "rows": rows, "page": page}
    return render(request, "crm/return_list.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def return_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The purchases that it may be of; a POST links it with one of them."""
    request_context(request)
    unmatched = get_object_or_404(return_page.listed(), pk=pk)
    if request.method != "POST":
        return _page(request, unmatched)
    wanted = whole_number(request.POST.get("purchase", ""))
    purchase = OrderLine.objects.filter(pk=wanted or 0).first()
    if purchase is None:
        return _page(request, unmatched, is_missing=True)
    try:
        choice = returns.link(
            unmatched, purchase, by=staff_of(request), now=timezone.now()
        )
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(request.path)
    undo = reverse("crm:return-undo", args=[choice.pk])
    responses.add_message(request, _("The return is linked."), undo)
    return responses.see_other(reverse("crm:return-list"))


def _page(
    request: HttpRequest, unmatched: UnmatchedReturn, *, is_missing: bool = False
) -> HttpResponse:
    (row,) = return_page.rows_of([unmatched])
    shown = {
        "row": row,
        "purchases": return_page.purchases_for(row),
        "is_missing": is_missing,
    }
    status = responses.UNPROCESSABLE if is_missing else 200
    return render(request, "crm/return_link.html", shown, status=status)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def return_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it gives back nothing that we know, and need not be listed."""
    unmatched = get_object_or_404(return_page.listed(), pk=pk)
    choice = returns.leave(unmatched, by=staff_of(request), now=timezone.now())
    undo = reverse("crm:return-undo", args=[choice.pk])
    responses.add_message(request, _("It is left as it is."), undo)
    return responses.see_other(reverse("crm:return-list"))


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def return_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it was not so after all."""
    try:
        returns.take_back(pk, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("Undone. What finds no purchase is listed."))
    return responses.see_other(reverse("crm:return-list"))
