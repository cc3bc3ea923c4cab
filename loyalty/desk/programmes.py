"""Programmes on the pages of the desk: the customer page and the menu."""

from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import CustomerPanel, MenuLine
from crm.request_context import RequestContext
from loyalty import member_words
from loyalty.models import Membership
from loyalty.selectors import programmes as selectors


def _panel(
    context: RequestContext, customer: Customer
) -> list[tuple[Membership, str]] | None:
    rows = selectors.memberships(customer.pk)
    return [
        (row, member_words.units(row.programme, row.balance)) for row in rows
    ] or None


PARTS = (
    MenuLine(
        name="programmes",
        order=72,
        capability=Capability.SEE_REWARDS,
        label=gettext_lazy("Programmes"),
        icon="star",
        url_name="loyalty:programme-list",
        group="bring_back",
    ),
    MenuLine(
        name="members",
        order=77,
        capability=Capability.SEE_CUSTOMERS,
        label=gettext_lazy("Members"),
        icon="people",
        url_name="loyalty:member-list",
        group="bring_back",
    ),
    CustomerPanel(
        name="programmes",
        order=42,
        label=gettext_lazy("Programmes"),
        template="loyalty/_customer_programmes.html",
        read=_panel,
    ),
)
