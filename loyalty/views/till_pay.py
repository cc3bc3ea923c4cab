"""The till: points pay a share of an order. First what they would pay is told; the same
form, sent again, spends them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import member_words
from loyalty.errors import ShareTooLarge
from loyalty.forms.members import PayForm
from loyalty.models import Membership, Spending
from loyalty.rules.codes import NO_RECEIPT
from loyalty.selectors import programmes as selectors
from loyalty.services.grants import new_key
from loyalty.services.programmes import paying, spending
from loyalty.services.programmes.spending import Wanted
from loyalty.views import till_page
from loyalty.views.till_page import Typed
from web import formats, responses
from web.error_messages import add_to_form, for_error
from web.errors import DomainError


@require_POST
@requires(Capability.REDEEM_CODES)
def till_pay(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: pay so much of the order that was typed; without how many, only what they
    would pay is told, and nothing is changed."""
    request_context(request)
    rows = Membership.objects.select_related("programme", "customer")
    row = get_object_or_404(rows, pk=pk)
    form = PayForm(request.POST, auto_id=f"id_{row.pk}_%s")
    if not form.is_valid():
        return till_page.show(request, row.customer, Typed(row.pk, pay=form))
    if form.cleaned_data["units"] is None:
        return _told(request, row, form)
    try:
        spent = _paid(request, row, form)
    except ShareTooLarge as error:
        form.add_error("units", for_error(error))
    except DomainError as error:
        add_to_form(form, error)
    else:
        responses.add_message(request, _said(spent))
        return responses.see_other(till_page.url(row.customer_id))
    return _told(request, row, form)


def _told(request: HttpRequest, row: Membership, form: PayForm) -> HttpResponse:
    """What they would pay at most, with that number to press on or to lower."""
    today = request_context(request).today
    share = paying.most(
        row,
        form.cleaned_data["total"],
        order=form.cleaned_data["receipt"],
        spendable=selectors.standing(row, today=today).spendable,
    )
    form.suggest(share.units)
    return till_page.show(request, row.customer, Typed(row.pk, pay=form, share=share))


def _paid(request: HttpRequest, row: Membership, form: PayForm) -> Spending:
    given = form.cleaned_data
    key = selectors.spending_key(row, f"{NO_RECEIPT}{given['once'] or new_key()}")
    wanted = Wanted(
        amount=given["units"],
        key=key,
        # Without a receipt it is a key of this one order.
        order=given["receipt"] or key,
        total=given["total"],
        user=staff_of(request),
    )
    return spending.spend(row, wanted, now=timezone.now())


def _said(spent: Spending) -> str:
    programme = spent.membership.programme
    money = formats.money(spent.pays or 0, programme.currency)
    units = member_words.units(programme, spent.units)
    return _("%(units)s paid %(money)s.") % {"units": units, "money": money}
