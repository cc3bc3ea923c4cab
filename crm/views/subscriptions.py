"""Contracts of a customer: add one, see its history, and say what happened to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm import selectors
from crm.access import Capability, requires
from crm.forms.subscriptions import DayForm, ReasonForm, SubscriptionForm, TermsForm
from crm.models import Customer, Subscription
from crm.request_context import request_context
from crm.rules.choices import SubscriptionMove, SubscriptionState
from crm.services import subscriptions
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.responses import HtmxRequest


@dataclass(frozen=True)
class Act:
    """Something that happens to a contract in one of the states `when`."""

    label: str | Promise
    hint: str | Promise
    form: type[DayForm]
    service: Callable[..., Subscription]
    when: tuple[SubscriptionState, ...] = (SubscriptionState.ACTIVE,)


ACTS: Mapping[str, Act] = {
    "change": Act(
        gettext_lazy("Change plan or value"),
        gettext_lazy("Earlier months keep the value that they had."),
        TermsForm,
        subscriptions.change,
    ),
    "renew": Act(
        gettext_lazy("Renew"),
        gettext_lazy("They signed for another term, at this plan and value."),
        TermsForm,
        subscriptions.renew,
    ),
    "pause": Act(
        gettext_lazy("Pause"),
        gettext_lazy("It brings nothing from this day until it is resumed."),
        ReasonForm,
        subscriptions.pause,
    ),
    "resume": Act(
        gettext_lazy("Resume"),
        gettext_lazy("It brings its value again from this day on."),
        DayForm,
        subscriptions.resume,
        (SubscriptionState.PAUSED, SubscriptionState.CANCELLED),
    ),
    "cancel": Act(
        gettext_lazy("Cancel"),
        gettext_lazy("The first day without the contract; it may lie ahead."),
        ReasonForm,
        subscriptions.cancel,
        (SubscriptionState.ACTIVE, SubscriptionState.PAUSED),
    ),
}

WORDS: Mapping[str, str | Promise] = {
    SubscriptionMove.STARTED: gettext_lazy("Started"),
    SubscriptionMove.RENEWED: gettext_lazy("Renewed"),
    SubscriptionMove.CHANGED: gettext_lazy("Changed"),
    SubscriptionMove.PAUSED: gettext_lazy("Paused"),
    SubscriptionMove.RESUMED: gettext_lazy("Resumed"),
    SubscriptionMove.CANCELLED: gettext_lazy("Cancelled"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def subscription_create(request: HtmxRequest, pk: int) -> HttpResponse:
    """One more contract of this customer."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    context = request_context(request)
    today = context.business.day(context.now)
    form = SubscriptionForm(
        request.POST if request.method == "POST" else None,
        initial={"currency": context.business.currency, "started_on": today},
    )
    if form.is_valid():
        try:
            row, _new = subscriptions.start(
                customer=customer, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("The contract was added."))
            return responses.see_other(_url(row))
    return _page(request, "crm/subscription_create.html", form=form, customer=customer)


@require_safe
@requires(Capability.SEE_CUSTOMERS)
def subscription(request: HtmxRequest, pk: int, subscription: int) -> HttpResponse:
    """A contract and all that happened to it, the newest first."""
    row = _row(pk, subscription)
    may_edit = request_context(request).edits_customers
    offered = {
        name: act.label
        for name, act in ACTS.items()
        if may_edit and SubscriptionState(row.state) in act.when
    }
    return _page(
        request,
        "crm/subscription.html",
        subscription=row,
        customer=row.customer,
        changes=_history(row),
        acts=offered,
        today=selectors.business().day(timezone.now()),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def subscription_act(
    request: HtmxRequest, pk: int, subscription: int, act: str
) -> HttpResponse:
    """Say what happened to it, and on which day."""
    row = _row(pk, subscription)
    if act not in ACTS:
        raise Http404
    chosen = ACTS[act]
    form = chosen.form(
        request.POST if request.method == "POST" else None, initial=_initial(row)
    )
    if form.is_valid():
        try:
            chosen.service(row, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            row.refresh_from_db()
            add_to_form(form, error)
            responses.with_values(form, version=str(row.version))
        else:
            responses.add_message(request, _("Saved."))
            return responses.see_other(_url(row))
    return _page(
        request,
        "crm/subscription_act.html",
        form=form,
        act=chosen,
        subscription=row,
        customer=row.customer,
    )


def _history(row: Subscription) -> list[dict[str, Any]]:
    """What the table shows of each change."""
    return [
        {
            "happened_on": change.happened_on,
            "word": WORDS[change.kind],
            "plan": change.plan,
            "value": change.value,
            "reason": change.reason,
        }
        for change in row.changes.order_by("-happened_on", "-pk")
    ]


def _initial(row: Subscription) -> dict[str, Any]:
    today = selectors.business().day(timezone.now())
    return {
        "plan": row.plan,
        "value": row.value,
        "version": row.version,
        "on": max(today, subscriptions.last_day(row)),
    }


def _row(pk: int, subscription: int) -> Subscription:
    rows = Subscription.objects.select_related("customer")
    live = Customer.objects.live().filter(pk=pk)
    return get_object_or_404(rows, pk=subscription, customer__in=live)


def _url(row: Subscription) -> str:
    return reverse("crm:subscription", args=[row.customer_id, row.pk])


def _page(
    request: HtmxRequest,
    template: str,
    form: forms.Form | None = None,
    **context: Any,
) -> HttpResponse:
    status = responses.UNPROCESSABLE if form and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
