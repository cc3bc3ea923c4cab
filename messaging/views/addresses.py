"""POST views that bar one address of a customer, and open it again."""

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.models import Customer
from crm.rules.choices import AddressKind
from messaging.services import address_stops
from web import responses
from web.errors import DomainError

# In the place of the id of a second address.
CHIEF = 0


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def stop(request: HttpRequest, pk: int, address: int) -> HttpResponse:
    """Nothing goes to this address; the other ones of the person stay as they are."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    email = _email(customer, address)
    address_stops.stop(customer, email=email, now=timezone.now())
    undo_url = reverse("messaging:address-allow", args=[pk, address])
    responses.add_message(request, _("Nothing goes to it any more."), undo_url)
    return redirect(customer)


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def allow(request: HttpRequest, pk: int, address: int) -> HttpResponse:
    """Mail may go to it again, unless the person at it complained."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    email = _email(customer, address)
    try:
        address_stops.allow(customer, email=email, now=timezone.now())
        notices.success(request, _("Mail may go to it again."))
    except DomainError as error:
        responses.add_refusal(request, error)
    return redirect(customer)


def _email(customer: Customer, address: int) -> str:
    if address == CHIEF:
        email = customer.email_norm
    else:
        rows = customer.addresses.filter(kind=AddressKind.EMAIL.value)
        email = get_object_or_404(rows, pk=address).norm
    if not email:
        raise Http404
    return email
