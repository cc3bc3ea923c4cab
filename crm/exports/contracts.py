"""Contracts: one line for each thing that happened to one, with the columns of the
import, so that the file comes back as it was."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cells, Dataset, Filters, register
from crm.models import SubscriptionChange
from crm.rules.choices import SubscriptionMove
from web.rules import money


def _changes(filters: Filters) -> "QuerySet[SubscriptionChange]":
    rows = SubscriptionChange.objects.filter(customer__erased_at=None)
    return rows.select_related("subscription", "customer")


def _change_cells(changes: Sequence[SubscriptionChange]) -> Cells:
    for change in changes:
        contract = change.subscription
        is_end = change.kind == SubscriptionMove.CANCELLED
        yield {
            "subscription_id": contract.external_id,
            "customer_id": change.customer.external_id,
            "source": contract.source,
            "happened": change.kind,
            "plan": change.plan,
            "currency": contract.currency,
            "started_on": contract.started_on,
            "value": money.unmistakable(
                money.round_money(change.value, contract.currency)
            ),
            "changed_on": None if is_end else change.happened_on,
            "cancelled_on": change.happened_on if is_end else None,
            "reason": change.reason,
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
