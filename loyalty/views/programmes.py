"""Programmes: the list, and one with its rules, its forecast and its changes."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.models import Customer
from crm.request_context import request_context
from loyalty import member_words, programme_labels, programme_words
from loyalty.choices import WhoTakesPart
from loyalty.forms.programmes import OfferForm, SwitchOnForm
from loyalty.models import Membership, Programme, Rule, RuleVersion
from loyalty.selectors.programme_forecast import Forecast, forecast
from loyalty.selectors.programmes import begins_on, is_on
from web import responses

# Orders of so many days are looked at before a programme is switched on.
DAYS_BACK = 365
MOST_CHANGES = 20


@require_safe
@requires(Capability.SEE_REWARDS)
def programme_list(request: HttpRequest) -> HttpResponse:
    """What runs, what does not, and what can be had ready-made; `?show=archived`: what
    was put away."""
    context = request_context(request)
    archived = request.GET.get("show") == "archived"
    rows = Programme.objects.filter(archived_at__isnull=not archived)
    rows = rows.prefetch_related("periods")
    today = context.today
    shown = {
        "archived": archived,
        "rows": [(row, *_on_or_begins(row, today)) for row in rows],
        # One of each: it is called as it is offered.
        "ready_made": [
            (name, label)
            for name, label in programme_labels.READY_MADE.items()
            if str(label.name) not in {row.name for row in rows}
        ],
        "may_edit": context.can(Capability.EDIT_REWARDS),
    }
    return render(request, "loyalty/programme_list.html", shown)


@require_safe
@requires(Capability.SEE_REWARDS)
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Its rules as sentences; `?forecast=1` what it would have given in a year."""
    row = get_object_or_404(
        Programme.objects.select_related("segment", "left_out"), pk=pk
    )
    return page(request, row, OfferForm(programme=row), SwitchOnForm())


def page(
    request: HttpRequest,
    row: Programme,
    offer: OfferForm,
    switch: SwitchOnForm,
    since: date | None = None,
) -> HttpResponse:
    """The page of one programme, with what was typed into its forms; `since`: from when
    on its forecast counts, a year where nothing is given."""
    context = request_context(request)
    begins = begins_on(row, context.today)
    rows = row.rules.prefetch_related("versions__only_for", "versions__not_for")
    shown = {
        "programme": row,
        "is_on": is_on(row, context.today),
        "begins_on": begins,
        "is_gone": row.archived_at is not None,
        "rules": [
            (one, programme_words.rule(_latest(one)))
            for one in rows
            if one.ended_at is None
        ],
        "ended": [
            (one, programme_words.rule(_latest(one)))
            for one in rows
            if one.ended_at is not None
        ],
        "events": programme_labels.EVENTS.items(),
        "changes": _changes(row),
        "words": row.wording.values(),
        "offer": offer,
        "switch": switch,
        "terms": [
            words
            for words in (
                programme_words.who(row),
                programme_words.worth(row),
                programme_words.spendable(row),
                programme_words.expiry(row),
            )
            if words
        ],
        "offers": [
            (one, member_words.units(row, one.price))
            for one in row.offers.select_related("reward")
        ],
        "members": Membership.objects.filter(programme=row, left_at=None).count(),
        "may_edit": context.can(Capability.EDIT_REWARDS),
        "may_switch_on": context.can(Capability.EDIT_REWARDS)
        and row.archived_at is None
        and not is_on(row, context.today)
        and begins is None
        and bool("forecast" in request.GET or switch.errors),
        "may_see_members": context.can(Capability.SEE_CUSTOMERS),
        "figures_url": resolve_url(settings.PROGRAMME_FIGURES_PAGE, row.pk)
        if context.can(Capability.SEE_INSIGHTS)
        else "",
        **(
            looked_at(request, row, since=since)
            if since is not None or "forecast" in request.GET
            else {"forecast": None}
        ),
    }
    status = responses.UNPROCESSABLE if offer.errors or switch.errors else 200
    return render(request, "loyalty/programme.html", shown, status=status)


def _on_or_begins(row: Programme, today: date) -> tuple[bool, date | None]:
    """Whether it is on; of one that begins on a day ahead that day."""
    for one in row.periods.all():
        if one.until_on is None:
            ahead = one.from_on > today
            return not ahead, one.from_on if ahead else None
    return False, None


def _latest(rule: Rule) -> RuleVersion:
    """Of versions that were prefetched."""
    found = max(rule.versions.all(), key=lambda one: one.number)
    found.rule = rule
    return found


def _changes(row: Programme) -> list[Any]:
    """The last versions with what each changed, the newest first."""
    rows = row.versions.select_related("made_by").order_by("-number")
    found = list(rows[: MOST_CHANGES + 1])
    older = [*found[1:], None]
    return [
        (one, programme_words.changes(before, one))
        for one, before in zip(found, older, strict=True)
    ][:MOST_CHANGES]


def looked_at(
    request: HttpRequest,
    row: Programme,
    draft: RuleVersion | None = None,
    since: date | None = None,
) -> dict[str, Any]:
    """The forecast, with a version that is not stored yet in it."""
    context = request_context(request)
    since = since or context.today - timedelta(days=DAYS_BACK)
    # Of one that begins later the year before tells what it would give.
    begins = since if since > context.today else begins_on(row, context.today)
    if since > context.today:
        since = context.today - timedelta(days=DAYS_BACK)
    found: Forecast = forecast(row, since=since, now=context.now, draft=draft)
    people = Customer.objects.in_bulk([pk for pk, _units in found.first])
    return {
        "forecast": found,
        "units": member_words.units(row, found.units),
        "forecast_begins": begins,
        "if_all_joined": row.takes_part == WhoTakesPart.JOINING.value,
        "first": [
            (people[pk], member_words.units(row, units))
            for pk, units in found.first[:5]
            if pk in people and context.can(Capability.SEE_CUSTOMERS)
        ],
    }


def url_of(row: Programme) -> str:
    """Its page."""
    return reverse("loyalty:programme", args=[row.pk])
