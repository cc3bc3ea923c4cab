"""What follows on an answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from messaging.models import Automation
from surveys.forms import AfterForm, as_kept
from surveys.services import after
from surveys.services.limits import AGAIN
from surveys.views.parts import survey_or_404, tab
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_after(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab “After the answer”."""
    found = survey_or_404(pk)
    if request.method == "POST":
        form = AfterForm(request.POST)
        if form.is_valid():
            try:
                after.save_after(found, form.chosen(), now=timezone.now())
            except DomainError as error:
                add_to_form(form, error)
            else:
                responses.add_message(request, _("Saved"))
                return responses.see_other(reverse("surveys:survey-after", args=[pk]))
    else:
        form = AfterForm(initial=as_kept(found.after.all()))
    context = {
        "survey": found,
        "form": form,
        "again": Automation.objects.filter(kind=AGAIN, archived_at=None),
        **tab(request, "after"),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "surveys/survey_after.html", context, status=status)
