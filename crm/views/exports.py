"""Ask for an export: of a list as it is filtered, or of everything."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm import datasets
from crm.access import Capability, requires
from crm.forms import ExportForm
from crm.services.exports import asking
from crm.staff import staff_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EXPORT_DATA)
def export_create(request: HttpRequest) -> HttpResponse:
    """`of` names a dataset, beside it stand the filters of its list; without it
    everything is offered."""
    asked = request.POST if request.method == "POST" else request.GET
    values = {name: asked[name].replace("\x00", "") for name in asked}
    dataset = datasets.get(values.get("of", ""))
    staff = staff_of(request)
    if dataset is not None and not dataset.is_for(staff):
        raise PermissionDenied
    filters = dataset.narrowed(values) if dataset else {}
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        dataset=dataset,
        user=staff,
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            job = asking.ask(
                names=[dataset.name] if dataset else given["datasets"],
                format_name=given["format"],
                filters=filters,
                by=staff,
                now=timezone.now(),
                reason=given["reason"],
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            return responses.see_other(reverse("crm:job", args=[job.pk]))
    context = {
        "form": form,
        "dataset": dataset,
        "filters": filters,
        "is_narrowed": any(filters.values()),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/export_create.html", context, status=status)
