"""Settings: what a mailbox does by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from support.forms.automatic import AutomaticForm
from support.models import Mailbox
from support.services import acknowledging
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@requires(Capability.CHANGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def automatic(request: HttpRequest, pk: int) -> HttpResponse:
    """Its acknowledgement in each language, and after how many days it closes."""
    found = get_object_or_404(Mailbox, pk=pk)
    is_sent = request.method == "POST"
    form = AutomaticForm(request.POST) if is_sent else AutomaticForm.of(found)
    if form.is_valid():
        try:
            acknowledging.set_up(
                found,
                acknowledges=form.cleaned_data["acknowledges"],
                texts=form.texts,
                close_after_days=form.cleaned_data["close_after_days"],
                version=form.cleaned_data["version"] or 0,
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved."))
            return responses.see_other(reverse("support:mailbox-list"))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "mailbox": found}
    return render(request, "support/mailbox_automatic.html", context, status=status)
