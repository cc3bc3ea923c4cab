"""Follow-ups that are still to be done: the list, a new one, who and when."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from crm.access import Capability, requires
from crm.forms import FollowUpForm, PlanForm
from crm.models import Customer, FollowUp, User
from crm.services import follow_ups
from crm.services.follow_ups import OWED
from crm.staff import staff_of, today_of_reader, zone_of_reader
from web import paging, responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.form_fields import once_key
from web.responses import HtmxRequest

PAGE = 50


# --- The list ------------------------------------------------------------------------


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def follow_up_list(request: HtmxRequest) -> HttpResponse:
    """The open ones, one's own or those of the team, the longest due first."""
    tab = "team" if request.GET.get("tab") == "team" else "mine"
    page = paging.page(
        _owed(staff_of(request), tab),
        by="due_on",
        size=PAGE,
        newer=request.GET.get("after", ""),
        oldest_first=True,
    )
    context = {
        "tab": tab,
        "customer_list_url": resolve_url(settings.CUSTOMER_LIST_PAGE),
        "rows": page.rows,
        "later": page.newer,
        "is_first": not request.GET.get("after"),
        "today": today_of_reader(request),
        "now": timezone.now(),
        "can_log": staff_of(request).can(Capability.LOG_CONTACT),
        "sees_notes": staff_of(request).can(Capability.SEE_NOTES),
    }
    name = "crm/_follow_ups.html" if request.htmx else "crm/follow_up_list.html"
    return render(request, name, context)


def _owed(user: User, tab: str) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(state__in=OWED).select_related(
        "customer", "assignee"
    )
    if tab == "mine":
        rows = rows.filter(Q(assignee=user) | Q(assignee=None))
    return rows


# --- Open one ------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.LOG_CONTACT)
def follow_up_create(request: HtmxRequest, pk: int) -> HttpResponse:
    """GET: an empty form for this customer. POST: plan it."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    today = today_of_reader(request)
    form = FollowUpForm(
        request.POST if request.method == "POST" else None,
        today=today,
        initial={
            "due_on": today + timedelta(days=1),
            "assignee": staff_of(request),
        },
    )
    if form.is_valid() and _open(request, customer, form):
        responses.add_message(request, _("Follow-up saved."))
        return responses.see_other(customer.get_absolute_url())
    name = "crm/_follow_up_form.html" if request.htmx else "crm/follow_up_create.html"
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "customer": customer}
    answer = render(request, name, context, status=status)
    if form.errors:
        # The form itself, not the list that a saved follow-up would change.
        answer["HX-Retarget"], answer["HX-Reswap"] = "#side-form", "innerHTML"
    return answer


def _open(request: HtmxRequest, customer: Customer, form: FollowUpForm) -> bool:
    data = form.cleaned_data
    try:
        follow_ups.open_follow_up(
            customer_id=customer.pk,
            why=data["why"],
            due_on=data["due_on"],
            due_at=_due_at(request, form),
            assignee=data["assignee"],
            is_urgent=data["is_urgent"],
            source_key=once_key(
                data | {"customer": customer.pk},
                over=FollowUp.objects.exclude(state__in=OWED),
            ),
            now=timezone.now(),
        )
    except DomainError as error:
        add_to_form(form, error)
        return False
    return True


def _due_at(request: HtmxRequest, form: PlanForm) -> datetime | None:
    clock = form.cleaned_data["due_time"]
    if clock is None:
        return None
    day = form.cleaned_data["due_on"]
    return datetime.combine(day, clock, tzinfo=zone_of_reader(request))


# --- One of them: who and when -------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.LOG_CONTACT)
def follow_up(request: HtmxRequest, pk: int) -> HttpResponse:
    """GET: one follow-up with its form. POST: save day, time and assignee."""
    row = row_of(pk)
    local = row.due_at.astimezone(zone_of_reader(request)) if row.due_at else None
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        today=today_of_reader(request),
        initial={
            "due_on": row.due_on,
            "due_time": local.time() if local else None,
            "assignee": row.assignee_id,
        },
    )
    if form.is_valid() and _plan(request, row, form):
        responses.add_message(request, _("Follow-up changed."))
        return responses.back(request, row.customer.get_absolute_url())
    return render(
        request,
        "crm/follow_up.html",
        {"form": form, "follow_up": row, "next": request.GET.get("next", "")},
        status=responses.UNPROCESSABLE if form.errors else 200,
    )


def _plan(request: HtmxRequest, row: FollowUp, form: PlanForm) -> bool:
    now = timezone.now()
    try:
        if "assignee" in form.changed_data:
            follow_ups.assign(row, assignee=form.cleaned_data["assignee"], now=now)
        if {"due_on", "due_time"} & set(form.changed_data):
            day, moment = form.cleaned_data["due_on"], _due_at(request, form)
            follow_ups.snooze(row, due_on=day, due_at=moment, now=now)
    except DomainError as error:
        add_to_form(form, error)
        return False
    return True


def row_of(pk: int) -> FollowUp:
    """Return the follow-up with its customer and assignee. Raises Http404."""
    return get_object_or_404(
        FollowUp.objects.select_related("customer", "assignee"), pk=pk
    )
