"""Rewards, calendars, what goes with what, and people behind the page of reorders."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Filters, address_of, line_each, register
from crm.models import Customer
from loyalty.forms.aftermath import PeopleForm
from loyalty.models import Complement, NameDay, Reward
from loyalty.selectors import aftermath
from loyalty.sql.aftermath import everybody


def _rewards(filters: Filters) -> "QuerySet[Reward]":
    """Those in use, those put away, or all, as `show` says."""
    rows = Reward.objects.select_related("doer")
    if (show := filters.get("show", "")) in ("used", "archived"):
        rows = rows.filter(archived_at__isnull=show == "used")
    return rows


def _reordered(filters: Filters) -> "QuerySet[Customer]":
    """Those behind one figure of the page of reorders."""
    form = PeopleForm.of(filters)
    if not form.is_valid():
        return Customer.objects.none()
    given = form.cleaned_data
    about = aftermath.asked(
        given["kind"], days=given["within"], back=given["back"], now=timezone.now()
    )
    return Customer.objects.filter(pk__in=everybody(about, given["side"], given["did"]))


register(
    line_each(
        "rewards",
        _("Rewards"),
        56,
        rows=_rewards,
        columns={
            "reward": lambda row: row.name,
            "kind": lambda row: row.kind,
            "fulfilment": lambda row: row.fulfilment,
            "is_offer": lambda row: row.is_offer,
            "cost": lambda row: row.cost,
            "currency": lambda row: row.currency,
            "percent": lambda row: row.percent,
            "amount": lambda row: row.amount,
            "minimum": lambda row: row.minimum,
            "stock": lambda row: row.stock,
            "taken": lambda row: row.taken,
            "yearly_budget": lambda row: row.yearly_budget,
            "life_days": lambda row: row.life_days,
            "colleague": lambda row: address_of(row.doer),
            "created_at": lambda row: row.created_at,
            "archived_at": lambda row: row.archived_at,
        },
        takes=lambda: {"show"},
        needs=frozenset({Capability.SEE_REWARDS}),
    ),
    line_each(
        "goes-with",
        _("Goes with it"),
        95,
        rows=lambda filters: Complement.objects.select_related("product", "goes_with"),
        columns={
            "sku": lambda row: row.product.sku,
            "product": lambda row: row.product.name,
            "goes_with_sku": lambda row: row.goes_with.sku,
            "goes_with": lambda row: row.goes_with.name,
            "chosen": lambda row: row.pick,
            "customers": lambda row: row.customers,
            "counted_on": lambda row: row.counted_on,
        },
        needs=frozenset({Capability.EDIT_AUTOMATIONS}),
    ),
    line_each(
        "name-days",
        _("Name days"),
        96,
        rows=lambda filters: NameDay.objects.select_related("calendar"),
        columns={
            "calendar": lambda row: row.calendar.name,
            "country": lambda row: row.calendar.country,
            "language": lambda row: row.calendar.language,
            "name": lambda row: row.name,
            "month": lambda row: row.month,
            "day": lambda row: row.day,
            "days_from_easter": lambda row: row.from_easter,
            "is_main": lambda row: row.is_main,
        },
        needs=frozenset({Capability.CHANGE_SETTINGS}),
    ),
    line_each(
        "reorder-people",
        _("People who got a reminder or suggestion"),
        97,
        rows=_reordered,
        columns={
            "customer_id": lambda customer: customer.external_id,
            "source": lambda customer: customer.source,
            "name": lambda customer: customer.full_name,
            "email": lambda customer: customer.email,
            "last_order_on": lambda customer: customer.last_order_on,
        },
        takes=lambda: {"kind", "side", "did", "within", "back"},
        needs=frozenset({Capability.SEE_INSIGHTS, Capability.SEE_CUSTOMERS}),
        is_of_a_list=True,
    ),
)
