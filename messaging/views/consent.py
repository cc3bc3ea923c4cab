"""What staff write down for a customer who asked us to stop, or to pause."""

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.models import Customer
from crm.staff import staff_of
from messaging.rules.choices import Category
from messaging.services import consent, consent_undo, pauses
from web import responses
from web.error_messages import for_error
from web.errors import DomainError

_STOPPED = {
    Category.SURVEY.value: gettext_lazy("Surveys stopped."),
    Category.LOYALTY.value: gettext_lazy("Reminders stopped."),
    Category.MARKETING.value: gettext_lazy("Offers stopped."),
    Category.BIRTHDAY.value: gettext_lazy("Birthday greetings stopped."),
}
_REFUSALS = {
    "consent_withdrawn": gettext_lazy(
        "Somebody else stopped these, so it stays. The customer can allow them again."
    ),
    "undo_too_late": gettext_lazy(
        "This can be undone for ten minutes. The customer can allow them again."
    ),
}


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def withdraw(request: HttpRequest, pk: int, category: str) -> HttpResponse:
    """No more mail of this class; what is planned of it does not go."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    if category not in _STOPPED:
        raise Http404
    staff, now = staff_of(request), timezone.now()
    stopped = Category(category)
    consent.withdraw(customer, categories=[stopped], how="staff", staff=staff, now=now)
    can_undo = stopped in consent_undo.undoable_by(customer, staff=staff, now=now)
    undo_url = reverse("messaging:consent-undo", args=[pk, category])
    responses.add_message(
        request, str(_STOPPED[category]), undo_url=undo_url if can_undo else ""
    )
    return redirect(customer)


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def undo(request: HttpRequest, pk: int, category: str) -> HttpResponse:
    """Take back one's own withdrawal of a moment ago; never the customer's."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    if category not in _STOPPED:
        raise Http404
    try:
        consent_undo.undo_by_staff(
            customer,
            category=Category(category),
            staff=staff_of(request),
            now=timezone.now(),
        )
        notices.success(request, _("Undone. What was planned before stays ended."))
    except DomainError as error:
        notices.error(request, str(_REFUSALS.get(error.code) or for_error(error)))
    return redirect(customer)


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing but receipts and answers for three months."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    pauses.pause(customer, by_staff=True, now=timezone.now())
    resume_url = reverse("messaging:mail-resume", args=[pk])
    responses.add_message(request, _("Paused for three months."), resume_url)
    return redirect(customer)


@requires(Capability.WITHDRAW_CONSENT)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """End the pause, whoever chose it: the customer may have asked for that."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    pauses.resume(customer, now=timezone.now())
    notices.success(request, _("Resumed. What is planned goes at its hour."))
    return redirect(customer)
