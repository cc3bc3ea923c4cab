"""Settings: where mails lead to order."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from crm.models import Product
from crm.rules.choices import ProductNature
from loyalty.forms.order_links import OrderLinkForm
from loyalty.rules import order_links as rules
from loyalty.services import order_links as service
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError

# A code that has to be quoted shows that it is.
_SAMPLE = [("ETH 1/kg", Decimal(2)), ("FILTER-100", Decimal(1))]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def order_link(request: HttpRequest) -> HttpResponse:
    """The template, and what it makes of products. POST keeps it; with `preview` it
    only shows the links."""
    kept = service.template()
    is_post = request.method == "POST"
    form = OrderLinkForm(request.POST if is_post else None, initial={"template": kept})
    shown = kept
    if form.is_valid():
        typed = form.cleaned_data["template"]
        try:
            shown = rules.checked(typed)
            if "preview" not in request.POST:
                service.set_template(typed, now=timezone.now())
                responses.add_message(request, _("Saved."))
                return responses.see_other(reverse("loyalty:order-link"))
        except DomainError as error:
            add_to_form(form, error)
            shown = ""
    context = {"form": form, "links": _links(shown), "template": shown}
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/order_link.html", context, status=status)


def _links(template: str) -> list[str]:
    """What it makes of two products: each by itself, and both in one basket."""
    if not template:
        return []
    lines = _products() or _SAMPLE
    links = [rules.address(template, [line]) for line in lines]
    if rules.takes_several(template) and len(lines) > 1:
        links.append(rules.address(template, lines))
    return links


def _products() -> list[rules.Line]:
    """Two products of the shop, the second in a larger quantity."""
    found = Product.objects.filter(
        nature=ProductNature.PRODUCT.value, is_available=True
    ).order_by("pk")[:2]
    return [(one.sku, Decimal(number)) for number, one in enumerate(found, start=1)]
