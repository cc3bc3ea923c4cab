"""What insights lets people take along: see crm/datasets.py."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.datasets import Cell, Dataset, Filters, register
from crm.models import Customer
from insights.selectors import save_list as selectors
from insights.sql import save_list as sql


def _slipping(filters: Filters) -> "QuerySet[Customer]":
    business = crm.business()
    people = sql.ids(
        filters.get("currency") or business.currency,
        business.day(timezone.now()),
        reason=_reason(filters),
    )
    text = people.as_string().replace("%", "%%")
    return Customer.objects.live().filter(pk__in=RawSQL(text, []))  # noqa: S611


def _reason(filters: Filters) -> str:
    reason = filters.get("reason", "")
    return reason if reason in selectors.REASONS else ""


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
        takes=lambda: {"currency", "reason"},
    )
)
