"""Every use of a code."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Dataset, Filters, register
from loyalty.models import Redemption


def _redemptions(filters: Filters) -> "QuerySet[Redemption]":
    rows = Redemption.objects.select_related(
        "code__reward", "code__grant__customer", "user", "token"
    )
    return rows.filter(state=filters["state"]) if filters.get("state") else rows


def _cells(rows: Sequence[Redemption]) -> Iterable[dict[str, Cell]]:
    """Without the codes: one that is free again is good for whoever reads it."""
    for row in rows:
        grant = row.code.grant
        # A code that was kept or used is somebody's.
        assert grant is not None
        yield {
            "customer_id": grant.customer.external_id,
            "source": grant.customer.source,
            "reward": row.code.reward.name,
            "kind": row.code.reward.kind,
            "given_by": grant.source,
            "given_at": grant.granted_at,
            "good_until": grant.expires_on,
            "order_id": row.order_key,
            "state": row.state,
            "made_at": row.made_at,
            "redeemed_at": row.redeemed_at,
            "released_at": row.released_at,
            "via": row.via,
            "by": row.user.email if row.user else "",
            "key": row.token.name if row.token else "",
            "order_total": row.order_total,
            "currency": row.currency,
        }


register(
    Dataset(
        name="redemptions",
        label=_("Codes used"),
        order=57,
        columns=(
            *("customer_id", "source", "reward", "kind", "given_by", "given_at"),
            *("good_until", "order_id", "state", "made_at", "redeemed_at"),
            *("released_at", "via", "by", "key", "order_total", "currency"),
        ),
        rows=_redemptions,
        cells=_cells,
        takes=lambda: {"state"},
    )
)
