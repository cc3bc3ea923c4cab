"""Members of programmes, and one membership: what they have, and put right by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import people_search
from crm.access import Capability, requires
from crm.request_context import request_context
from crm.rules.customer_search import MOST_TYPED
from crm.staff import staff_of
from loyalty import member_words
from loyalty.choices import EarnEvent
from loyalty.forms.members import AdjustForm
from loyalty.models import Membership, Programme, Rule
from loyalty.selectors import programmes as selectors
from loyalty.selectors.programmes import is_on
from loyalty.selectors.steps import steps
from loyalty.services import member_links
from loyalty.services.grants import new_key
from loyalty.services.programmes import manual_entries
from loyalty.services.programmes import steps as steps_service
from loyalty.sql import members as members_sql
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.paging import read_id, read_place, write_place
from web.rules.numbers import whole_number

SIZE = 50


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def member_list(request: HttpRequest) -> HttpResponse:
    """Who takes part in a programme, highest balance first; `?find=` those found."""
    context = request_context(request)
    programmes = list(Programme.objects.filter(archived_at=None))
    wanted = whole_number(request.GET.get("programme", ""))
    chosen = next((row for row in programmes if row.pk == wanted), None)
    chosen = chosen or next(iter(programmes), None)
    rows: list[Membership] = []
    typed = request.GET.get("find", "").strip()[:MOST_TYPED]
    if chosen is not None:
        rows = _rows(request, chosen, typed)
    last = rows[SIZE - 1] if len(rows) > SIZE and not typed else None
    older = ""
    if chosen is not None and last is not None:
        place = write_place(last.balance, last.pk)
        older = f"?programme={chosen.pk}&after={place}"
    shown = {
        "programmes": programmes,
        "chosen": chosen,
        "rows": _lines(chosen, rows[:SIZE], context.today) if chosen else [],
        "older_url": older,
        "q": typed,
        "is_cut": bool(typed) and len(rows) > SIZE,
    }
    return render(request, "loyalty/member_list.html", shown)


def _lines(
    chosen: Programme, rows: list[Membership], today: date
) -> list[tuple[Membership, str, date | None, str]]:
    """Each with its balance, and what of it runs out next and when."""
    expiring = selectors.next_expiries(chosen, rows, today=today)
    lines = []
    for row in rows:
        balance, one = member_words.units(chosen, row.balance), expiring.get(row.pk)
        runs_out = member_words.units(chosen, one.units) if one else ""
        lines.append((row, balance, one.on if one else None, runs_out))
    return lines


def _rows(request: HttpRequest, chosen: Programme, typed: str) -> list[Membership]:
    """One more than a page shows; all that a search found are on one page."""
    people = people_search.select(typed, now=timezone.now()) if typed else None
    if people is not None:
        ids = members_sql.found(chosen.pk, people, most=SIZE + 1)
        there = Membership.objects.select_related("customer").in_bulk(ids)
        return [there[pk] for pk in ids if pk in there]
    after = read_place(request.GET.get("after", ""), Decimal, int)
    return selectors.members(chosen, after=after, most=SIZE + 1)


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def membership(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody has in a programme and how they came by it."""
    return _page(request, _found(pk), AdjustForm(initial={"once": new_key()}))


@require_POST
@requires(Capability.GIVE_REWARDS)
def membership_adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: add or take by hand, with a reason, within the limit of the role."""
    row, form = _found(pk), AdjustForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            manual_entries.adjust(
                row,
                given["amount"],
                reason=given["reason"],
                once=given["once"] or new_key(),
                staff=staff_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("The balance is put right."))
            return responses.see_other(reverse("loyalty:membership", args=[pk]))
    return _page(request, row, form)


@require_POST
@requires(Capability.GIVE_REWARDS)
def membership_step(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: a first step is done, or `to=undone` was ticked off by mistake: named, not
    toggled, so that twice is once."""
    row = _found(pk)
    wanted = whole_number(request.POST.get("rule", "")) or 0
    rules = Rule.objects.filter(programme=row.programme, event=EarnEvent.STEP.value)
    rule = get_object_or_404(rules, pk=wanted)
    staff, now = staff_of(request), timezone.now()
    try:
        if request.POST.get("to") == "undone":
            steps_service.undo(rule, row.customer, staff=staff, now=now)
            said = _("It is not done, and what it brought is taken again.")
        else:
            manual_entries.tick(rule, row.customer, by=staff, now=now)
            said = _("It is done.")
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said)
    return responses.back(request, reverse("loyalty:membership", args=[pk]))


def _found(pk: int) -> Membership:
    rows = Membership.objects.select_related("programme", "customer")
    return get_object_or_404(rows, pk=pk, customer__erased_at=None)


def _page(request: HttpRequest, row: Membership, form: AdjustForm) -> HttpResponse:
    context = request_context(request)
    standing = selectors.standing(row, today=context.today)
    before = read_id(request.GET.get("before", ""))
    entries = selectors.ledger(row, before=before, most=SIZE + 1)
    shown: dict[str, Any] = {
        "member": row,
        "standing": standing,
        "balance": member_words.units(row.programme, standing.balance),
        "spendable": member_words.units(row.programme, standing.spendable),
        "notes": member_words.notes(row.programme, standing),
        "entries": [
            (
                one,
                member_words.happened(one.kind, one.source_key),
                member_words.change(row.programme, one.amount),
            )
            for one in entries[:SIZE]
        ],
        "older_url": f"?before={entries[SIZE - 1].pk}" if len(entries) > SIZE else "",
        "steps": [
            (
                step,
                step.version.rule.name,
                member_words.units(row.programme, step.version.units),
            )
            for step in steps([row], today=context.today)[row.pk]
        ],
        "may_give": context.can(Capability.GIVE_REWARDS)
        and is_on(row.programme, context.today),
        "own_url": f"/m/{member_links.token_of(row.customer_id)}/",
        "may_adjust": context.can(Capability.GIVE_REWARDS)
        and row.programme.hand_limits.filter(role=staff_of(request).role).exists(),
        "form": form,
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/membership.html", shown, status=status)
