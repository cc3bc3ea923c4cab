"""What is known of a person, to read, print and save; and their erasure."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import selectors
from crm.access import Capability, requires
from crm.forms.erasure import ErasureForm
from crm.models import Customer
from crm.personal_page import counts, sections
from crm.request_context import request_context
from crm.services import personal_data
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.responses import HtmxRequest

_JSON = {"ensure_ascii": False, "indent": 2}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EXPORT_PERSONAL_DATA)
def known(request: HtmxRequest, pk: int) -> HttpResponse:
    """How much there is; a POST, which is audited, gives it out to print or to save."""
    customer = _live(pk)
    if request.method == "POST":
        return _handed_out(request, customer)
    taken, left = counts(personal_data.records_of(customer))
    context = {"customer": customer, "counts": [*taken, *left]}
    return render(request, "crm/personal_data.html", context)


def _handed_out(request: HtmxRequest, customer: Customer) -> HttpResponse:
    found = personal_data.export(customer, now=timezone.now())
    if request.POST.get("as") == "json":
        answer = JsonResponse(found, json_dumps_params=_JSON)
        name = f"customer-{customer.pk}.json"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    context = request_context(request)
    with translation.override(customer.language or context.business.language):
        shown = {"customer": customer, "sections": sections(found), "context": context}
        return render(request, "crm/personal_data_print.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ERASE_CUSTOMERS)
def erase(request: HtmxRequest, pk: int) -> HttpResponse:
    """GET: what erasing does, and a question. POST: erase what is known of the
    customer."""
    customer = _live(pk)
    form = ErasureForm(request.POST if request.method == "POST" else None)
    status = responses.UNPROCESSABLE if form.errors else 200
    if form.is_valid():
        try:
            personal_data.erase(customer, now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
            status = error.status
        else:
            words = _("The customer was erased. Orders and scores stay, nameless.")
            responses.add_message(request, words)
            return responses.see_other(resolve_url(settings.CUSTOMER_LIST_PAGE))
    taken, left = counts(personal_data.records_of(customer))
    context = {
        "customer": customer,
        "form": form,
        "taken": taken,
        "left": left,
        "sharing": selectors.sharing_address(customer),
    }
    return render(request, "crm/customer_erase.html", context, status=status)


def _live(pk: int) -> Customer:
    return get_object_or_404(Customer.objects.live(), pk=pk)
