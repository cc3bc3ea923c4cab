"""Make, copy, move, archive and delete automations; count an audience before it is
saved."""

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm import audiences
from crm.access import Capability, requires
from messaging import kinds, starting_points
from messaging.forms.automations import AudienceForm, NameForm
from messaging.kinds import Kind, StartingPoint
from messaging.models import Automation
from messaging.selectors.automations import audience_now
from messaging.services import automation_order, automation_rows
from messaging.views.automations import UNPROCESSABLE, found
from web.error_messages import add_to_form, for_error
from web.errors import DomainError, InvalidValue
from web.responses import add_message, see_other
from web.rules.numbers import whole_number


@requires(Capability.EDIT_AUTOMATIONS)
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """What one may begin with, by what it is good for."""
    context = {"sections": starting_points.gallery(kinds.swept_kinds())}
    return render(request, "messaging/automation_gallery.html", context)


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """A new automation of a kind, switched off; `start` names its starting point."""
    known = {one.name: one for one in kinds.swept_kinds()}
    if kind not in known:
        raise Http404
    point = starting_points.find(known[kind], request.GET.get("start", ""))
    return _named(request, known[kind], point=point)


@requires(Capability.EDIT_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A second one with the same settings and wording, switched off."""
    original = found(pk)
    return _named(request, kinds.get(original.kind), original=original)


def _named(
    request: HttpRequest,
    kind: Kind,
    *,
    original: Automation | None = None,
    point: StartingPoint | None = None,
) -> HttpResponse:
    """Ask for a name, then make it and go to its page."""
    suggested = (
        _("Copy of %(name)s") % {"name": original.name} if original else kind.label
    )
    form = NameForm(request.POST or None, initial={"name": str(suggested)})
    if request.method == "POST" and form.is_valid():
        name, now = form.cleaned_data["name"], timezone.now()
        try:
            made = (
                automation_rows.copy(original, name=name, now=now)
                if original
                else automation_rows.create(kind, name=name, point=point, now=now)
            )
        except InvalidValue as error:
            add_to_form(form, error)
        else:
            notices.success(request, _("Made, and switched off. Say whom it is for."))
            return redirect("messaging:automation", pk=made.pk)
    context = {"form": form, "kind": kind, "original": original, "point": point}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "messaging/automation_new.html", context, status=status)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it before the automation that `before` names, or last where it names none:
    a place among the others and no number, so that twice is once."""
    row = found(pk)
    named = request.POST.get("before", request.GET.get("before", ""))
    before = found(whole_number(named) or 0) if named else None
    was_before = automation_order.move(row, before=before, now=timezone.now())
    add_message(
        request,
        _("“%(name)s” has moved.") % {"name": row.name},
        f"{request.path}?before={was_before.pk if was_before else ''}",
    )
    went = request.POST.get("went", "")
    went = went if went in ("up", "down") else ""
    return see_other(f"{reverse('messaging:automation-list')}?moved={pk}&went={went}")


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=archived` or `to=restored`: named, not toggled, so that twice is once."""
    row, now = found(pk), timezone.now()
    try:
        if request.POST.get("to") == "restored":
            automation_rows.restore(row, now=now)
            notices.success(request, _("Restored, and switched off."))
        else:
            automation_rows.archive(row, now=now)
            notices.success(request, _("Archived. What it sent is kept."))
    except DomainError as error:
        notices.error(request, for_error(error))
    return redirect("messaging:automation", pk=pk)


@requires(Capability.EDIT_AUTOMATIONS)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Only one that never ran; the page offers it for no other."""
    row = found(pk)
    try:
        automation_rows.delete(row, now=timezone.now())
    except DomainError as error:
        notices.error(request, for_error(error))
        return redirect("messaging:automation", pk=pk)
    notices.success(request, _("“%(name)s” is deleted.") % {"name": row.name})
    return redirect("messaging:automation-list")


@requires(Capability.EDIT_AUTOMATIONS)
@require_safe
def audience(request: HttpRequest) -> HttpResponse:
    """How many people are in what is chosen now; put beside the fields by htmx."""
    form = AudienceForm(request.GET)
    try:
        chosen = audiences.checked(form.audience) if form.is_valid() else None
    except InvalidValue:
        chosen = None
    context = {
        "audience": audience_now(chosen, now=timezone.now())
        if chosen is not None
        else None
    }
    return render(request, "messaging/_automation_audience.html", context)
