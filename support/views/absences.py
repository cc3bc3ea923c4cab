"""When one is away oneself."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.rules.dates import moment_at
from crm.staff import staff_of, zone_of_reader
from support.services import away as service
from web import form_fields as fields
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


class AbsenceForm(forms.Form):
    """Both days are away; without a last day it lasts until one comes back."""

    since = fields.Day(name="since", required=True, label=gettext_lazy("Away from"))
    until = fields.Day(
        name="until",
        label=gettext_lazy("Back on"),
        help_text=gettext_lazy("Empty: until you say that you are back."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.REPLY)
def absence(request: HttpRequest) -> HttpResponse:
    """Say from when to when."""
    staff, now, zone = staff_of(request), timezone.now(), zone_of_reader(request)
    today = now.astimezone(zone).date()
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(data, initial={"since": today})
    if form.is_valid():
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        try:
            service.leave(
                staff,
                since=moment_at(since, 0, zone),
                until=moment_at(until, 0, zone) if until else None,
                now=now,
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved. Nothing new comes to you."))
            return responses.see_other(reverse("support:absence"))
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {
        "form": form,
        "absence": service.absence_of(staff, now=now),
        "is_away": staff.pk in service.away(now),
        "now": now,
    }
    return render(request, "support/absence.html", context, status=status)


@require_POST
@requires(Capability.REPLY)
def absence_end(request: HttpRequest) -> HttpResponse:
    """Be there again."""
    service.come_back(staff_of(request), now=timezone.now())
    responses.add_message(request, _("Welcome back."))
    return responses.see_other(reverse("support:absence"))
