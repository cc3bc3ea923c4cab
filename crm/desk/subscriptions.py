"""Contracts on the customer page: a panel, the timeline and the way to a new one."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm.access import Capability
from crm.models import Customer, Subscription, SubscriptionChange
from crm.page_parts import (
    CustomerAction,
    CustomerPanel,
    TimelineEntry,
    TimelineSource,
)
from crm.request_context import RequestContext
from crm.rules.choices import SubscriptionMove
from web.formats import money

_HEADINGS: dict[str, str | Promise] = {
    SubscriptionMove.STARTED: gettext_lazy("Contract started"),
    SubscriptionMove.RENEWED: gettext_lazy("Contract renewed"),
    SubscriptionMove.CHANGED: gettext_lazy("Contract changed"),
    SubscriptionMove.PAUSED: gettext_lazy("Contract paused"),
    SubscriptionMove.RESUMED: gettext_lazy("Contract resumed"),
    SubscriptionMove.CANCELLED: gettext_lazy("Contract cancelled"),
}
_OVER = (SubscriptionMove.PAUSED.value, SubscriptionMove.CANCELLED.value)


def _changes(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = SubscriptionChange.objects.filter(pk__in=moments)
    return {row.pk: _entry(row) for row in rows.select_related("subscription")}


def _entry(row: SubscriptionChange) -> TimelineEntry:
    return TimelineEntry(
        key=f"contract-{row.pk}",
        icon="history",
        heading=str(_HEADINGS[row.kind]),
        at=row.happened_at,
        tail=_tail(row),
        page_url=_url(row.customer_id, row.subscription_id),
    )


def _tail(row: SubscriptionChange) -> str:
    """· Pro · €29.90 a month, or what ended it: · Pro · from 1 Dec on · Price"""
    if row.kind in _OVER:
        day = date_format(row.happened_on, "j M")
        parts = [row.plan, _("from %(day)s on") % {"day": day}, row.reason]
    else:
        amount = money(row.value, row.subscription.currency)
        parts = [row.plan, _("%(amount)s a month") % {"amount": amount}]
    return "· " + " · ".join(part for part in parts if part)


def _url(customer_id: int, subscription_id: int) -> str:
    return reverse("crm:subscription", args=[customer_id, subscription_id])


def _panel(context: RequestContext, customer: Customer) -> list[Subscription] | None:
    """Nothing for shops without contracts."""
    rows = Subscription.objects.filter(customer=customer)
    return list(rows.order_by("cancelled_on", "-started_on", "-pk")) or None


def _create_url(customer: Customer) -> str:
    return reverse("crm:subscription-create", args=[customer.pk])


PARTS = (
    TimelineSource(
        name="contract",
        order=8,
        table="crm_subscriptionchange",
        at=sql.Identifier("happened_at"),
        filter="orders",
        read=_changes,
    ),
    CustomerAction(
        name="contract",
        order=85,
        capability=Capability.EDIT_CUSTOMERS,
        label=gettext_lazy("Add a contract"),
        icon="history",
        url=_create_url,
        in_menu=True,
    ),
    CustomerPanel(
        name="contracts",
        order=28,
        label=gettext_lazy("Contracts"),
        template="crm/_subscriptions.html",
        read=_panel,
    ),
)
