"""Customers, contacts with them and follow-ups."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin_base import FastAdmin, ReadOnlyAdmin, on_each
from crm.customer_facts import Kind, named
from crm.forms.repair import CustomerRepairForm
from crm.models import (
    Company,
    CompanyPerson,
    Customer,
    CustomerAddress,
    FollowUp,
    Interaction,
    InteractionVersion,
    Tag,
)
from crm.page_parts import asks_outcome
from crm.rules import search
from crm.services import customers, follow_ups
from crm.staff import staff_of
from web.errors import DomainError


@admin.register(Customer)
class CustomerAdmin(FastAdmin):
    list_display = ("full_name", "email", "country", "since_on", "last_order_on")
    list_select_related = ("owner",)
    search_fields = (
        "email_norm__startswith",
        "external_id__startswith",
        "phone_e164__startswith",
    )
    search_help_text = "Part of a name, or the start of an address, number or phone"
    fields = (
        "source",
        "external_id",
        *named(lambda fact: fact.kind not in (Kind.PHONE, Kind.BIRTHDAY, Kind.TAGS)),
        "phone_text",
        "custom",
        "since_from",
        "first_order_on",
        "last_order_on",
        "merged_into",
        "erased_at",
        "created_at",
        "updated_at",
        "version",
    )
    form = CustomerRepairForm
    raw_id_fields = ("owner",)
    _written = frozenset(customers.CHANGEABLE) - {"phone", "birthday"} | {"version"}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """Names as the customer list finds them, beside the columns named above."""
        found, is_double = super().get_search_results(request, queryset, search_term)
        named = Q()
        for word in search.search_words(search_term):
            named &= Q(search_text__contains=word)
        return (found | queryset.filter(named) if named else found), is_double

    def has_add_permission(self, request: HttpRequest) -> bool:
        # The page in the shop's own pages checks and explains more.
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields or () if name not in self._written]

    def save_model(
        self, request: HttpRequest, obj: Customer, form: Any, change: bool
    ) -> None:
        try:
            customers.update_customer(
                obj,
                changes=form.changes,
                version=form.cleaned_data["version"],
                now=timezone.now(),
            )
        except DomainError as error:
            self.refuse(request, error)


@admin.register(CustomerAddress)
class CustomerAddressAdmin(ReadOnlyAdmin):
    list_display = ("value", "kind", "label", "customer")
    list_select_related = ("customer",)
    list_filter = ("kind",)
    search_fields = ("norm__startswith",)


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin):
    list_display = ("name", "domain", "parent")
    list_select_related = ("parent",)
    search_fields = ("name__istartswith", "domain__startswith")


@admin.register(CompanyPerson)
class CompanyPersonAdmin(ReadOnlyAdmin):
    list_display = ("company", "customer", "role")
    list_select_related = ("company", "customer")


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "channel", "happened_at", "staff")
    list_select_related = ("customer", "staff")
    list_filter = ("channel",)


@admin.register(InteractionVersion)
class InteractionVersionAdmin(ReadOnlyAdmin):
    list_display = ("interaction", "version", "replaced_at", "replaced_by")
    list_select_related = ("interaction", "replaced_by")


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyAdmin):
    list_display = ("why", "customer", "assignee", "due_on", "state")
    list_select_related = ("customer", "assignee")
    list_filter = ("state",)
    actions = ("mark_done", "open_again")

    @admin.action(description=_("Mark as done"))
    def mark_done(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        staff, now = staff_of(request), timezone.now()
        on_each(
            self,
            request,
            rows,
            lambda row: follow_ups.finish(
                row, staff=staff, now=now, asks_outcome=asks_outcome(row)
            ),
        )

    @admin.action(description=_("Open again"))
    def open_again(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: follow_ups.reopen(row, now=now))


@admin.register(Tag)
class TagAdmin(FastAdmin):
    list_display = ("name",)
    search_fields = ("name__istartswith",)
