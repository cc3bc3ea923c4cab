"""Programmes: the list, ready-made ones, one with its forecast, and on and off."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.models import Customer
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import member_words, programme_labels, programme_words
from loyalty.models import Membership, Programme
from loyalty.selectors.programme_forecast import Forecast, forecast
from loyalty.selectors.programmes import is_on
from loyalty.services.programmes import programmes as service
from loyalty.services.programmes import ready_made
from web import responses
from web.errors import DomainError

# Orders of so many days are looked at before a programme is switched on.
DAYS_BACK = 365


@require_safe
@requires(Capability.SEE_REWARDS)
def programme_list(request: HttpRequest) -> HttpResponse:
    """What runs, what does not, and what can be had ready-made."""
    context = request_context(request)
    rows = Programme.objects.filter(archived_at=None).prefetch_related("periods")
    shown = {
        "rows": [
            (row, any(one.until_on is None for one in row.periods.all()))
            for row in rows
        ],
        # One of each: it is called as it is offered.
        "ready_made": [
            (name, label)
            for name, label in programme_labels.READY_MADE.items()
            if str(label.name) not in {row.name for row in rows}
        ],
        "may_edit": context.can(Capability.EDIT_REWARDS),
    }
    return render(request, "loyalty/programme_list.html", shown)


@require_POST
@requires(Capability.EDIT_REWARDS)
def programme_create(request: HttpRequest) -> HttpResponse:
    """POST: make a ready-made one, switched off; its page shows the forecast."""
    wanted = ready_made.READY_MADE.get(request.POST.get("ready_made", ""))
    here = reverse("loyalty:programme-list")
    if wanted is None:
        return responses.see_other(here)
    try:
        made = ready_made.make(
            wanted,
            name=str(programme_labels.READY_MADE[wanted.name].name),
            reward_name=str(programme_labels.FULL_CARD),
            by=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(here)
    return responses.see_other(f"{_url(made)}?forecast=1")


@require_safe
@requires(Capability.SEE_REWARDS)
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Its rules as sentences; `?forecast=1` what it would have given in a year."""
    context = request_context(request)
    row = get_object_or_404(Programme, pk=pk)
    versions = [
        rule.versions.order_by("-number")[0] for rule in row.rules.filter(ended_at=None)
    ]
    shown = {
        "programme": row,
        "is_on": is_on(row),
        "rules": [programme_words.rule(version) for version in versions],
        "terms": [
            words
            for words in (
                programme_words.worth(row),
                programme_words.spendable(row),
                programme_words.expiry(row),
            )
            if words
        ],
        "offers": [
            (one.reward, member_words.units(row, one.price))
            for one in row.offers.select_related("reward")
        ],
        "members": Membership.objects.filter(programme=row, left_at=None).count(),
        "may_edit": context.can(Capability.EDIT_REWARDS),
        "may_see_members": context.can(Capability.SEE_CUSTOMERS),
        "figures_url": resolve_url(settings.PROGRAMME_FIGURES_PAGE, pk)
        if context.can(Capability.SEE_INSIGHTS)
        else "",
        **_forecast(request, row),
    }
    return render(request, "loyalty/programme.html", shown)


def _forecast(request: HttpRequest, row: Programme) -> dict[str, Any]:
    if "forecast" not in request.GET:
        return {"forecast": None}
    context = request_context(request)
    since = context.today - timedelta(days=DAYS_BACK)
    found: Forecast = forecast(row, since=since, now=context.now)
    people = Customer.objects.in_bulk([pk for pk, _units in found.first])
    return {
        "forecast": found,
        "units": member_words.units(row, found.units),
        "first": [
            (people[pk], member_words.units(row, units))
            for pk, units in found.first[:5]
            if pk in people and context.can(Capability.SEE_CUSTOMERS)
        ],
    }


@require_POST
@requires(Capability.EDIT_REWARDS)
def programme_switch(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """POST: orders from today on earn, or from tomorrow on no longer."""
    row = get_object_or_404(Programme, pk=pk)
    switch = {"on": service.switch_on, "off": service.switch_off}.get(act)
    if switch is None:
        return responses.see_other(_url(row))
    try:
        switch(row, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        said = _("It is on.") if act == "on" else _("It is off.")
        undo = "off" if act == "on" else "on"
        url = reverse("loyalty:programme-switch", args=[pk, undo])
        responses.add_message(request, said, url)
    return responses.see_other(_url(row))


def _url(row: Programme) -> str:
    return reverse("loyalty:programme", args=[row.pk])
