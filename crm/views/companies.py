"""Companies: the list, the page of one, who belongs to it."""

from collections.abc import Sequence
from urllib.parse import urlencode

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

from crm import company_pages
from crm.access import Capability, requires
from crm.forms.companies import CompanyForm, LinkForm, values_of
from crm.models import Company, Customer
from crm.request_context import request_context
from crm.rules.customer_search import MOST_TYPED
from crm.services import companies
from crm.staff import staff_of
from web import paging, responses
from web.error_messages import add_to_form
from web.errors import DomainError, StaleVersion
from web.responses import Difference, HtmxRequest


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def company_list(request: HttpRequest) -> HttpResponse:
    """Companies by name, or those that a search finds."""
    typed = request.GET.get("q", "").strip()[:MOST_TYPED]
    page = company_pages.company_list(
        typed,
        **paging.sides_of(request),
    )
    context = {
        "page": page,
        "typed": typed,
        # By name from A on: the page after this one is on the side of higher places.
        "newer_url": _page_url(typed, older=page.older),
        "older_url": _page_url(typed, newer=page.newer),
        "may_edit": staff_of(request).can(Capability.EDIT_CUSTOMERS),
    }
    return render(request, "crm/company_list.html", context)


def _page_url(typed: str, **place: str) -> str:
    if not any(place.values()):
        return ""
    return "?" + urlencode({**({"q": typed} if typed else {}), **place})


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """The overview of one company and its branches."""
    row = get_object_or_404(Company.objects.select_related("parent"), pk=pk)
    context = {
        "page": company_pages.company_page(row),
        "company": row,
        "context": request_context(request),
        "may_edit": staff_of(request).can(Capability.EDIT_CUSTOMERS),
        "sees_notes": staff_of(request).can(Capability.SEE_NOTES),
    }
    return render(request, "crm/company.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_create(request: HtmxRequest) -> HttpResponse:
    """A new company."""
    form = CompanyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = companies.create_company(now=timezone.now(), **form.changes)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Company saved."))
            return responses.see_other(made.get_absolute_url())
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_edit(request: HtmxRequest, pk: int) -> HttpResponse:
    """Change what stands about a company; 409 with the differences where it was changed
    since."""
    row = get_object_or_404(Company.objects.select_related("parent"), pk=pk)
    form = CompanyForm(
        request.POST if request.method == "POST" else None,
        initial={**values_of(row), "version": row.version},
    )
    if form.is_valid():
        try:
            companies.update_company(
                row,
                changes=form.changes,
                version=form.cleaned_data["version"],
                now=timezone.now(),
            )
        except StaleVersion:
            differences = _differences(form, row)
            responses.with_values(form, version=str(row.version))
            return _form_page(request, form, row, differences)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved."))
            return responses.see_other(row.get_absolute_url())
    return _form_page(request, form, row)


def _differences(form: CompanyForm, row: Company) -> list[Difference]:
    return [
        Difference(form[name].label, saved, typed)
        for name, saved in values_of(row).items()
        if str(saved or "") != str(typed := form.cleaned_data[name] or "")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_delete(request: HtmxRequest, pk: int) -> HttpResponse:
    """Ask first; people stay, and belong to it no more."""
    row = get_object_or_404(Company, pk=pk)
    if request.method != "POST":
        return render(request, "crm/company_delete.html", {"company": row})
    try:
        companies.delete_company(row, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(row.get_absolute_url())
    responses.add_message(request, _("The company was deleted. Its people stay."))
    return responses.see_other(reverse("crm:company-list"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_link(request: HtmxRequest, pk: int) -> HttpResponse:
    """Say which company a customer belongs to, and as what."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    form = LinkForm(
        request.POST if request.method == "POST" else None,
        initial={"company": request.GET.get("company", "")},
    )
    if form.is_valid():
        chosen = form.cleaned_data["company"]
        try:
            companies.link(
                chosen, customer, role=form.cleaned_data["role"], now=timezone.now()
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            undo = reverse("crm:company-unlink", args=[pk, chosen.pk])
            responses.add_message(request, _("Linked."), undo_url=undo)
            return responses.see_other(customer.get_absolute_url())
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "customer": customer}
    return render(request, "crm/company_link.html", context, status=status)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def company_unlink(request: HtmxRequest, pk: int, company: int) -> HttpResponse:
    """The customer belongs to this company no more."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    row = get_object_or_404(Company, pk=company)
    if companies.unlink(row, customer, now=timezone.now()):
        responses.add_message(request, _("No longer linked. The company stays."))
    return responses.see_other(customer.get_absolute_url())


def _form_page(
    request: HtmxRequest,
    form: CompanyForm,
    row: Company | None,
    differences: Sequence[Difference] = (),
) -> HttpResponse:
    status = responses.UNPROCESSABLE if form.errors else 200
    if differences:
        status = responses.conflict_status(request)
    context = {
        "form": form,
        "company": row,
        "differences": differences,
        "leave_url": row.get_absolute_url() if row else reverse("crm:company-list"),
    }
    return render(request, "crm/company_form.html", context, status=status)
