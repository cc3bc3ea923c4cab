"""Contracts: one line for each start and change, with the columns of the import, so
that the file comes back with its history of values."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Cells, Dataset, Filters, register
from crm.models import SubscriptionChange
from crm.rules.choices import SubscriptionMove, SubscriptionState
from web.rules import money


def _changes(filters: Filters) -> "QuerySet[SubscriptionChange]":
    rows = SubscriptionChange.objects.filter(customer__erased_at=None)
    return rows.select_related("subscription", "customer")


def _change_cells(changes: Sequence[SubscriptionChange]) -> Cells:
    for change in changes:
        contract = change.subscription
        yield {
            "subscription_id": contract.external_id,
            "customer_id": change.customer.external_id,
            "source": contract.source,
            "happened": change.kind,
            "plan": change.plan,
            "currency": contract.currency,
            "started_on": contract.started_on,
            **_value_and_days(change),
            "reason": change.reason,
        }


def _value_and_days(change: SubscriptionChange) -> dict[str, Cell]:
    """What it brings a month from this day on. An end that was taken back later, or
    moved, is a time without value."""
    contract = change.subscription
    is_end = (
        change.kind == SubscriptionMove.CANCELLED
        and contract.state == SubscriptionState.CANCELLED
        and contract.cancelled_on == change.happened_on
    )
    value: Decimal = contract.value if is_end else change.value
    return {
        "value": money.unmistakable(money.round_money(value, contract.currency)),
        "changed_on": None if is_end else change.happened_on,
        "cancelled_on": change.happened_on if is_end else None,
    }


register(
    Dataset(
        name="contracts",
        label=_("Contracts"),
        order=24,
        columns=(
            *("subscription_id", "customer_id", "source", "happened", "plan", "value"),
            *("currency", "started_on", "changed_on", "cancelled_on", "reason"),
        ),
        rows=_changes,
        cells=_change_cells,
        split_by="subscription__source",
    )
)
