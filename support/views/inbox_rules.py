"""Rules of the inbox: their list, and one of them, tried out before it is saved."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from support.forms.inbox_rules import InboxRuleForm
from support.models import InboxRule, Mail
from support.services import inbox_rules as service
from support.words import KINDS
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@require_safe
@requires(Capability.CHANGE_SETTINGS)
def rule_list(request: HttpRequest) -> HttpResponse:
    """All of them, in their order."""
    rows = InboxRule.objects.select_related("assignee", "tag", "mailbox")
    context = {"rules": list(rows), "kinds": KINDS}
    return render(request, "support/inbox_rule_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def rule_create(request: HttpRequest) -> HttpResponse:
    """Make one."""
    form = InboxRuleForm(request.POST if request.method == "POST" else None)
    return _edited(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.CHANGE_SETTINGS)
def rule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one."""
    rule = get_object_or_404(InboxRule, pk=pk)
    form = InboxRuleForm.of(rule, request.POST if request.method == "POST" else None)
    return _edited(request, form, rule)


def _edited(
    request: HttpRequest, form: InboxRuleForm, rule: InboxRule | None
) -> HttpResponse:
    """Saved where these very conditions were tried; else they are tried now."""
    found: list[Mail] | None = None
    if form.is_valid():
        if form.cleaned_data["tried"] == form.digest and "try" not in request.POST:
            try:
                _save(form, rule)
            except DomainError as error:
                add_to_form(form, error)
            else:
                responses.add_message(request, _("Saved. It counts from now on."))
                return responses.see_other(reverse("support:rule-list"))
        found = service.tried(form.conditions)
        responses.with_values(form, tried=form.digest)
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "rule": rule, "found": found, "most": service.TRIED_ON}
    return render(request, "support/inbox_rule_edit.html", context, status=status)


def _save(form: InboxRuleForm, rule: InboxRule | None) -> None:
    version = form.cleaned_data["version"] or 1
    service.save(rule, form.values, version=version, now=timezone.now())


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def rule_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Up or down by one place."""
    rule = get_object_or_404(InboxRule, pk=pk)
    service.move(rule, up=request.POST.get("to") == "up", now=timezone.now())
    return responses.see_other(f"{reverse('support:rule-list')}#rule-{pk}")


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def rule_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off."""
    rule = get_object_or_404(InboxRule, pk=pk)
    is_on = request.POST.get("to") == "on"
    service.switch(rule, on=is_on, now=timezone.now())
    said = _("It counts from now on.") if is_on else _("It does nothing any more.")
    responses.add_message(request, said)
    return responses.see_other(reverse("support:rule-list"))


@require_POST
@requires(Capability.CHANGE_SETTINGS)
def rule_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one; the page asks first."""
    service.delete(get_object_or_404(InboxRule, pk=pk), now=timezone.now())
    responses.add_message(request, _("Deleted."))
    return responses.see_other(reverse("support:rule-list"))
