"""The import of contracts."""

from datetime import date

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm.errors import FileUnusable
from crm.services.imports.importer import Given, Importer, ids_of
from crm.services.imports.loading import Loader
from crm.services.imports.modes import refuse_modes_of_customers
from crm.services.imports.running import Check, Options
from crm.services.imports.subscription_loading import SubscriptionLoader
from crm.services.imports.subscriptions import (
    FIELDS,
    SubscriptionCheck,
    SubscriptionSettings,
)
from crm.sql import history_import


def _refuse(options: Options) -> None:
    refuse_modes_of_customers(options)
    try:
        date.fromisoformat(options.as_of or "2026-01-01")
    except ValueError:
        raise FileUnusable("The day of the file is a day like 2026-11-21.") from None


def _check(given: Given) -> Check:
    options, today = given.options, given.business.day(given.now)
    known = SubscriptionSettings(
        today=today,
        as_of=date.fromisoformat(options.as_of) if options.as_of else today,
        currency=options.defaults.get("currency") or given.business.currency,
        customers=ids_of(history_import.customers(options.source)),
        cells=options.cells,
    )
    return SubscriptionCheck(given.parts, known)


def _loader(given: Given) -> Loader:
    return SubscriptionLoader(
        source=given.options.source,
        now=given.now,
        today=given.business.day(given.now),
        zone=given.business.zone_name,
        is_history="happened" in given.parts.positions,
    )


_LABELS = {
    "customer_id": _("Customer: number"),
    "subscription_id": _("Number of the contract"),
    "happened": _("What happened"),
    "plan": _("Plan"),
    "value": _("Value a month"),
    "currency": _("Currency"),
    "started_on": _("Started on"),
    "months": _("Months so far"),
    "changed_on": _("Plan and value since"),
    "cancelled_on": _("First day without it"),
    "is_cancelled": _("Cancelled: yes or no"),
    "reason": _("Reason"),
}

SUBSCRIPTIONS = Importer(
    "subscriptions",
    _("Contracts"),
    lambda: FIELDS,
    _check,
    _loader,
    refuse=_refuse,
    labels=_LABELS,
    can_be_undone=True,
    signs=frozenset({"customer_id", "plan", "value", "started_on"}),
    page=reverse_lazy("admin:crm_subscription_changelist"),
    page_label=_("See the contracts"),
)
