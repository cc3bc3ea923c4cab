"""The list of customers, and one customer."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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
    """The customers that search and filters leave; the rows alone for htmx."""
    context = request_context(request)
    page = list_page(context, request.GET)
    name = "desk/_customers.html" if request.htmx else "desk/customer_list.html"
    may_change = context.can(Capability.CHANGE_MANY)
    found = {"page": page, "may_change": may_change, **_frame(context)}
    return render(request, name, found)


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def customer(request: HtmxRequest, pk: int) -> HttpResponse:
    """The page of one customer, or the part of it that htmx asks for; 410 once erased
    or merged."""
    found = get_object_or_404(
        Customer.objects.select_related("owner", "merged_into"), pk=pk
    )
    if found.merged_into is not None and found.erased_at is None:
        return redirect(found.merged_into)
    if not found.is_live:
        return render(
            request, "desk/customer_gone.html", {"customer": found}, status=GONE
        )
    context = request_context(request)
    name = PARTS.get(request.htmx.target or "", "desk/customer.html")
    answer = render(request, name, _shown(request, context, found, name))
    patch_vary_headers(answer, ["HX-Request", "HX-Target"])
    return answer


def _frame(context: RequestContext) -> dict[str, object]:
    return {"context": context, "now": context.now}


def _shown(
    request: HtmxRequest, context: RequestContext, found: Customer, name: str
) -> dict[str, object]:
    shown: dict[str, object] = {
        **_frame(context),
        "customer": found,
        "timeline": timeline(
            context,
            found,
            show=request.GET.get("show", ""),
            older=request.GET.get("older", ""),
        ),
    }
    if name in ("desk/customer.html", "desk/_journal.html"):
        has_panels = name == "desk/customer.html"
        shown["page"] = customer_page(context, found, with_panels=has_panels)
        shown["form"] = InteractionForm(initial={"channel": _channel(request)})
    return shown


def _channel(request: HtmxRequest) -> str:
    wanted = request.GET.get("log", "")
    return wanted if wanted in list(Channel) else Channel.NOTE.value
