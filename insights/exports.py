"""What insights lets people take along: see crm/datasets.py."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.datasets import Cell, Dataset, Filters, register
from crm.models import Customer
from insights.choices import Basis
from insights.selectors import save_list as selectors
from insights.sql import save_list as sql
from web.composed_sql import subquery


def _slipping(filters: Filters) -> "QuerySet[Customer]":
    business = crm.business()
    basis = filters.get("basis", "")
    asked = selectors.whom(
        Basis(basis) if basis in list(Basis) else Basis.ORDERS,
        today=business.day(timezone.now()),
        currency=filters.get("currency", ""),
        reason=filters.get("reason", ""),
        own=business.currency,
    )
    return Customer.objects.live().filter(pk__in=subquery(sql.ids(asked)))


def _cells(customers: Sequence[Customer]) -> Iterable[dict[str, Cell]]:
    for customer in customers:
        yield {
            "customer_id": customer.external_id,
            "source": customer.source,
            "name": customer.full_name,
            "email": customer.email,
            "phone": customer.phone_text,
            "first_order_on": customer.first_order_on,
            "last_order_on": customer.last_order_on,
        }


register(
    Dataset(
        name="save-list",
        label=_("Save-list"),
        order=80,
        columns=(
            *("customer_id", "source", "name", "email", "phone"),
            *("first_order_on", "last_order_on"),
        ),
        rows=_slipping,
        cells=_cells,
        takes=lambda: {"basis", "currency", "reason"},
    )
)
