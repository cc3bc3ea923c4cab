"""Look up the ledger and decide what waits; nothing here edits history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin_base import FastAdmin, OwnerOnly, ReadOnlyAdmin, on_each
from crm.staff import staff_of
from messaging.models import (
    Automation,
    AutomationStep,
    AutomationVersion,
    Body,
    BudgetRule,
    Circuit,
    Consent,
    Forecast,
    ForecastDay,
    ForecastMail,
    ForecastMark,
    ForecastPerson,
    Hold,
    Link,
    MailGrant,
    MailPicture,
    Message,
    Run,
    SendingAccount,
    Suppression,
    Sweep,
    Wording,
)
from messaging.rules.choices import State
from messaging.selectors import outbox
from messaging.services import forecast_upkeep, messages, suppression
from messaging.templatetags.message_chips import MESSAGE_CHIPS


class StateFilter(admin.SimpleListFilter):
    """The states as people read them: what was only kept here is one of its own."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, Any]]:
        states = [*(state.value for state in State), outbox.KEPT]
        return [(state, MESSAGE_CHIPS[state].word) for state in states]

    def queryset(
        self, request: HttpRequest, rows: QuerySet[Message]
    ) -> QuerySet[Message]:
        state = self.value()
        return outbox.in_state(rows, state) if state else rows


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "customer", "stands", "reason_code", "not_before")
    list_select_related = ("customer",)
    list_filter = (StateFilter, "kind")
    search_fields = ("=customer__id", "=message_uuid")
    raw_id_fields = ("customer", "user")
    actions = ("cancel", "send_again", "leave_it")

    @admin.display(description=_("State"), ordering="state")
    def stands(self, row: Message) -> str:
        """As everywhere: what was only kept here is not called sent."""
        return str(MESSAGE_CHIPS[outbox.chip_of(row)].word)

    @admin.action(description=_("Cancel what is planned"))
    def cancel(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        staff, now = staff_of(request), timezone.now()
        on_each(
            self, request, rows, lambda row: messages.cancel(row, staff=staff, now=now)
        )

    @admin.action(description=_("Send again what is unsure"))
    def send_again(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: messages.send_again(row, now=now))

    @admin.action(description=_("Leave what is unsure"))
    def leave_it(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: messages.leave_it(row, now=now))


@admin.register(Body)
class BodyAdmin(ReadOnlyAdmin):
    list_display = ("message_id", "subject", "stored_at")
    fields = ("message", "subject", "text", "stored_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Body]:
        return super().get_queryset(request).defer("html")


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    list_display = ("id", "purpose", "customer", "expires_at", "revoked_at")
    list_select_related = ("customer",)
    list_filter = ("purpose",)
    exclude = ("token_hash",)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "category", "granted", "at", "how", "staff")
    list_select_related = ("customer", "staff")
    list_filter = ("category", "granted")
    search_fields = ("=customer__id",)
    exclude = ("address_hash",)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("id", "scope", "reason", "at", "lifted_at")
    list_filter = ("reason",)
    exclude = ("address_hash",)
    actions = ("lift",)

    @admin.action(description=_("Lift a bounce"))
    def lift(self, request: HttpRequest, rows: QuerySet[Suppression]) -> None:
        now = timezone.now()
        on_each(
            self,
            request,
            rows,
            lambda row: suppression.lift(bytes(row.address_hash), now=now),
        )


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "reason", "placed_at", "released_at")
    list_select_related = ("customer",)


@admin.register(BudgetRule)
class BudgetRuleAdmin(OwnerOnly, FastAdmin):
    """The contact limits; a change holds from the next mail on."""

    list_display = ("name", "categories", "max_count", "window_days")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: BudgetRule, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        forecast_upkeep.mark(None, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: BudgetRule) -> None:
        super().delete_model(request, obj)
        forecast_upkeep.mark(None, now=timezone.now())


@admin.register(Automation)
class AutomationAdmin(ReadOnlyAdmin):
    """Shown here, changed on the automations pages, which say whom it would reach."""

    list_display = ("name", "kind", "audience", "is_on", "send_hour", "priority")


@admin.register(Wording)
class WordingAdmin(ReadOnlyAdmin):
    list_display = ("step", "language", "version")
    list_select_related = ("step",)


@admin.register(MailPicture)
class MailPictureAdmin(ReadOnlyAdmin):
    list_display = ("name", "content_type", "size", "put_up_at", "put_up_by")
    list_select_related = ("put_up_by",)


@admin.register(AutomationStep)
class AutomationStepAdmin(ReadOnlyAdmin):
    list_display = ("automation", "position", "wait_days", "stop_on", "has_offer")
    list_select_related = ("automation",)


@admin.register(AutomationVersion)
class AutomationVersionAdmin(ReadOnlyAdmin):
    list_display = ("automation", "number", "made_at", "made_by")
    list_select_related = ("automation", "made_by")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("automation", "customer", "step", "state", "reason_code", "next_on")
    list_select_related = ("automation", "customer")
    list_filter = ("state",)
    search_fields = ("=customer__id",)
    raw_id_fields = ("customer",)


@admin.register(Sweep)
class SweepAdmin(ReadOnlyAdmin):
    list_display = ("automation", "swept_through", "last_run_at", "planned")
    list_select_related = ("automation",)


@admin.register(Forecast)
class ForecastAdmin(ReadOnlyAdmin):
    list_display = ("id", "automation", "made_at", "seconds")
    list_select_related = ("automation",)


@admin.register(ForecastDay)
class ForecastDayAdmin(ReadOnlyAdmin):
    list_display = ("automation", "day", "decision", "reason_code", "goes_on", "mails")
    list_select_related = ("automation",)


@admin.register(ForecastMail)
class ForecastMailAdmin(ReadOnlyAdmin):
    list_display = ("automation", "day", "decision", "reason_code", "people")
    list_select_related = ("automation",)


@admin.register(ForecastPerson)
class ForecastPersonAdmin(ReadOnlyAdmin):
    list_display = ("customer", "forecast", "alike")
    list_select_related = ("customer", "forecast")


@admin.register(ForecastMark)
class ForecastMarkAdmin(ReadOnlyAdmin):
    list_display = ("automation", "at")
    list_select_related = ("automation",)


@admin.register(Circuit)
class CircuitAdmin(ReadOnlyAdmin):
    list_select_related = ("account",)
    list_display = (
        "transport",
        "account",
        "state",
        "reason_code",
        "opened_at",
        "next_probe_at",
    )


@admin.register(SendingAccount)
class SendingAccountAdmin(OwnerOnly, ReadOnlyAdmin):
    list_display = ("name", "host", "port", "user")
    exclude = ("password",)

    has_add_permission = ReadOnlyAdmin.has_add_permission
    has_change_permission = ReadOnlyAdmin.has_change_permission


@admin.register(MailGrant)
class MailGrantAdmin(OwnerOnly, ReadOnlyAdmin):
    list_display = ("provider", "granted_at", "error_code", "error_since")
    exclude = ("client_secret", "refresh_token", "access_token")

    has_add_permission = ReadOnlyAdmin.has_add_permission
    has_change_permission = ReadOnlyAdmin.has_change_permission
