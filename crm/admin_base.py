"""What every ModelAdmin stands on: fast on a million rows, services for changes."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.services import audit
from web.errors import DomainError

_PARTS = (gettext_lazy("day"), gettext_lazy("time"))
# An exact COUNT of a million rows costs more than the page itself.
_COUNTED_AT_MOST = 10_000


class BoundedPaginator(Paginator):
    """Counts to a bound and no further; deeper pages are for the search."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[: _COUNTED_AT_MOST + 1].count()
        return len(rows)


class FastAdmin(admin.ModelAdmin):
    """Look up and repair. Nothing is deleted here: records are ended by services."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    # The administration looks at rows; the pages of the desk have their own way in.
    view_on_site = False
    ordering: ClassVar[Any] = ("-pk",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **more: Any
    ) -> Any:
        """Day and clock of one moment stand in two fields under one label."""
        field = super().formfield_for_dbfield(db_field, request, **more)
        if field and isinstance(field.widget, AdminSplitDateTime):
            for widget, part in zip(field.widget.widgets, _PARTS, strict=True):
                widget.attrs["aria-label"] = f"{field.label}, {part}"
        return field

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Where no service does it: the row and its line of audit, in the transaction
        that the admin opens around every form."""
        super().save_model(request, obj, form, change)
        if form.changed_data or not change:
            _record("changed" if change else "created", obj, form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        _record("deleted", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def response_action(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        """As Django's, but a malformed id is a 400 instead of an error page."""
        for chosen in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(chosen)
            except ValidationError as error:
                raise BadRequest("No record is named so.") from error
        return super().response_action(request, *args, **more)

    def refuse(self, request: HttpRequest, error: DomainError) -> None:
        """Say a refusal in the admin's own way."""
        details = ", ".join(f"{field}: {code}" for field, code in error.fields.items())
        text = f"{error.message} {details}".strip()
        self.message_user(request, text, level=messages.ERROR)

    def tell(self, request: HttpRequest, done: int) -> None:
        """Show how many rows an action changed."""
        self.message_user(request, _("%(count)d changed.") % {"count": done})


class ReadOnlyAdmin(FastAdmin):
    """Ledgers, messages, audit: history that cannot be edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OwnerOnly:
    """Settings, people and keys belong to the owner."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_owner(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_owner(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request)


def _record(verb: str, obj: Any, fields: Iterable[str] = ()) -> None:
    name = obj._meta.model_name
    audit.record(
        f"{name}.{verb}", f"{name}:{obj.pk}", fields=fields, now=timezone.now()
    )


def _is_owner(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.can(
        Capability.CHANGE_SETTINGS
    )


def on_each(
    page: FastAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    change: Callable[[Any], object],
) -> None:
    """Apply the service to each row; report rows that raise `DomainError`, continue."""
    done = 0
    for row in rows:
        try:
            change(row)
        except DomainError as error:
            page.refuse(request, error)
        else:
            done += 1
    page.tell(request, done)
