"""The list of customers, and one customer."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.forms import InteractionForm
from crm.models import Customer
from crm.request_context import RequestContext, request_context
from crm.rules.choices import Channel
from desk.selectors.customer import customer_page
from desk.selectors.customers import customer_page as list_page
from desk.selectors.timeline import timeline
from web.responses import HtmxRequest

GONE = 410
# Parts of the customer page that htmx asks for, by the id it puts them into.
PARTS = {
    "journal": "desk/_journal.html",
    "timeline": "desk/_timeline.html",
    "older": "desk/_timeline_rest.html",
}


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def customer_list(request: HtmxRequest) -> HttpResponse:
    reader = request_context(request)
    page = list_page(reader, request.GET)
    name = "desk/_customers.html" if request.htmx else "desk/customer_list.html"
    return render(request, name, {"page": page, "reader": reader, "now": reader.now})


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def customer(request: HtmxRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Customer.objects.select_related("owner", "merged_into"), pk=pk
    )
    if not found.is_live:
        return render(
            request, "desk/customer_gone.html", {"customer": found}, status=GONE
        )
    reader = request_context(request)
    name = PARTS.get(request.htmx.target or "", "desk/customer.html")
    answer = render(request, name, _context(request, reader, found, name))
    patch_vary_headers(answer, ["HX-Request", "HX-Target"])
    return answer


def _context(
    request: HtmxRequest, reader: RequestContext, found: Customer, name: str
) -> dict[str, object]:
    context: dict[str, object] = {
        "customer": found,
        "reader": reader,
        "now": reader.now,
        "timeline": timeline(
            reader,
            found,
            show=request.GET.get("show", ""),
            older=request.GET.get("older", ""),
        ),
    }
    if name in ("desk/customer.html", "desk/_journal.html"):
        context["page"] = customer_page(reader, found)
        context["form"] = InteractionForm(initial={"channel": _channel(request)})
    return context


def _channel(request: HtmxRequest) -> str:
    wanted = request.GET.get("log", "")
    return wanted if wanted in list(Channel) else Channel.NOTE.value
