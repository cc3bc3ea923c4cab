"""The rules of a programme: added, changed by a new version, tried out, and ended."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import programme_labels, programme_words
from loyalty.choices import EarnEvent
from loyalty.forms.rules import RuleForm
from loyalty.models import Programme, Rule
from loyalty.services.programmes import rules as service
from loyalty.views.programmes import looked_at, url_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_REWARDS)
def rule_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one; `?event=` says on what it earns, and what stands in the form."""
    row = get_object_or_404(Programme, pk=pk)
    event = _event(request.GET.get("event", ""))
    form = RuleForm.new(row, event, request.POST or None)
    if form.is_valid() and "try" not in request.POST:
        key = form.cleaned_data.get("key", "")
        try:
            service.add(
                row,
                event=event,
                key=key,
                **form.given(),
                by=staff_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("The rule is there."))
            return responses.see_other(url_of(row))
    return _form(request, form)


def _event(typed: str) -> EarnEvent:
    known = {event.value: event for event in EarnEvent}
    return known.get(typed, EarnEvent.ORDER)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_REWARDS)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it from now on, as a new version; the past stays under its own."""
    row = get_object_or_404(Rule.objects.select_related("programme"), pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = RuleForm.of(row, service.latest_of(row), posted)
    if form.is_valid() and "try" not in request.POST:
        try:
            service.change(
                row,
                version=form.cleaned_data["version"],
                **form.given(),
                by=staff_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved. What was earned stays."))
            return responses.see_other(url_of(row.programme))
    return _form(request, form)


@require_POST
@requires(Capability.EDIT_REWARDS)
def rule_end(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=end` or `to=back`: named, not toggled, so that twice is once."""
    row = get_object_or_404(Rule.objects.select_related("programme"), pk=pk)
    is_end = request.POST.get("to") == "end"
    try:
        if is_end:
            service.end(row, now=timezone.now())
        else:
            service.resume(row, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        ended = _("The rule has ended. What it earned stays.")
        responses.add_message(request, ended if is_end else _("The rule earns again."))
    return responses.see_other(url_of(row.programme))


def _form(request: HttpRequest, form: RuleForm) -> HttpResponse:
    request_context(request)
    rows = (
        form.rule.versions.select_related("made_by", "only_for", "not_for")
        if (form.rule)
        else []
    )
    shown: dict[str, Any] = {
        "form": form,
        "programme": form.programme,
        "rule": form.rule,
        "event": programme_labels.EVENTS[form.event.value],
        "hint": programme_labels.EVENT_HINTS[form.event.value],
        "is_of_orders": form.event is EarnEvent.ORDER,
        "versions": [(one, programme_words.rule(one)) for one in rows][::-1],
        "back_url": url_of(form.programme),
        "forecast": None,
        **_tried(request, form),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/rule_form.html", shown, status=status)


def _tried(request: HttpRequest, form: RuleForm) -> dict[str, Any]:
    """What it would have given in the past year; nothing is stored."""
    if "try" not in request.POST or not form.is_valid():
        return {}
    try:
        draft = form.draft(timezone.now())
    except DomainError as error:
        add_to_form(form, error)
        return {}
    return {
        "sentence": programme_words.rule(draft),
        **looked_at(request, form.programme, draft),
    }
