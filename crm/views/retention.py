"""How long each kind of data is kept: one page, and what a shorter time deletes."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import kept_data, selectors
from crm.access import Capability, requires
from crm.forms import RetentionForm
from crm.models import Business
from crm.services import business as business_service
from crm.services import retention as retention_service
from crm.services.retention import Loss
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def retention(request: HttpRequest) -> HttpResponse:
    """Nothing is made shorter before the page has shown how much that deletes."""
    business, now = selectors.business(), timezone.now()
    form = RetentionForm.of(business, now=now)
    if request.method == "POST":
        form = RetentionForm(request.POST, now=now)
    losses: list[Loss] = []
    if form.is_valid():
        losses = retention_service.losses(form.days, now=now)
        asked = _shorter(form.days, business) if losses else ""
        if form.cleaned_data["sure"] == asked and _is_saved(form, business, now):
            responses.add_message(request, _("Settings saved."))
            return responses.see_other(reverse("crm:retention"))
        responses.with_values(form, sure=asked)
    context = {
        "form": form,
        "losses": losses,
        "fixed": kept_data.all_fixed(),
    }
    status = responses.UNPROCESSABLE if form.errors or losses else 200
    return render(request, "crm/retention.html", context, status=status)


def _is_saved(form: RetentionForm, business: Business, now: datetime) -> bool:
    """False: the form says why not."""
    version = form.cleaned_data["version"]
    try:
        business_service.update_business(version=version, changes=form.days, now=now)
    except DomainError as error:
        add_to_form(form, error)
        # Sent again it is meant on top of what somebody else saved.
        responses.with_values(form, version=str(business.version))
        return False
    return True


def _shorter(days: Mapping[str, int], business: Business) -> str:
    """The shorter ones of these times: what a yes is a yes to."""
    now = {name: getattr(business, name) for name in days}
    return urlencode([(n, days[n]) for n in sorted(days) if days[n] < now[n]])
