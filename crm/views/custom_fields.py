"""The fields that staff make: their list, a new one, one that is changed, archived."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import selectors
from crm.access import Capability, requires
from crm.forms.custom_fields import KINDS, PLACES, FieldForm, NewFieldForm
from crm.models import CustomField, Job
from crm.rules.choices import CustomPlace
from crm.services import custom_field_jobs as field_jobs
from crm.services import custom_fields as service
from crm.sql import custom_fields as sql
from crm.staff import staff_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError, StaleVersion


@dataclass(frozen=True)
class Row:
    """A field in the list. `index`: ready, building, broken, or empty for none."""

    field: CustomField
    kind: str | Promise
    place: str | Promise
    index: str
    percent: int | None
    job: Job | None


@require_safe
@requires(Capability.CHANGE_SETTINGS)
def field_list(request: HttpRequest) -> HttpResponse:
    """The fields by their place, and below them the archived ones."""
    fields = list(CustomField.objects.all())
    usable = sql.indexes([field.index_name for field in fields])
    rows = [_row(field, usable.get(field.index_name)) for field in fields]
    live = [row for row in rows if row.field.archived_at is None]
    context = {
        "places": [
            (words, [row for row in live if row.field.place == place])
            for place, words in PLACES.items()
        ],
        "archived": [row for row in rows if row.field.archived_at is not None],
        "has_fields": bool(live),
    }
    return render(request, "crm/custom_field_list.html", context)


def _row(field: CustomField, usable: bool | None) -> Row:
    job = index = None
    if field.sort_slot is not None and not usable:
        job = field_jobs.open_job(field_jobs.INDEX, field)
        index = "building" if job else "broken"
    return Row(
        field,
        KINDS[field.custom_kind],
        PLACES[CustomPlace(field.place)],
        index or ("ready" if field.sort_slot is not None else ""),
        sql.built_percent(field.index_name) if job else None,
        job,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def field_create(request: HttpRequest) -> HttpResponse:
    """A new field; its own page says what else can be chosen."""
    form = NewFieldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = service.create(
                by=staff_of(request), now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(
                request, _("The field is there: “%(name)s”.") % {"name": made.label}
            )
            return responses.see_other(reverse("crm:custom-field", args=[made.pk]))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form}
    return render(request, "crm/custom_field_create.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field: what it is called, where it stands, its choices."""
    row = get_object_or_404(CustomField, pk=pk, archived_at=None)
    form = FieldForm(request.POST if request.method == "POST" else None, of=row)
    if form.is_valid() and _is_saved(request, form, row):
        responses.add_message(request, _("Saved."))
        return responses.see_other(reverse("crm:custom-field-list"))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "field": row, "kind": KINDS[row.custom_kind]}
    return render(request, "crm/custom_field.html", context, status=status)


def _is_saved(request: HttpRequest, form: FieldForm, row: CustomField) -> bool:
    """False: the form says why not."""
    changes = form.changes
    try:
        service.change(
            row,
            changes=changes,
            version=changes.pop("version"),
            choices=form.choices,
            more_choices=form.more_choices,
            by=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        add_to_form(form, error)
        if isinstance(error, StaleVersion):
            # Sent again it is meant on top of what somebody else saved.
            responses.with_values(form, version=str(row.version))
        return False
    return True


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up, or down."""
    row = get_object_or_404(CustomField, pk=pk)
    service.move(row, up=request.POST.get("to") == "up", now=timezone.now())
    return responses.see_other(reverse("crm:custom-field-list"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask with the number of values and what asks for it; then archive."""
    row = get_object_or_404(CustomField, pk=pk, archived_at=None)
    if request.method == "POST":
        service.archive(row, by=staff_of(request), now=timezone.now())
        said = _("“%(name)s” is archived. Its values are kept.") % {"name": row.label}
        undo_url = reverse("crm:custom-field-restore", args=[pk])
        responses.add_message(request, said, undo_url)
        return responses.see_other(reverse("crm:custom-field-list"))
    context = {
        "field": row,
        "values": service.count_values(row),
        "segments": selectors.segments_asking(f"custom.{row.pk}"),
    }
    return render(request, "crm/custom_field_archive.html", context)


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Back where it was, or the reason why it cannot be."""
    row = get_object_or_404(CustomField, pk=pk)
    try:
        service.restore(row, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        said = _("“%(name)s” is back, with its values.") % {"name": row.label}
        responses.add_message(request, said)
    return responses.see_other(reverse("crm:custom-field-list"))


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def build_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Start again on an index that could not be built."""
    row = get_object_or_404(CustomField, pk=pk)
    if row.sort_slot is None:
        raise Http404
    if field_jobs.open_job(field_jobs.INDEX, row) is None:
        field_jobs.follow(row, by=staff_of(request), now=timezone.now())
    responses.add_message(request, _("The index is being built."))
    return responses.see_other(reverse("crm:custom-field-list"))
