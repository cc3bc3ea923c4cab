"""Contracts as a table of the exports: one line for each start and change, with the
columns of the import, so that the file comes back with its history of values."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Dataset, Filters
from crm.models import SubscriptionChange
from crm.rules.choices import SubscriptionMove
from web.rules import money


def _changes(filters: Filters) -> "QuerySet[SubscriptionChange]":
    rows = SubscriptionChange.objects.filter(customer__erased_at=None)
    return rows.select_related("subscription", "customer")


def _cells(changes: Sequence[SubscriptionChange]) -> Iterable[dict[str, Cell]]:
    for change in changes:
        contract = change.subscription
        is_end = change.kind == SubscriptionMove.CANCELLED
        yield {
            "subscription_id": contract.external_id,
            "customer_id": change.customer.external_id,
            "source": contract.source,
            "happened": change.kind,
            "plan": change.plan,
            "value": money.round_money(contract.value, contract.currency)
            if is_end
            else money.round_money(change.value, contract.currency),
            "currency": contract.currency,
            "started_on": contract.started_on,
            "changed_on": None if is_end else change.happened_on,
            "cancelled_on": change.happened_on if is_end else None,
            "reason": change.reason,
        }


SUBSCRIPTIONS = Dataset(
    name="contracts",
    label=_("Contracts"),
    order=25,
    columns=(
        *("subscription_id", "customer_id", "source", "happened", "plan", "value"),
        *("currency", "started_on", "changed_on", "cancelled_on", "reason"),
    ),
    rows=_changes,
    cells=_cells,
)
