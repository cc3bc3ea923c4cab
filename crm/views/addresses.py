"""Second addresses and numbers of a customer: add, change, make chief, remove."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.forms.addresses import AddressForm, NewAddressForm
from crm.models import Customer, CustomerAddress
from crm.rules.choices import AddressKind
from crm.services import addresses
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.responses import HtmxRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def address_create(request: HtmxRequest, pk: int) -> HttpResponse:
    """One more address or number."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    form = NewAddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        values = form.cleaned_data
        kind = AddressKind(values.pop("kind"))
        try:
            addresses.add(customer, kind=kind, now=timezone.now(), **values)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Added."))
            return responses.see_other(customer.get_absolute_url())
    return _page(request, "crm/address_create.html", form, customer)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def address_edit(request: HtmxRequest, pk: int, address: int) -> HttpResponse:
    """Write it or its label in another way; the page leads to all that can be done."""
    row = _row(pk, address)
    form = AddressForm(
        request.POST if request.method == "POST" else None,
        initial={"value": row.value, "label": row.label},
    )
    if form.is_valid():
        try:
            addresses.change(row, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved."))
            return responses.see_other(row.customer.get_absolute_url())
    return _page(request, "crm/address_edit.html", form, row.customer, row)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def address_chief(request: HtmxRequest, pk: int, address: int) -> HttpResponse:
    """Mail or calls go here from now on; what was the chief one is kept."""
    row = _row(pk, address)
    try:
        before = addresses.make_chief(row, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        undo = reverse("crm:address-chief", args=[pk, before.pk]) if before else ""
        responses.add_message(request, _("This is the chief one now."), undo_url=undo)
    return responses.see_other(row.customer.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def address_remove(request: HtmxRequest, pk: int, address: int) -> HttpResponse:
    """Ask first: what is removed cannot be brought back by a press."""
    row = _row(pk, address)
    if request.method != "POST":
        context = {"address": row, "customer": row.customer}
        return render(request, "crm/address_remove.html", context)
    try:
        addresses.remove(row, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, _("Removed."))
    return responses.see_other(row.customer.get_absolute_url())


def _row(pk: int, address: int) -> CustomerAddress:
    rows = CustomerAddress.objects.select_related("customer")
    live = Customer.objects.live().filter(pk=pk)
    return get_object_or_404(rows, pk=address, customer__in=live)


def _page(
    request: HtmxRequest,
    template: str,
    form: AddressForm,
    customer: Customer,
    address: CustomerAddress | None = None,
) -> HttpResponse:
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "customer": customer, "address": address}
    return render(request, template, context, status=status)
