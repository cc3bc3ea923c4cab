"""What staff write down for a customer who asked us to stop."""

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.models import Customer
from messaging.rules.choices import Category
from messaging.services import consent

_STOPPED = {
    Category.SURVEY.value: _("Surveys stopped."),
    Category.LOYALTY.value: _("Reminders stopped."),
    Category.MARKETING.value: _("Offers stopped."),
}


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def withdraw(request: HttpRequest, pk: int, category: str) -> HttpResponse:
    """No more mail of this class; what is planned of it does not go."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    if category not in _STOPPED:
        raise Http404
    consent.withdraw(
        customer, categories=[Category(category)], how="staff", now=timezone.now()
    )
    notices.success(request, _STOPPED[category])
    return redirect("desk:customer", pk=pk)
