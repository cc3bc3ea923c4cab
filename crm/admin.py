"""Look-up and repair of the records; every change goes through its service."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.access import SCOPES
from crm.admin_base import (
    FastAdmin,
    OwnerOnly,
    ReadOnlyAdmin,
    on_each,
)
from crm.errors import DomainError
from crm.forms.repair import CustomerRepairForm
from crm.models import (
    ApiToken,
    AuditEntry,
    Business,
    Customer,
    FollowUp,
    Heartbeat,
    ImportRun,
    Interaction,
    InteractionVersion,
    Order,
    OrderLine,
    Product,
    ProductRule,
    Tag,
    User,
)
from crm.services import api_tokens, customers, follow_ups
from crm.staff import staff_of


@admin.register(Customer)
class CustomerAdmin(FastAdmin):
    list_display = ("full_name", "email", "country", "since_on", "last_order_on")
    list_select_related = ("owner",)
    search_fields = (
        "search_text__contains",
        "email_norm__startswith",
        "external_id__startswith",
        "phone_e164__startswith",
    )
    search_help_text = "Part of a name in lower case, or the start of an address or id"
    fields = (
        "source",
        "external_id",
        "given_name",
        "family_name",
        "greeting_name",
        "email",
        "phone_text",
        "language",
        "time_zone",
        "country",
        "since_on",
        "heard_from",
        "heard_text",
        "organisation",
        "owner",
        "notes",
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


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    fields = ("line_key", "product", "quantity", "unit_price", "its_amount", "nature")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).select_related("product", "order")

    @admin.display(description=_("Amount"))
    def its_amount(self, line: OrderLine) -> str:
        return formats.money(line.amount, line.order.currency)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "ordered_on", "nature", "state", "its_total")
    exclude = ("total",)
    readonly_fields = ("its_total",)
    list_select_related = ("customer",)
    search_fields = ("number__istartswith",)
    raw_id_fields = ("customer", "returns_order", "last_import")
    inlines: ClassVar[Any] = [OrderLineInline]

    @admin.display(description=_("Total"), ordering="total")
    def its_total(self, order: Order) -> str:
        return formats.money(order.total, order.currency)


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    list_display = ("id", "order", "product", "quantity", "its_amount", "nature")
    list_select_related = ("order", "product")
    exclude = ("amount",)
    readonly_fields = ("its_amount",)

    @admin.display(description=_("Amount"), ordering="amount")
    def its_amount(self, line: OrderLine) -> str:
        return formats.money(line.amount, line.order.currency)


@admin.register(Product)
class ProductAdmin(FastAdmin):
    """A product's nature may be mended here; the next import keeps it."""

    list_display = ("sku", "name", "category", "nature", "days_of_supply")
    list_filter = ("nature",)
    search_fields = ("sku__startswith",)
    readonly_fields = ("source", "sku", "version")


@admin.register(ProductRule)
class ProductRuleAdmin(FastAdmin):
    """Which codes are no products; asked when a code is first seen."""

    list_display = ("pattern", "nature", "source", "why")
    list_filter = ("nature",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


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
            lambda row: follow_ups.finish(row, staff=staff, now=now),
        )

    @admin.action(description=_("Open again"))
    def open_again(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: follow_ups.reopen(row, now=now))


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "subject", "actor_kind", "actor_id", "via")
    list_filter = ("actor_kind", "via")
    search_fields = ("=customer_id",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "kind", "file_name", "state", "accepted", "read")
    list_filter = ("kind", "state")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")


@admin.register(Tag)
class TagAdmin(FastAdmin):
    list_display = ("name",)
    search_fields = ("name__istartswith",)


@admin.register(Business)
class BusinessAdmin(OwnerOnly, ReadOnlyAdmin):
    """Shown here, changed on the settings page."""

    list_display = ("name", "public_url", "time_zone", "currency")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(required=False)
    new_password = forms.CharField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave empty to keep the password.",
    )

    class Meta:
        model = User
        fields = (
            "email",
            "name",
            "role",
            "language",
            "time_zone",
            "is_active",
            "password",
        )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        elif self.instance.pk is None:
            raise forms.ValidationError(_("A new person needs a password."))
        return password


@admin.register(User)
class UserAdmin(OwnerOnly, FastAdmin):
    form = UserForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        if form.cleaned_data["new_password"]:
            obj.set_password(form.cleaned_data["new_password"])
        super().save_model(request, obj, form, change)


class ApiTokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiToken
        fields = ("name", "scopes", "expires_at")


@admin.register(ApiToken)
class ApiTokenAdmin(OwnerOnly, FastAdmin):
    form = ApiTokenForm
    list_display = ("name", "prefix", "created_at", "last_used_at", "revoked_at")
    actions = ("end_keys",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A key is made or ended, never edited; the list itself stays open.
        return obj is None and super().has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: ApiToken, form: Any, change: bool
    ) -> None:
        token, key = api_tokens.issue(
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.cleaned_data["expires_at"],
            created_by=staff_of(request),
            now=timezone.now(),
        )
        obj.pk = token.pk
        text = _("The key is %(key)s. It is not shown again.") % {"key": key}
        self.message_user(request, text, level=messages.WARNING)

    @admin.action(description=_("End these keys"))
    def end_keys(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: api_tokens.revoke(row, now=now))
