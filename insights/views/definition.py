"""What counts as a customer who stayed: one page decides it, every figure names it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from crm.models import Job
from crm.services.jobs import OPEN
from crm.staff import staff_of
from insights.forms import DefinitionForm
from insights.selectors import definition as selectors
from insights.selectors import gap_curve
from insights.services.definition import decide
from insights.services.recount import RECOUNT
from insights.views import TABS
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@requires(Capability.SEE_INSIGHTS)
@require_http_methods(["GET", "HEAD", "POST"])
def definition(request: HttpRequest) -> HttpResponse:
    """The choice, and the days that the shop's own orders propose with their curve."""
    now, row = timezone.now(), selectors.definition()
    may_edit = staff_of(request).can(Capability.EDIT_INSIGHTS)
    form = DefinitionForm.of(row)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied(Capability.EDIT_INSIGHTS.value)
        form = DefinitionForm(request.POST)
        if form.is_valid() and _is_kept(request, form):
            responses.add_message(
                request, _("Saved. All customers are counted anew by it.")
            )
            return responses.see_other(reverse("insights:definition"))
    context = {
        "form": form,
        "row": row,
        "may_edit": may_edit,
        "curve": gap_curve.curve(row),
        "age": selectors.age(row, now=now),
        "job": Job.objects.filter(kind=RECOUNT.name, state__in=OPEN).last(),
        "tabs": TABS,
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "insights/definition.html", context, status=status)


def _is_kept(request: HttpRequest, form: DefinitionForm) -> bool:
    """False: the form says why not."""
    try:
        decide(**form.cleaned_data, by=staff_of(request), now=timezone.now())
    except DomainError as error:
        add_to_form(form, error)
        return False
    return True
