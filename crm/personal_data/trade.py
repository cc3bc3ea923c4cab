"""Rows of what somebody bought and gave back, and of their contracts."""

from django.utils.translation import gettext_lazy as _

from crm.models import (
    Order,
    OrderLine,
    OrderSum,
    ReturnChoice,
    ReturnMatch,
    StaleReturn,
    Subscription,
    SubscriptionChange,
    UnmatchedReturn,
)
from crm.personal_rows import Merged, PersonalRows

TRADE = (
    # Orders stay whole, with the numbers that the accounts have: they name no person.
    PersonalRows(
        name="orders",
        model=Order,
        label=_("Orders"),
        exported={
            "number": _("Number"),
            "nature": _("Nature"),
            "state": _("State"),
            "ordered_at": _("Ordered"),
            "delivered_on": _("Delivered"),
            "total": _("Total"),
            "currency": _("Currency"),
        },
        kept=("source", "external_id", "number", "currency"),
    ),
    # Counted again from the orders; what erased people ordered stays in the sums.
    PersonalRows(
        name="order_sums", model=OrderSum, kept=("currency",), merged=Merged.DELETE
    ),
    PersonalRows(
        name="order_lines",
        model=OrderLine,
        label=_("What was ordered"),
        exported={
            "order__number": _("Order"),
            "product__sku": _("Code"),
            "product__name": _("Product"),
            "quantity": _("Quantity"),
            "unit_price": _("Price"),
            "amount": _("Amount"),
            "tax": _("Tax in it"),
        },
        # Numbers of other orders and lines, as the accounts have them.
        kept=("line_key", "returned_order", "returned_line"),
        follows="order",
    ),
    # Worked out of the orders, as whose they are; no words about anybody.
    PersonalRows(
        name="stale_returns", model=StaleReturn, deleted=True, merged=Merged.DELETE
    ),
    PersonalRows(
        name="return_matches",
        model=ReturnMatch,
        customer="returned__customer_id",
        kept=("returned_line", "line"),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="unmatched_returns",
        model=UnmatchedReturn,
        customer="returned__customer_id",
        kept=("returned_line",),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="return_choices",
        model=ReturnChoice,
        customer="returned__customer_id",
        kept=("returned_line", "line"),
        merged=Merged.STAY,
    ),
    # What contracts brought stays counted. Their numbers may be the person's own.
    PersonalRows(
        name="contracts",
        model=Subscription,
        label=_("Contracts"),
        exported={
            "plan": _("Plan"),
            "value": _("Value a month"),
            "currency": _("Currency"),
            "state": _("State"),
            "started_on": _("Started"),
            "renewed_on": _("Renewed"),
            "cancelled_on": _("Cancelled"),
            "reason": _("Reason"),
        },
        blanked={"external_id": "", "reason": ""},
        kept=("source", "plan", "currency"),
    ),
    PersonalRows(
        name="contract_changes",
        model=SubscriptionChange,
        label=_("What happened to contracts"),
        exported={
            "happened_on": _("Day"),
            "kind": _("What happened"),
            "plan": _("Plan"),
            "value": _("Value a month"),
            "reason": _("Reason"),
        },
        blanked={"reason": ""},
        kept=("plan",),
        follows="subscription",
    ),
)
