"""The staff page of a campaign: its day, its start and stop, and who says yes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import selectors as crm
from crm.access import Capability, requires
from crm.rules import dates
from crm.staff import staff_of
from loyalty import campaign_words
from loyalty.choices import Answer, CampaignState
from loyalty.forms.campaigns import AnswerForm, DayForm, NatureForm
from loyalty.models import Campaign, CampaignRequest
from loyalty.selectors import campaigns as selectors
from loyalty.services import campaign_limits, campaigns
from web.error_messages import add_to_form, for_error
from web.errors import DomainError
from web.responses import back, see_other
from web.rules.numbers import whole_number

UNPROCESSABLE = 422


@requires(Capability.SEE_AUTOMATIONS)
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign; its forms answer to their own addresses."""
    return _page(request, _found(pk))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def set_day(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: on which day it goes; back to `next` where the calendar asked."""
    row, form = _found(pk), DayForm(request.POST)
    return _saved(
        request,
        row,
        form,
        lambda: campaigns.set_day(row, **form.cleaned_data, now=timezone.now()),
        name="day",
    )


@requires(Capability.CHANGE_SETTINGS)
@require_POST
def set_nature(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: why it is no advertising, or that it is."""
    row, form = _found(pk), NatureForm(request.POST)
    return _saved(
        request,
        row,
        form,
        lambda: campaigns.set_nature(row, **form.cleaned_data, now=timezone.now()),
        name="nature",
    )


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: let it go, or go on."""
    row, more = _found(pk), _how(request)
    return _done(request, row, lambda: campaigns.start(row, **more), _("It is going."))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: nothing more of it leaves."""
    row = _found(pk)
    return _done(
        request,
        row,
        lambda: campaigns.stop(row, now=timezone.now()),
        _("Stopped. What left has left; nothing more goes until you let it go on."),
    )


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: ask managers and owners for a yes, or (`to=back`) no longer."""
    row = _found(pk)
    if request.POST.get("to") == "back":
        staff, now = staff_of(request), timezone.now()
        return _done(
            request,
            row,
            lambda: campaigns.take_back(row, staff=staff, now=now),
            _("Nobody is asked any more."),
        )
    more = _how(request)
    return _done(
        request,
        row,
        lambda: campaigns.ask(row, **more),
        _("Managers and owners see your question on Today."),
    )


@requires(Capability.APPROVE_CAMPAIGNS)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: yes or no to the open question; `request` names which was read."""
    row, form = _found(pk), AnswerForm(request.POST)
    number = whole_number(request.POST.get("request", ""))
    asked = get_object_or_404(CampaignRequest, campaign=row, pk=number)
    is_yes = request.POST.get("to") == "yes"
    return _saved(
        request,
        row,
        form,
        lambda: campaigns.answer(
            asked, is_yes=is_yes, note=form.cleaned_data["note"], **_how(request)
        ),
        name="answer",
    )


def _found(pk: int) -> Campaign:
    rows = Campaign.objects.select_related("automation", "started_by")
    return get_object_or_404(rows, pk=pk)


def _how(request: HttpRequest) -> dict[str, Any]:
    return {
        "staff": staff_of(request),
        "at_once": request.POST.get("at_once") == "1",
        "now": timezone.now(),
    }


def _saved(
    request: HttpRequest,
    row: Campaign,
    form: forms.Form,
    change: Callable[[], object],
    *,
    name: str,
) -> HttpResponse:
    """Apply what a form says; else the page again with its errors."""
    if form.is_valid():
        try:
            change()
        except DomainError as error:
            add_to_form(form, error)
        else:
            notices.success(request, _("Saved."))
            home = reverse("loyalty:campaign", args=[row.pk])
            return back(request, home) if request.POST.get("next") else see_other(home)
    return _page(request, _found(row.pk), **{name: form})


def _done(
    request: HttpRequest, row: Campaign, change: Callable[[], object], message: str
) -> HttpResponse:
    try:
        change()
    except DomainError as error:
        notices.error(request, for_error(error))
    else:
        notices.success(request, message)
    return redirect("loyalty:campaign", pk=row.pk)


def _page(request: HttpRequest, row: Campaign, **bound: forms.Form) -> HttpResponse:
    now, staff = timezone.now(), staff_of(request)
    standing = selectors.standing(row.automation, now=now)
    assert standing is not None
    asked = standing.request
    is_open = asked is not None and asked.answer == Answer.OPEN
    is_mine = is_open and asked is not None and asked.asked_by_id == staff.pk
    context = {
        "campaign": row,
        "automation": row.automation,
        "standing": standing,
        "progress_words": campaign_words.progress(standing.progress),
        "facts": campaign_words.facts(standing.progress),
        "asked": asked,
        "is_open": is_open,
        "is_mine": is_mine,
        "may_edit": staff.can(Capability.EDIT_AUTOMATIONS)
        and row.automation.archived_at is None,
        "may_say_nature": staff.can(Capability.CHANGE_SETTINGS),
        "is_survey": row.automation.kind == campaigns.SURVEY,
        "may_answer": staff.can(Capability.APPROVE_CAMPAIGNS) and not is_mine,
        "needs_yes": campaign_limits.needs_yes(
            row, staff, standing.people, standing.is_more
        ),
        "is_changeable": row.state not in {CampaignState.GOING, CampaignState.OVER},
        "hour_is_past": _hour_is_past(row),
        "day": bound.get("day") or DayForm(initial={"on": row.on}),
        "nature": bound.get("nature")
        or NatureForm(initial={"reason": row.transactional_reason}),
        "answer": bound.get("answer") or AnswerForm(),
        "form": next(iter(bound.values()), None),
        "now": now,
    }
    status = UNPROCESSABLE if bound else 200
    return render(request, "loyalty/campaign.html", context, status=status)


def _hour_is_past(row: Campaign) -> bool:
    """Whether its hour is over today where the shop is."""
    now, business = timezone.now(), crm.business()
    if row.on is None or row.on != business.day(now):
        return False
    zone = dates.zone_of(business.time_zone, "UTC")
    return dates.moment_at(row.on, row.automation.send_hour, zone) <= now
