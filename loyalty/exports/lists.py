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
            "reward": "name",
            "kind": "kind",
            "fulfilment": "fulfilment",
            "is_offer": "is_offer",
            "cost": "cost",
            "currency": "currency",
            "percent": "percent",
            "amount": "amount",
            "minimum": "minimum",
            "stock": "stock",
            "taken": "taken",
            "yearly_budget": "yearly_budget",
            "life_days": "life_days",
            "colleague": lambda row: address_of(row.doer),
            "created_at": "created_at",
            "archived_at": "archived_at",
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
            "sku": "product.sku",
            "product": "product.name",
            "goes_with_sku": "goes_with.sku",
            "goes_with": "goes_with.name",
            "chosen": "pick",
            "customers": "customers",
            "counted_on": "counted_on",
        },
        needs=frozenset({Capability.EDIT_AUTOMATIONS}),
    ),
    line_each(
        "name-days",
        _("Name days"),
        96,
        rows=lambda filters: NameDay.objects.select_related("calendar"),
        columns={
            "calendar": "calendar.name",
            "country": "calendar.country",
            "language": "calendar.language",
            "name": "name",
            "month": "month",
            "day": "day",
            "days_from_easter": "from_easter",
            "is_main": "is_main",
        },
        needs=frozenset({Capability.CHANGE_SETTINGS}),
    ),
    line_each(
        "reorder-people",
        _("People who got a reminder or suggestion"),
        97,
        rows=_reordered,
        columns={
            "customer_id": "external_id",
            "source": "source",
            "name": "full_name",
            "email": "email",
            "last_order_on": "last_order_on",
        },
        takes=lambda: {"kind", "side", "did", "within", "back"},
        needs=frozenset({Capability.SEE_INSIGHTS, Capability.SEE_CUSTOMERS}),
        is_of_a_list=True,
    ),
)
