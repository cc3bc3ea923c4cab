"""Ways to merge a customer and to the duplicates; what was merged, with its undo."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.models import Customer, CustomerMerge
from crm.page_parts import CustomerAction, CustomerPanel, MenuLine
from crm.request_context import RequestContext
from crm.services import merging


def _merge_url(customer: Customer) -> str:
    return reverse("crm:customer-merge", args=[customer.pk])


def _merges(context: RequestContext, customer: Customer) -> list[CustomerMerge] | None:
    return merging.undoable(customer, now=context.now) or None


PARTS = (
    CustomerAction(
        name="merge",
        order=93,
        capability=Capability.MERGE_CUSTOMERS,
        label=gettext_lazy("Merge with…"),
        icon="people",
        url=_merge_url,
        in_menu=True,
    ),
    CustomerPanel(
        name="merges",
        order=90,
        capability=Capability.MERGE_CUSTOMERS,
        label=gettext_lazy("Merged into this record"),
        template="crm/_merges.html",
        read=_merges,
    ),
    MenuLine(
        name="duplicates",
        order=26,
        capability=Capability.MERGE_CUSTOMERS,
        label=gettext_lazy("Duplicates"),
        icon="copy",
        url_name="crm:duplicate-list",
        group="work",
    ),
)
