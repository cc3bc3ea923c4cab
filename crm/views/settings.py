"""The shop's settings, and a person's own: the pages that change them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import selectors
from crm.access import Capability, requires
from crm.forms import BusinessForm, PreferencesForm
from crm.models import Business
from crm.services import business as business_service
from crm.services import users
from crm.staff import staff_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError, StaleVersion
from web.responses import Difference


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def business_edit(request: HttpRequest) -> HttpResponse:
    """GET: the settings of the shop. POST: save them; 409 where they were changed
    since."""
    business = selectors.business()
    form = BusinessForm.of(business)
    if request.method == "POST":
        form = BusinessForm(request.POST)
    status, is_stale = 200, False
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            business_service.update_business(
                version=values.pop("version"), changes=values, now=timezone.now()
            )
        except StaleVersion:
            status, is_stale = responses.CONFLICT, True
            responses.with_values(form, version=str(business.version))
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Settings saved."))
            return responses.see_other(resolve_url(settings.SETTINGS_PAGE))
    if form.errors:
        status = responses.UNPROCESSABLE
    context = {
        "form": form,
        "settings_url": resolve_url(settings.SETTINGS_PAGE),
        "differences": _differences(form, business) if is_stale else [],
    }
    return render(request, "crm/business_edit.html", context, status=status)


def _differences(form: BusinessForm, business: Business) -> list[Difference]:
    return [
        Difference(field.label, saved, typed)
        for field in form.shown
        if str(saved := getattr(business, field.name))
        != str(typed := form.cleaned_data[field.name])
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.SEE_MESSAGES)
def preferences(request: HttpRequest) -> HttpResponse:
    """Everybody's own; every role has the capability asked here."""
    staff = staff_of(request)
    form = PreferencesForm.of(staff)
    if request.method == "POST":
        form = PreferencesForm(request.POST)
    if form.is_valid():
        try:
            users.set_preferences(staff, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Your settings are saved."))
            return responses.see_other(resolve_url(settings.SETTINGS_PAGE))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "settings_url": resolve_url(settings.SETTINGS_PAGE)}
    return render(request, "crm/preferences.html", context, status=status)
