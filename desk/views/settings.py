"""What is set, and whether everything works; the forms are the crm's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.forms import BusinessForm, PreferencesForm
from crm.page_parts import SettingsPanel, parts_for
from crm.request_context import request_context
from desk.selectors.health import statuses


@require_safe
@requires(Capability.SEE_MESSAGES)
def settings(request: HttpRequest) -> HttpResponse:
    """For every role: one's own settings; the shop's as far as the role goes."""
    context = request_context(request)
    shown = {
        "context": context,
        "now": context.now,
        "preferences": PreferencesForm.of(context.user),
        "business": context.business,
        "business_form": BusinessForm.of(context.business),
        "can_change": context.can(Capability.CHANGE_SETTINGS),
        "statuses": statuses(context),
        "panels": [
            (panel, panel.read(context)) for panel in parts_for(SettingsPanel, context)
        ],
    }
    return render(request, "desk/settings.html", shown)
