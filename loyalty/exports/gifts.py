"""Rewards that were given, and what the team does for them."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.datasets import Cells, Dataset, Filters, address_of, register
from crm.models import User
from loyalty.models import Grant
from loyalty.selectors.gift_desk import Tab, to_do
from web.rules.numbers import whole_number


def _gifts(filters: Filters) -> "QuerySet[Grant]":
    """Of one reward, or as the gift desk narrows them; all without a tab."""
    rows, tab = Grant.objects.all(), filters.get("tab", "")
    if reward := filters.get("reward"):
        rows = rows.filter(reward=whole_number(reward))
    if tab in set(Tab):
        whose = User.objects.filter(
            pk=whole_number(filters.get("whose", "")) or 0
        ).first()
        if whose is None:
            return rows.none()
        today = crm.business().day(timezone.now())
        rows = to_do(Tab(tab), staff=whose, today=today)
    return rows.select_related("customer", "reward", "granted_by", "owner", "ended_by")


def _cells(grants: Sequence[Grant]) -> Cells:
    """Without codes: one that was not used yet is good for whoever reads it."""
    for grant in grants:
        yield {
            "customer_id": grant.customer.external_id,
            "source": grant.customer.source,
            "reward": grant.reward.name,
            "kind": grant.reward.kind,
            "state": grant.state,
            "given_by": grant.source,
            "given_at": grant.granted_at,
            "colleague": address_of(grant.granted_by),
            "reason": grant.reason,
            "cost": grant.cost,
            "currency": grant.currency,
            "good_until": grant.expires_on,
            "due_on": grant.due_on,
            "owner": address_of(grant.owner),
            "note": grant.note,
            "ended_at": grant.ended_at,
            "ended_by": address_of(grant.ended_by),
            "ended_why": grant.ended_why,
        }


register(
    Dataset(
        name="gifts",
        label=_("Rewards given"),
        order=56,
        columns=(
            *("customer_id", "source", "reward", "kind", "state", "given_by"),
            *("given_at", "colleague", "reason", "cost", "currency", "good_until"),
            *("due_on", "owner", "note", "ended_at", "ended_by", "ended_why"),
        ),
        rows=_gifts,
        cells=_cells,
        takes=lambda: {"tab", "whose", "reward"},
    )
)
