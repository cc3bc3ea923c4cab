"""The till for members: find somebody, give a stamp or points, take a reward, undo."""

from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
)

from crm import people_search
from crm.access import Capability, requires
from crm.models import Customer
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty.forms.members import BookForm, FindForm
from loyalty.models import Membership, ProgrammeReward, Spending
from loyalty.selectors import programmes as selectors
from loyalty.services import member_links
from loyalty.services.grants import new_key
from loyalty.services.programmes import (
    booking,
    joining,
    manual_entries,
    spending,
    undoing,
)
from loyalty.views import till_page
from loyalty.views.till_page import GIVES, Typed, given_by
from messaging.errors import LinkGone
from web import formats, responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REDEEM_CODES)
def till_find(request: HttpRequest) -> HttpResponse:
    """POST looks somebody up and changes nothing: one found is shown at once."""
    request_context(request)
    if request.method != "POST":
        return _found_page(request, FindForm(), [])
    form = FindForm(request.POST)
    if not form.is_valid():
        return _found_page(request, form, [])
    found = _find(form.cleaned_data["q"], timezone.now())
    if len(found) == 1:
        return responses.see_other(till_page.url(found[0].pk))
    return _found_page(request, form, found)


def _find(typed: str, now: datetime) -> list[Customer]:
    """By the text of a square, which is a token, else as the list of customers does."""
    token = typed.rstrip("/").rpartition("/")[2]
    try:
        return [member_links.customer_of(token)]
    except LinkGone:
        return people_search.find(typed, now=now)


def _found_page(
    request: HttpRequest, form: FindForm, found: list[Customer]
) -> HttpResponse:
    is_none = form.is_bound and not form.errors and not found
    shown = {"form": form, "found": found, "is_none": is_none}
    status = responses.UNPROCESSABLE if form.errors or is_none else 200
    return till_page.never_kept(
        render(request, "loyalty/till_find.html", shown, status=status)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REDEEM_CODES)
def till_member(request: HttpRequest, pk: int) -> HttpResponse:
    """What they have, and what can be done at the till; a POST makes them a member."""
    request_context(request)
    person = get_object_or_404(Customer.objects.live(), pk=pk)
    if request.method != "POST":
        return till_page.show(request, person)
    wanted = whole_number(request.POST.get("programme", "")) or 0
    row = get_object_or_404(selectors.to_begin(person), pk=wanted)
    return till_page.act(
        request,
        person.pk,
        lambda: joining.begin(row, person, now=timezone.now()),
        _("They take part now."),
    )


@require_POST
@requires(Capability.REDEEM_CODES)
def till_give(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: add the amount of the button that was pressed, or what the money that was
    paid earns."""
    rows = Membership.objects.select_related("programme", "customer")
    row = get_object_or_404(rows, pk=pk)
    if "paid" in request.POST:
        return _book(request, row)
    amount = request.POST.get("amount", "")
    allowed = {str(one) for one in GIVES.get(row.programme.unit, ())}
    if amount in allowed:
        once = f"till:{request.POST.get('once', '')[:60] or new_key()}"
        return till_page.act(
            request,
            row.customer_id,
            lambda: manual_entries.adjust(
                row, Decimal(amount), reason=_("At the till"), once=once,
                staff=staff_of(request), now=timezone.now(),
            ),
            _("Done."),
        )  # fmt: skip
    return responses.see_other(till_page.url(row.customer_id))


def _book(request: HttpRequest, row: Membership) -> HttpResponse:
    form = BookForm(request.POST, auto_id=f"id_{row.pk}_%s")
    if form.is_valid():
        paid = form.cleaned_data["paid"]
        money = formats.money(paid, row.programme.currency)
        try:
            booking.book(
                row, paid, reason=_("Paid %(money)s") % {"money": money},
                once=request.POST.get("once", "")[:60] or new_key(),
                staff=staff_of(request), now=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Done."))
            return responses.see_other(till_page.url(row.customer_id))
    return till_page.show(request, row.customer, Typed(row.pk, book=form))


@require_POST
@requires(Capability.REDEEM_CODES)
def till_take(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: they take this reward now."""
    row = get_object_or_404(Membership.objects.select_related("programme"), pk=pk)
    offer = get_object_or_404(
        ProgrammeReward.objects.filter(programme=row.programme_id),
        pk=whole_number(request.POST.get("offer", "")) or 0,
    )
    once = f"till:{request.POST.get('once', '')[:60] or new_key()}"
    key = selectors.spending_key(row, once)
    return till_page.act(
        request,
        row.customer_id,
        lambda: spending.take_reward(
            row, offer, key=key, user=staff_of(request), now=timezone.now()
        ),
        _("The reward is theirs."),
    )


@require_POST
@requires(Capability.REDEEM_CODES)
def till_take_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: the reward was taken by mistake, a moment ago."""
    row = get_object_or_404(Spending.objects.select_related("membership"), pk=pk)
    return till_page.act(
        request,
        row.membership.customer_id,
        lambda: spending.undo(row, user=staff_of(request), now=timezone.now()),
        _("Undone: it is on the balance again."),
    )


@require_POST
@requires(Capability.REDEEM_CODES)
def till_give_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it was added by mistake, a moment ago."""
    staff, now = staff_of(request), timezone.now()
    row = get_object_or_404(given_by(staff, now), pk=pk)
    return till_page.act(
        request,
        row.membership.customer_id,
        lambda: undoing.undo(row, reason=_("Undone"), staff=staff, now=now),
        _("Undone."),
    )
