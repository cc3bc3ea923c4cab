"""The page of one member at the till, whatever was done on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.models import Customer, User
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import member_page, member_words
from loyalty.choices import SpendState, Unit
from loyalty.forms.members import BookForm, PayForm
from loyalty.models import Entry, Membership, Spending
from loyalty.selectors import programmes as selectors
from loyalty.services import till_undo
from loyalty.services.grants import new_key
from loyalty.services.programmes import booking, manual_entries, undoing
from loyalty.services.programmes.paying import Share
from web import formats, responses
from web.errors import DomainError

# What one press gives, by unit.
GIVES = {Unit.STAMPS.value: (1, 2), Unit.POINTS.value: (10, 50)}


@dataclass(frozen=True)
class Typed:
    """What was typed for a membership: into which form, and what it was told then."""

    membership: int
    book: BookForm | None = None
    pay: PayForm | None = None
    share: Share | None = None


@dataclass(frozen=True)
class Shown:
    """A programme of theirs: what a press gives, and the forms that there are."""

    part: member_page.Part
    gives: list[tuple[int, str]]
    book: BookForm | None
    pay: PayForm | None
    share: str


def show(
    request: HttpRequest, person: Customer, typed: Typed | None = None
) -> HttpResponse:
    """`typed` is shown again, with what is wrong about it."""
    context = request_context(request)
    role = staff_of(request).role
    parts = member_page.parts(
        person, language=get_language() or "en", today=context.today
    )
    shown = {
        "customer": person,
        "parts": [_shown(one, role, typed) for one in parts if one.member is not None],
        "codes": member_page.open_codes(person),
        "to_begin": selectors.to_begin(person),
        "once": new_key(),
        "undoable": _undoable(person, request, context.now),
    }
    forms = (typed.book, typed.pay) if typed else ()
    is_wrong = any(form is not None and form.errors for form in forms)
    status = responses.UNPROCESSABLE if is_wrong else 200
    return never_kept(render(request, "loyalty/till_member.html", shown, status=status))


def _shown(part: member_page.Part, role: str, typed: Typed | None) -> Shown:
    member, programme = part.member, part.programme
    assert member is not None
    assert part.standing is not None
    if typed is None or typed.membership != member.pk:
        typed = Typed(member.pk)
    gives = _gives(part, role)
    book = pay = None
    if gives and booking.books_money(programme):
        book = typed.book or BookForm(auto_id=f"id_{member.pk}_%s")
    if programme.worth is not None and part.standing.spendable > 0:
        pay = typed.pay or PayForm(auto_id=f"id_{member.pk}_%s")
        pay.ask_in(programme.currency)
    share = _share_words(member, typed.share) if typed.share else ""
    return Shown(part, gives, book, pay, share)


def _share_words(member: Membership, share: Share) -> str:
    """What the units pay of an order, and what is left to pay."""
    programme = member.programme
    if not share.units:
        return _("Nothing of this order can be paid with it.")
    return _("%(units)s pay %(money)s. %(left)s is left to pay.") % {
        "units": member_words.units(programme, share.units),
        "money": formats.money(share.pays, programme.currency),
        "left": formats.money(share.left, programme.currency),
    }


def _gives(part: member_page.Part, role: str) -> list[tuple[int, str]]:
    """What this role may add by one press, and its words."""
    if not part.programme.hand_limits.filter(role=role).exists():
        return []
    return [
        (amount, member_words.change(part.programme, Decimal(amount)))
        for amount in GIVES.get(part.programme.unit, ())
    ]


def _undoable(person: Customer, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The last thing of the last minutes that this colleague may undo here, and whose
    it is where it is not their own."""
    staff = staff_of(request)
    spent = _spent(staff, now).filter(membership__customer=person).first()
    given = given_by(staff, now).filter(membership__customer=person, undone_by=None)
    gave = given.first()
    return {
        "spent": spent,
        "spent_words": spent and _spent_words(spent),
        "spent_by": spent and _name_of(spent.user, staff),
        "given": gave,
        "given_words": gave
        and member_words.change(gave.membership.programme, undoing.amount_of(gave)),
        "given_by": gave and _name_of(gave.by, staff),
    }


def _name_of(user: User | None, staff: User) -> str:
    return "" if user is None or user == staff else user.name


def _spent_words(spent: Spending) -> str:
    """The reward that was taken, or the money that units paid."""
    programme = spent.membership.programme
    if spent.grant is not None or spent.pays is None:
        return _("the reward")
    return _("%(units)s for %(money)s") % {
        "units": member_words.units(programme, spent.units),
        "money": formats.money(spent.pays, programme.currency),
    }


def _spent(staff: User, now: datetime) -> QuerySet[Spending]:
    """What was spent at the till and this colleague may undo, the latest first."""
    rows = Spending.objects.filter(
        user__isnull=False, made_at__gt=now - till_undo.UNDO_FOR
    ).exclude(state=SpendState.RELEASED.value)
    if not staff.can(Capability.UNDO_FOR_OTHERS):
        rows = rows.filter(user=staff)
    rows = rows.select_related("grant", "user", "entry", "membership__programme")
    return rows.order_by("-pk")


def given_by(staff: User, now: datetime) -> QuerySet[Entry]:
    """What was added at the till and this colleague may undo, the latest first."""
    at_till = Q(source_key__startswith=member_words.BY_PRESS) | Q(
        source_key__startswith=manual_entries.AT_TILL
    )
    rows = Entry.objects.filter(at_till, at__gt=now - till_undo.UNDO_FOR, amount__gt=0)
    if not staff.can(Capability.UNDO_FOR_OTHERS):
        rows = rows.filter(by=staff)
    rows = rows.filter(undoes=None)
    return rows.select_related("by", "membership__programme").order_by("-pk")


def act(
    request: HttpRequest, customer: int, do: Callable[[], object], said: str
) -> HttpResponse:
    """Do it, say so or why not, and lead back to the page."""
    try:
        do()
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said)
    return responses.see_other(url(customer))


def url(customer: int) -> str:
    """Of the page."""
    return reverse("loyalty:till-member", args=[customer])


def never_kept(answer: HttpResponse) -> HttpResponse:
    """What a member has must not stay on the screen until the next day."""
    answer["Cache-Control"] = "no-store"
    return answer
