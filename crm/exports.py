"""What crm lets people take along: see crm/datasets.py.

Customers and orders have the columns of the import, so that what is exported can be
imported again and is the same.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Prefetch, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audiences, selectors
from crm.custom_facts import fields as custom_fields
from crm.customer_facts import FACTS, CustomerFact, Kind
from crm.datasets import Cell, Dataset, Filters, register
from crm.import_fields import NUMBERS
from crm.models import (
    Company,
    CompanyPerson,
    Customer,
    CustomerAddress,
    FollowUp,
    Interaction,
    Order,
    OrderLine,
    User,
)
from crm.rules.choices import AddressKind, SinceFrom
from crm.rules.custom_values import as_cell, name_of
from web.rules import money

Cells = Iterable[dict[str, Cell]]
# As many places as an import reads, and as many as are stored.
_READ, _STORED = Decimal("1e-8"), Decimal("1e-4")


# --- Customers -----------------------------------------------------------------------


def _customers(filters: Filters) -> "QuerySet[Customer]":
    """Live customers, as the customer list narrows them."""
    rows = Customer.objects.live()
    business = selectors.business()
    people = audiences.compiled(
        audiences.query_of(filters),
        country=business.country,
        today=business.day(timezone.now()),
    )
    if people is not None:
        # The whole condition is in the text: a % of it is one.
        rows = rows.filter(pk__in=RawSQL(people.as_string().replace("%", "%%"), []))  # noqa: S611
    return rows.select_related("owner").prefetch_related("tags", "addresses")


def _column(fact: CustomerFact) -> str:
    return fact.import_column or fact.name


def _customer_cells(customers: Sequence[Customer]) -> Cells:
    known = [field.definition for field in custom_fields()]
    for customer in customers:
        yield {
            "external_id": customer.external_id,
            "source": customer.source,
            **{_column(fact): _fact(fact, customer) for fact in FACTS},
            "first_order_on": customer.first_order_on,
            "last_order_on": customer.last_order_on,
            "created_at": customer.created_at,
            **{
                name_of(each.key): as_cell(each, customer.custom[each.key])
                for each in known
                if each.key in customer.custom
            },
            **_second_addresses(customer),
        }


def _fact(fact: CustomerFact, customer: Customer) -> Cell:
    if fact.kind is Kind.PHONE:
        return customer.phone_text
    if fact.kind is Kind.OWNER:
        return _address(customer.owner)
    if fact.kind is Kind.BIRTHDAY:
        return _birthday(customer)
    if fact.kind is Kind.TAGS:
        names = sorted(tag.name for tag in customer.tags.all())
        # A semicolon at the end says that commas belong to the names.
        return ";".join(names) + (";" if any("," in name for name in names) else "")
    if fact.kind is Kind.DAY:
        # A day that was worked out of orders is worked out again.
        return customer.since_on if customer.since_from == SinceFrom.GIVEN else None
    value: str = getattr(customer, fact.name)
    return value


def _birthday(customer: Customer) -> str:
    if not customer.birth_month:
        return ""
    day = f"{customer.birth_month:02}-{customer.birth_day:02}"
    return f"{customer.birth_year}-{day}" if customer.birth_year else day


def _address(user: User | None) -> str:
    return user.email if user else ""


def _second_addresses(customer: Customer) -> dict[str, Cell]:
    """As the import reads them: several that have no column of their own, in the last
    one."""
    cells: dict[str, Cell] = {}
    for kind in AddressKind:
        rows = [row for row in customer.addresses.all() if row.kind == kind]
        values = [row.value for row in sorted(rows, key=lambda row: row.pk)]
        own, rest = values[: len(NUMBERS) - 1], values[len(NUMBERS) - 1 :]
        if rest:
            own.append("; ".join(rest))
        columns = (f"{kind.value}_{number}" for number in NUMBERS)
        cells.update(zip(columns, own, strict=False))
    return cells


def _more_columns(customers: "QuerySet[Customer]") -> list[str]:
    """Of second addresses, where anybody has one, and of facts of the shop's own."""
    kinds = set(CustomerAddress.objects.values_list("kind", flat=True).distinct())
    seconds = [
        f"{kind.value}_{number}"
        for kind in AddressKind
        for number in NUMBERS
        if kind in kinds
    ]
    return seconds + [name_of(field.key) for field in custom_fields()]


# --- Orders --------------------------------------------------------------------------


def _orders(filters: Filters) -> "QuerySet[Order]":
    return Order.objects.select_related("customer").prefetch_related("lines__product")


def _order_cells(orders: Sequence[Order]) -> Cells:
    """A line of the file for each line of an order."""
    for order in orders:
        head: dict[str, Cell] = {
            "order_id": order.external_id,
            "customer_id": order.customer.external_id,
            "ordered_at": order.ordered_at,
            "currency": order.currency,
            "delivered_at": order.delivered_on,
            "status": order.state,
            "source": order.source,
            "nature": order.nature,
        }
        for line in sorted(order.lines.all(), key=lambda line: line.pk):
            yield {**head, **_line_cells(line, order.currency)}


def _line_cells(line: OrderLine, currency: str) -> dict[str, Cell]:
    return {
        "line_id": line.line_key,
        "sku": line.product.sku,
        "product": line.product.name,
        "category": line.product.category,
        "quantity": money.unmistakable(line.quantity.normalize()),
        "unit_price": money.unmistakable(_price(line, currency)),
        "line_total": money.unmistakable(money.round_money(line.amount, currency)),
        "line_nature": line.nature,
        "returns_order": line.returned_order,
        "returns_line": line.returned_line,
    }


def _price(line: OrderLine, currency: str) -> Decimal:
    """A price that an import makes this very line of.

    The price is stored with four places and the amount was worked out before that. So
    where the two do not agree, it is one between, with the places that an import reads.
    """
    price = line.unit_price.normalize()
    if money.line_amount(line.quantity, price, currency) == line.amount:
        return price
    half = _STORED / 2 - _READ
    exact = (line.amount / line.quantity).quantize(_READ, ROUND_HALF_UP)
    return min(max(exact, price - half), price + half)


# --- Contact history and follow-ups --------------------------------------------------


def _contacts(filters: Filters) -> "QuerySet[Interaction]":
    return Interaction.objects.select_related("customer", "staff")


def _contact_cells(contacts: Sequence[Interaction]) -> Cells:
    for contact in contacts:
        yield {
            "customer_id": contact.customer.external_id,
            "source": contact.customer.source,
            "happened_at": contact.happened_at,
            "channel": contact.channel,
            "direction": contact.direction,
            "colleague": _address(contact.staff) or contact.staff_name,
            "subject": contact.subject,
            "body": contact.body,
            "outcome": contact.outcome,
        }


def _follow_ups(filters: Filters) -> "QuerySet[FollowUp]":
    return FollowUp.objects.select_related("customer", "assignee", "done_by")


def _follow_up_cells(follow_ups: Sequence[FollowUp]) -> Cells:
    for row in follow_ups:
        yield {
            "customer_id": row.customer.external_id,
            "source": row.customer.source,
            "why": row.why,
            "due_on": row.due_on,
            "due_at": row.due_at,
            "state": row.state,
            "is_urgent": row.is_urgent,
            "colleague": _address(row.assignee),
            "created_at": row.created_at,
            "done_at": row.done_at,
            "done_by": _address(row.done_by),
            "outcome": row.outcome,
        }


# --- Companies -----------------------------------------------------------------------


def _companies(filters: Filters) -> "QuerySet[Company]":
    people = CompanyPerson.objects.select_related("customer").order_by("pk")
    return Company.objects.select_related("parent").prefetch_related(
        Prefetch("people", queryset=people)
    )


def _company_cells(companies: Sequence[Company]) -> Cells:
    """A line of the file for each person, or one for a company without anybody."""
    for company in companies:
        head: dict[str, Cell] = {
            "company": company.name,
            "domain": company.domain,
            "parent": company.parent.name if company.parent else "",
            "address": company.address,
            "tags": ";".join(company.tags),
            "note": company.note,
        }
        links = [row for row in company.people.all() if row.customer.is_live]
        if not links:
            yield head
        for row in links:
            person = row.customer
            yield {
                **head,
                "customer_id": person.external_id,
                "source": person.source,
                "role": row.role,
            }


register(
    Dataset(
        name="companies",
        label=_("Companies"),
        order=15,
        columns=(
            *("company", "domain", "parent", "address", "tags", "note"),
            *("customer_id", "source", "role"),
        ),
        rows=_companies,
        cells=_company_cells,
    ),
    Dataset(
        name="customers",
        label=_("Customers"),
        order=10,
        columns=(
            *("external_id", "source"),
            *map(_column, FACTS),
            *("first_order_on", "last_order_on", "created_at"),
        ),
        more_columns=_more_columns,
        rows=_customers,
        cells=_customer_cells,
        takes=audiences.names_of_a_query,
        split_by="source",
    ),
    Dataset(
        name="orders",
        label=_("Orders"),
        order=20,
        columns=(
            *("order_id", "customer_id", "ordered_at", "currency", "delivered_at"),
            *("status", "line_id", "sku", "product", "category", "quantity"),
            *("unit_price", "line_total", "source", "nature", "line_nature"),
            *("returns_order", "returns_line"),
        ),
        rows=_orders,
        cells=_order_cells,
        split_by="source",
    ),
    Dataset(
        name="contacts",
        label=_("Contact history"),
        order=30,
        columns=(
            *("customer_id", "source", "happened_at", "channel", "direction"),
            *("colleague", "subject", "body", "outcome"),
        ),
        rows=_contacts,
        cells=_contact_cells,
    ),
    Dataset(
        name="follow-ups",
        label=_("Follow-ups"),
        order=40,
        columns=(
            *("customer_id", "source", "why", "due_on", "due_at", "state"),
            *("is_urgent", "colleague", "created_at", "done_at", "done_by", "outcome"),
        ),
        rows=_follow_ups,
        cells=_follow_up_cells,
    ),
)
