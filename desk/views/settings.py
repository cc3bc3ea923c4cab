"""What is set, and whether everything works; the forms are the crm's."""

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.forms import BusinessForm, PreferencesForm
from crm.request_context import request_context
from desk.selectors.health import health, mailboxes
from messaging.models import BudgetRule
from messaging.selectors import circuits


@require_safe
@requires(Capability.SEE_MESSAGES)
def settings(request: HttpRequest) -> HttpResponse:
    """For every role: one's own settings; the shop's as far as the role goes."""
    context = request_context(request)
    stopped = circuits.stopped(sees_customers=context.sees_customers, now=context.now)
    shown = {
        "context": context,
        "now": context.now,
        "preferences": PreferencesForm.of(context.user),
        "business": context.business,
        "business_form": BusinessForm.of(context.business),
        "can_change": context.can(Capability.CHANGE_SETTINGS),
        "limits": list(BudgetRule.objects.all()),
        "health": health(context.now, [one.circuit for one in stopped]),
        "mailboxes": mailboxes(context.now),
        "stopped": stopped,
        "transport": django_settings.MAIL_TRANSPORT,
    }
    return render(request, "desk/settings.html", shown)
