"""Facts and worth of a customer: panels, cells, columns, and the way to change them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import contact_sources, custom_facts, selectors
from crm.access import Capability
from crm.customer_facts import BY_NAME
from crm.desk.conversations import channel_name
from crm.forms import Fact, facts
from crm.forms.facts import custom_facts_at
from crm.models import Customer, CustomerAddress
from crm.page_parts import (
    Cell,
    ColumnKind,
    CustomerAction,
    CustomerColumn,
    CustomerPanel,
    GlanceCell,
)
from crm.request_context import RequestContext
from crm.rules.choices import CustomPlace
from crm.rules.dates import local_day
from crm.services import addresses
from crm.sql import purchases
from web.spans import ago

# --- Panels --------------------------------------------------------------------------


@dataclass(frozen=True)
class FactsPanel:
    """What the panel of facts on the customer page shows."""

    facts: list[Fact]
    # Other records with the same address.
    sharing: list[Customer]


def _facts(context: RequestContext, customer: Customer) -> FactsPanel:
    return FactsPanel(
        facts(
            customer,
            business=context.business,
            see_notes=context.sees_notes,
            custom=context.once(custom_facts.fields),
        ),
        selectors.sharing_address(customer),
    )


def _addresses(context: RequestContext, customer: Customer) -> list[CustomerAddress]:
    return addresses.beside_chief(customer)


def _further(context: RequestContext, customer: Customer) -> list[Fact] | None:
    """None where staff made no field for this place."""
    custom = context.once(custom_facts.fields)
    return custom_facts_at(CustomPlace.PANEL, customer, custom) or None


def _worth(context: RequestContext, customer: Customer) -> list[purchases.Worth]:
    return context.once(purchases.worth, customer.pk)


# --- The strip -----------------------------------------------------------------------


def _last_contact(context: RequestContext, customer: Customer) -> Cell:
    """Somebody spoke with them; a note among ourselves is no contact."""
    latest = contact_sources.last_of([customer.pk])
    if latest is None:
        return Cell(_("None yet"))
    day = local_day(latest.at, context.zone)
    who = [channel_name(latest.channel.value), latest.by, date_format(day, "j M")]
    return Cell(ago(day, context.today), ", ".join(part for part in who if part))


def _last_order(context: RequestContext, customer: Customer) -> Cell:
    if customer.last_order_on is None:
        return Cell(_("None yet"))
    orders = sum(part.orders for part in _worth(context, customer))
    total = ngettext("%(n)s order", "%(n)s orders", orders) % {"n": orders}
    day = date_format(customer.last_order_on, "j M")
    return Cell(ago(customer.last_order_on, context.today), f"{day}, {total}")


# --- Columns of the list -------------------------------------------------------------


def _contact_day(context: RequestContext, row: Customer) -> object:
    at: datetime | None = getattr(row, "last_contact_at", None)
    return local_day(at, context.zone) if at else None


def _order_day(context: RequestContext, row: Customer) -> object:
    return row.last_order_on


def _fact_column(name: str, order: int) -> CustomerColumn:
    """A fact as `crm/customer_facts.py` declares it."""
    return CustomerColumn(
        name=name,
        order=order,
        label=BY_NAME[name].label,
        read=lambda context, row: getattr(row, name),
    )


# --- What may be done ----------------------------------------------------------------


def _composer(customer: Customer) -> str:
    return "#log-text"


def _edit_url(customer: Customer) -> str:
    return reverse("crm:customer-edit", args=[customer.pk])


PARTS = (
    CustomerAction(
        name="log_contact",
        order=10,
        capability=Capability.LOG_CONTACT,
        label=gettext_lazy("Log contact"),
        url=_composer,
        shown_key="c",
        is_primary=True,
    ),
    CustomerAction(
        name="edit",
        order=90,
        capability=Capability.EDIT_CUSTOMERS,
        label=gettext_lazy("Edit every fact"),
        icon="pencil",
        url=_edit_url,
        in_menu=True,
    ),
    CustomerPanel(
        name="facts",
        order=10,
        label=gettext_lazy("Facts"),
        template="crm/_facts.html",
        read=_facts,
    ),
    CustomerPanel(
        name="addresses",
        order=12,
        label=gettext_lazy("Further addresses"),
        template="crm/_addresses.html",
        read=_addresses,
    ),
    CustomerPanel(
        name="further_facts",
        order=15,
        label=gettext_lazy("Further facts"),
        template="crm/_facts_further.html",
        read=_further,
    ),
    CustomerPanel(
        name="worth",
        order=30,
        label=gettext_lazy("Worth"),
        template="crm/_worth.html",
        read=_worth,
    ),
    GlanceCell(
        name="last_contact",
        order=10,
        label=gettext_lazy("Last real contact"),
        read=_last_contact,
    ),
    GlanceCell(
        name="last_order",
        order=60,
        label=gettext_lazy("Last order"),
        read=_last_order,
    ),
    CustomerColumn(
        name="last_contact",
        order=10,
        label=gettext_lazy("Last contact"),
        kind=ColumnKind.DAY,
        annotations={"last_contact_at": contact_sources.last_at()},
        read=_contact_day,
    ),
    CustomerColumn(
        name="last_order",
        order=20,
        label=gettext_lazy("Last order"),
        kind=ColumnKind.DAY,
        read=_order_day,
    ),
    _fact_column("owner", order=90),
)
