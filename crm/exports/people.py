"""Customers and companies, with the columns of the import."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audiences, selectors
from crm.custom_facts import fields as custom_fields
from crm.customer_facts import FACTS, CustomerFact, Kind
from crm.datasets import Cell, Cells, Dataset, Filters, address_of, register
from crm.import_fields import NUMBERS
from crm.models import Company, CompanyPerson, Customer, CustomerAddress
from crm.rules.choices import AddressKind, SinceFrom
from crm.rules.custom_values import as_cell, name_of
from web.composed_sql import subquery
from web.rules.numbers import whole_number

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
        rows = rows.filter(pk__in=subquery(people))
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
        return address_of(customer.owner)
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


# --- Companies -----------------------------------------------------------------------


def _companies(filters: Filters) -> "QuerySet[Company]":
    people = CompanyPerson.objects.select_related("customer").order_by("pk")
    rows = Company.objects.select_related("parent")
    if company := filters.get("company"):
        rows = rows.filter(pk=whole_number(company) or 0)
    return rows.prefetch_related(Prefetch("people", queryset=people))


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
        takes=lambda: {"company"},
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
)
