"""Admin of API keys, settings, jobs and the audit."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import SCOPES
from crm.admin_base import FastAdmin, OwnerOnly, ReadOnlyAdmin, on_each
from crm.models import (
    ApiToken,
    AuditEntry,
    Business,
    Heartbeat,
    ImportDraft,
    ImportedRow,
    ImportMapping,
    ImportRun,
    Job,
    JournalGap,
    JournalState,
    StoredFile,
)
from crm.services import api_tokens
from crm.staff import staff_of


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "subject", "actor_kind", "actor_id", "via")
    list_filter = ("actor_kind", "via")
    search_fields = ("=customer_id",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "kind", "file_name", "state", "accepted", "read")
    list_filter = ("kind", "state")


@admin.register(ImportedRow)
class ImportedRowAdmin(ReadOnlyAdmin):
    """What an import made or changed, for as long as it can be undone."""

    list_display = ("run", "pk")


@admin.register(ImportDraft)
class ImportDraftAdmin(ReadOnlyAdmin):
    """What was handed up; its first rows are shown on its own pages alone."""

    list_display = ("created_at", "kind", "preset", "created_by")
    exclude = ("preview",)


@admin.register(ImportMapping)
class ImportMappingAdmin(ReadOnlyAdmin):
    list_display = ("confirmed_at", "kind", "source", "confirmed_by")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "state", "done", "total", "error")
    list_filter = ("kind", "state")


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """What is stored; the content is handed out by crm/views/jobs.py alone."""

    list_display = ("created_at", "name", "content_type", "size", "kept_until")


@admin.register(JournalState)
class JournalStateAdmin(ReadOnlyAdmin):
    list_display = ("position", "held_at", "held_reason", "released_at")


@admin.register(JournalGap)
class JournalGapAdmin(ReadOnlyAdmin):
    """What waits for the journal's disk; its rows hold addresses' hashes and ids."""

    list_display = ("id", "kind")
    fields = ("kind",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")


@admin.register(Business)
class BusinessAdmin(OwnerOnly, ReadOnlyAdmin):
    """Shown here, changed on the settings page."""

    list_display = ("name", "public_url", "time_zone", "currency")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ApiTokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiToken
        fields = ("name", "scopes", "expires_at")

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError(_("Enter a time that is not over."))
        return expires_at


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
        obj.pk, obj.prefix = token.pk, token.prefix
        # On the page that answers this form, and nowhere else: a message would carry it
        # in a cookie or a session.
        obj.key_shown_once = key  # type: ignore[attr-defined] # no column: shown once

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: Any = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The key of %(name)s") % {"name": obj.name},
            "key": obj.key_shown_once,  # type: ignore[attr-defined] # no column: shown once
        }
        return render(request, "admin/key_made.html", context)

    @admin.action(description=_("End these keys"))
    def end_keys(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> None:
        now = timezone.now()
        on_each(self, request, rows, lambda row: api_tokens.revoke(row, now=now))
