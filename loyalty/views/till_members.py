"""The till for members: find somebody, give a stamp or points, take a reward, undo."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
)

from crm import people_search
from crm.access import Capability, requires
from crm.models import Customer, User
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import member_page, member_words
from loyalty.choices import SpendState, Unit
from loyalty.forms.members import BookForm, FindForm
from loyalty.models import Entry, Membership, ProgrammeReward, Spending
from loyalty.selectors import programmes as selectors
from loyalty.services import member_links
from loyalty.services.grants import new_key
from loyalty.services.programmes import (
    booking,
    deeds,
    joining,
    spending,
    undoing,
)
from messaging.errors import LinkGone
from web import formats, responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.numbers import whole_number

_GIVES = {Unit.STAMPS.value: (1, 2), Unit.POINTS.value: (10, 50)}


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
        return responses.see_other(_url(found[0].pk))
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
    return _never_kept(render(request, "loyalty/till_find.html", shown, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REDEEM_CODES)
def till_member(request: HttpRequest, pk: int) -> HttpResponse:
    """What they have, and what can be done at the till; a POST makes them a member."""
    request_context(request)
    person = get_object_or_404(Customer.objects.live(), pk=pk)
    if request.method != "POST":
        return _member_page(request, person, BookForm())
    wanted = whole_number(request.POST.get("programme", "")) or 0
    row = get_object_or_404(selectors.to_begin(person), pk=wanted)
    return _act(
        request,
        person.pk,
        lambda: joining.begin(row, person, now=timezone.now()),
        _("They take part now."),
    )


def _member_page(
    request: HttpRequest, person: Customer, form: BookForm, row: int | None = None
) -> HttpResponse:
    """`form` holds what was typed for the membership `row`."""
    context = request_context(request)
    role = staff_of(request).role
    parts = member_page.parts(
        person, language=get_language() or "en", today=context.today
    )
    shown = {
        "customer": person,
        "parts": [
            (part, gives, _book_form(part, form, row) if gives else None)
            for part in parts
            if part.member is not None
            for gives in [_gives(part, role)]
        ],
        "codes": member_page.open_codes(person),
        "to_begin": selectors.to_begin(person),
        "once": new_key(),
        "undoable": _undoable(person, request, context.now),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return _never_kept(
        render(request, "loyalty/till_member.html", shown, status=status)
    )


def _book_form(
    part: member_page.Part, typed: BookForm, row: int | None
) -> BookForm | None:
    """None where money earns nothing in it."""
    assert part.member is not None
    if not booking.books_money(part.programme):
        return None
    return typed if part.member.pk == row else _empty(part.member.pk)


def _empty(member: int) -> BookForm:
    return BookForm(auto_id=f"id_{member}_%s")


def _gives(part: member_page.Part, role: str) -> list[tuple[int, str]]:
    """What this role may add by one press, and its words."""
    if not part.programme.hand_limits.filter(role=role).exists():
        return []
    return [
        (amount, member_words.change(part.programme, Decimal(amount)))
        for amount in _GIVES.get(part.programme.unit, ())
    ]


def _undoable(person: Customer, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The last thing of the last minutes that this colleague did here."""
    staff = staff_of(request)
    since = now - spending.UNDO_FOR
    spent = Spending.objects.filter(
        membership__customer=person, user=staff, made_at__gt=since
    ).exclude(state=SpendState.RELEASED.value)
    given = (
        _given(staff, since).filter(membership__customer=person, undone_by=None).first()
    )
    return {
        "spent": spent.select_related("grant__reward").order_by("-pk").first(),
        "given": given,
        "given_words": given
        and member_words.change(given.membership.programme, undoing.amount_of(given)),
    }


def _given(staff: User, since: datetime) -> QuerySet[Entry]:
    """What a colleague added at the till, the latest first."""
    at_till = Q(source_key__startswith=member_words.BY_PRESS) | Q(
        source_key__startswith=deeds.AT_TILL
    )
    rows = Entry.objects.filter(at_till, by=staff, at__gt=since, amount__gt=0)
    rows = rows.filter(undoes=None)
    return rows.select_related("membership__programme").order_by("-pk")


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
    allowed = {str(one) for one in _GIVES.get(row.programme.unit, ())}
    if amount in allowed:
        once = f"till:{request.POST.get('once', '')[:60] or new_key()}"
        return _act(
            request,
            row.customer_id,
            lambda: deeds.adjust(
                row, Decimal(amount), reason=_("At the till"), once=once,
                staff=staff_of(request), now=timezone.now(),
            ),
            _("Done."),
        )  # fmt: skip
    return responses.see_other(_url(row.customer_id))


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
            return responses.see_other(_url(row.customer_id))
    return _member_page(request, row.customer, form, row.pk)


@require_POST
@requires(Capability.REDEEM_CODES)
def till_take(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: they take this reward now."""
    row = get_object_or_404(Membership.objects.select_related("programme"), pk=pk)
    offer = get_object_or_404(
        ProgrammeReward.objects.filter(programme=row.programme_id),
        pk=request.POST.get("offer") if request.POST.get("offer", "").isdigit() else 0,
    )
    key = f"till:{request.POST.get('once', '')[:60] or new_key()}"
    return _act(
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
    return _act(
        request,
        row.membership.customer_id,
        lambda: spending.undo(row, user=staff_of(request), now=timezone.now()),
        _("Undone: it is on the balance again."),
    )


@require_POST
@requires(Capability.REDEEM_CODES)
def till_give_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: it was added by mistake, a moment ago, by this colleague."""
    staff, now = staff_of(request), timezone.now()
    row = get_object_or_404(_given(staff, now - spending.UNDO_FOR), pk=pk)
    return _act(
        request,
        row.membership.customer_id,
        lambda: undoing.undo(row, reason=_("Undone"), staff=staff, now=now),
        _("Undone."),
    )


def _act(request: HttpRequest, customer: int, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said)
    return responses.see_other(_url(customer))


def _url(customer: int) -> str:
    return reverse("loyalty:till-member", args=[customer])


def _never_kept(answer: HttpResponse) -> HttpResponse:
    """What somebody has is nobody's business on the screen of yesterday."""
    answer["Cache-Control"] = "no-store"
    return answer
