"""What every ModelAdmin stands on: fast on a million rows, services for changes."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.access import Capability
from crm.errors import DomainError

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
    ordering: ClassVar[Any] = ("-pk",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_action(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
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
        self.message_user(request, _("%(count)d changed.") % {"count": done})


class ReadOnlyAdmin(FastAdmin):
    """Ledgers, messages, audit: history that nobody edits."""

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
    """Do the service's change row by row; a refusal is told and the rest goes on."""
    done = 0
    for row in rows:
        try:
            change(row)
        except DomainError as error:
            page.refuse(request, error)
        else:
            done += 1
    page.tell(request, done)
