"""Add, change, move and remove the later steps of an automation."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from messaging.forms.steps import StepChangeForm, StepForm
from messaging.models import Automation
from messaging.services import steps
from messaging.views.automations import automation_page, found
from messaging.views.step_words import found_step
from web.error_messages import add_to_form
from web.errors import DomainError
from web.responses import add_message, add_refusal, see_other
from web.rules.numbers import whole_number


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A step behind the others."""
    row = found(pk)
    form = StepForm(request.POST)
    if not form.is_valid():
        return automation_page(request, row, new_step=form)
    return _done(
        request,
        row,
        lambda version: steps.add(
            row, version=version, **form.cleaned_data, now=timezone.now()
        ),
        _("The step is added."),
    )


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def change(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """When it goes, what ends a run before it, and whether it holds an offer."""
    stored = found_step(pk, step)
    form = StepChangeForm.of(stored, request.POST)
    if not form.is_valid():
        return automation_page(request, stored.automation, step_form=form, step=step)
    asked = {"wait_days": 0, "stop_on": [], **form.cleaned_data}
    try:
        steps.change(stored.automation, position=step, **asked, now=timezone.now())
    except DomainError as error:
        add_to_form(form, error)
        return automation_page(request, stored.automation, step_form=form, step=step)
    add_message(request, _("Saved."))
    return see_other(_page(stored.automation))


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def move(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """POST: change places with the step at `to`."""
    row = found_step(pk, step).automation
    to = whole_number(request.POST.get("to", "")) or 0
    return _done(
        request,
        row,
        lambda version: steps.move(
            row, version=version, position=step, to=to, now=timezone.now()
        ),
        _("The step has moved."),
    )


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def remove(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Take it away; those behind it come forward."""
    row = found_step(pk, step).automation
    return _done(
        request,
        row,
        lambda version: steps.remove(
            row, version=version, position=step, now=timezone.now()
        ),
        _("The step is removed. Its words are kept among the versions."),
    )


def _done(
    request: HttpRequest, row: Automation, act: Callable[[int], object], said: str
) -> HttpResponse:
    """`version` is that of the page which was pressed."""
    try:
        act(whole_number(request.POST.get("version", "")) or 0)
    except DomainError as error:
        add_refusal(request, error)
    else:
        add_message(request, said)
    return see_other(_page(row))


def _page(row: Automation) -> str:
    return f"{reverse('messaging:automation', args=[row.pk])}#steps"
