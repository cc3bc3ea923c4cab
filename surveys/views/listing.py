"""All surveys, and the mail about them on Mondays."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.staff import staff_of
from surveys import selectors
from surveys.services import digest
from web.responses import add_message


@requires(Capability.SEE_SURVEYS)
@require_safe
def survey_list(request: HttpRequest) -> HttpResponse:
    """All surveys, with their numbers."""
    now = timezone.now()
    context = {
        "rows": selectors.survey_rows(now=now),
        "may_edit": staff_of(request).can(Capability.EDIT_AUTOMATIONS),
        "wants_digest": digest.wants(staff_of(request)),
        "now": now,
    }
    return render(request, "surveys/survey_list.html", context)


@requires(Capability.SEE_SURVEYS)
@require_POST
def digest_choice(request: HttpRequest) -> HttpResponse:
    """POST: `to=on` or `to=off`, the mail on Mondays for whoever asks."""
    wanted = request.POST.get("to") == "on"
    digest.choose(staff_of(request), wants=wanted, now=timezone.now())
    add_message(
        request,
        _("You get the week’s answers on Mondays.")
        if wanted
        else _("You get no more mail about the week’s answers."),
    )
    return redirect("surveys:survey-list")
