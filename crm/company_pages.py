"""What the list of companies and the page of one show."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import CharField, Count, Func, Q, QuerySet, Sum, Value
from django.db.models.functions import Lower

from crm import contact_sources
from crm.models import (
    Company,
    CompanyPerson,
    Customer,
    CustomerAddress,
    FollowUp,
    Interaction,
    Order,
    OrderSum,
)
from crm.rules import search
from crm.rules.choices import AddressKind, FollowUpState
from crm.sql import companies as sql
from web import paging
from web.paging import Page

PAGE = 50
# What the page of one company lists at most of each.
MOST_PEOPLE, MOST_LISTED = 100, 20


@dataclass(frozen=True)
class Money:
    """What a company spent in one currency, in how many orders."""

    currency: str
    total: Decimal
    orders: int


@dataclass(frozen=True)
class Event:
    """An entry of the timeline of its people: a contact or an order."""

    at: datetime
    customer: Customer
    contact: Interaction | None = None
    order: Order | None = None


@dataclass(frozen=True)
class CompanyPage:
    """The company with its branches; people and sums are of all of them together."""

    company: Company
    branches: list[Company]
    people: list[CompanyPerson]
    count: int
    money: list[Money]
    last_contact: datetime | None
    follow_ups: list[FollowUp]
    timeline: list[Event]


def matching(typed: str) -> "QuerySet[Company]":
    """Companies whose name or domain has every word."""
    rows = Company.objects.all()
    for word in search.search_words(typed):
        rows = rows.filter(search_text__contains=word)
    return rows


def company_list(typed: str, *, older: str = "", newer: str = "") -> Page[Company]:
    """One page of those, by name from A on; `older` and `newer` are places of
    web.paging, where older is what stands before."""
    rows = matching(typed).annotate(sort=Lower("name"), count=Count("people"))
    return paging.page(
        rows.select_related("parent"),
        by="sort",
        size=PAGE,
        older=older,
        newer=newer,
        oldest_first=True,
    )


def within(company: Company) -> list[int]:
    """Ids of the company and of all of its branches, however deep."""
    with connection.cursor() as cursor:
        cursor.execute(sql.WITHIN, {"id": company.pk})
        return [pk for (pk,) in cursor.fetchall()]


def company_page(company: Company) -> CompanyPage:
    """Everything about the whole, in a fixed number of queries."""
    links = CompanyPerson.objects.filter(
        company__in=within(company), customer__in=Customer.objects.live()
    )
    theirs = links.values("customer_id")
    ids = list(theirs.values_list("customer_id", flat=True).distinct())
    spoken = contact_sources.last_of(ids)
    sums = (
        OrderSum.objects.filter(customer__in=theirs)
        .values("currency")
        .annotate(all=Sum("total"), number=Sum("orders"))
        .order_by("-all")
    )
    by_name = links.select_related("customer", "company").order_by(
        "customer__sort_name", "pk"
    )
    return CompanyPage(
        company=company,
        branches=list(company.branches.order_by(Lower("name"), "pk")),
        people=list(by_name[:MOST_PEOPLE]),
        count=len(ids),
        money=[Money(row["currency"], row["all"], row["number"]) for row in sums],
        last_contact=spoken.at if spoken else None,
        follow_ups=_open_follow_ups(theirs),
        timeline=_timeline(theirs),
    )


def _open_follow_ups(theirs: "QuerySet[CompanyPerson, object]") -> list[FollowUp]:
    rows = FollowUp.objects.filter(
        customer__in=theirs,
        state__in=[FollowUpState.OPEN.value, FollowUpState.TAKEN.value],
    )
    return list(
        rows.select_related("customer", "assignee").order_by("due_on", "pk")[
            :MOST_LISTED
        ]
    )


def _timeline(theirs: "QuerySet[CompanyPerson, object]") -> list[Event]:
    contacts = Interaction.objects.filter(customer__in=theirs)
    orders = Order.objects.filter(customer__in=theirs)
    events = [
        Event(row.happened_at, row.customer, contact=row)
        for row in contacts.select_related("customer").order_by("-happened_at", "-id")[
            :MOST_LISTED
        ]
    ]
    events += [
        Event(row.ordered_at, row.customer, order=row)
        for row in orders.select_related("customer").order_by("-ordered_at", "-id")[
            :MOST_LISTED
        ]
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)[:MOST_LISTED]


_DOMAIN = Func(
    *("norm", Value("@"), Value(2)), function="split_part", output_field=CharField()
)


def offered_to(customer: Customer, *, most: int = 5) -> list[Company]:
    """Companies that this person may belong to: of the name in the file, or of the
    domain of one of their addresses. That alone links no one."""
    asked = Q()
    if customer.organisation:
        asked |= Q(sort=customer.organisation.lower())
    domain = customer.email_norm.rpartition("@")[2]
    if domain:
        further = CustomerAddress.objects.filter(
            customer=customer, kind=AddressKind.EMAIL.value
        ).values_list(_DOMAIN)
        asked |= Q(domain=domain) | Q(domain__in=further)
    if not asked:
        return []
    rows = Company.objects.annotate(sort=Lower("name")).filter(asked)
    return list(rows.exclude(people__customer=customer).order_by("pk")[:most])
