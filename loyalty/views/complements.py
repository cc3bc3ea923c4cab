"""Settings: what goes with what. Found by counting, chosen or hidden by staff."""

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

from crm.access import Capability, requires
from crm.models import Product
from loyalty.forms.complements import ACTIONS, ChooseForm
from loyalty.models import Complement, Reward
from loyalty.rules import complements as rules
from loyalty.selectors import complements as selectors
from loyalty.services import complements as service
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.numbers import whole_number

_LONGEST_SEARCH = 60


@require_safe
@requires(Capability.EDIT_AUTOMATIONS)
def complement_list(request: HttpRequest) -> HttpResponse:
    """Products of which something is known; `q`: those that begin so."""
    q = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    context = {
        "q": q,
        "products": selectors.products(q),
        "most": selectors.SHOWN,
        "round": selectors.last_round(),
        "fewest": rules.FEWEST_CUSTOMERS,
        "largest": rules.LARGEST_BASKET,
    }
    return render(request, "loyalty/complement_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_AUTOMATIONS)
def complements(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes with one product; POST: something else that staff choose."""
    product = get_object_or_404(Product, pk=pk)
    form = ChooseForm(request.POST) if request.method == "POST" else ChooseForm()
    if form.is_valid() and (chosen := form.product(product)):
        try:
            service.choose(product, chosen, now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("It is suggested first now."))
            return responses.see_other(_url(pk))
    context = {
        "product": product,
        "form": form,
        "rows": selectors.complements_of(product),
        "samples": Reward.objects.filter(is_offer=False, archived_at=None),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/complements.html", context, status=status)


@require_POST
@requires(Capability.EDIT_AUTOMATIONS)
def complement_set(request: HttpRequest, pk: int) -> HttpResponse:
    """`to`: choose, hide, leave to the count, or the sample that goes with it. Named,
    so that twice is once."""
    row = get_object_or_404(
        Complement.objects.select_related("product", "goes_with"), pk=pk
    )
    to, now = request.POST.get("to", ""), timezone.now()
    if to == "choose":
        service.choose(row.product, row.goes_with, now=now)
    elif to == "sample":
        wanted = whole_number(request.POST.get("sample", "")) or 0
        service.give_sample(row, _sample(wanted), now=now)
    elif to in ACTIONS:
        ACTIONS[to](row, now=now)
    else:
        raise Http404
    responses.add_message(request, _("Saved."))
    return responses.see_other(_url(row.product_id))


def _sample(pk: int) -> Reward | None:
    """None where none is chosen."""
    if not pk:
        return None
    rows = Reward.objects.filter(is_offer=False, archived_at=None)
    return get_object_or_404(rows, pk=pk)


def _url(pk: int) -> str:
    return reverse("loyalty:complements", args=[pk])
