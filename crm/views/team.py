"""Who works here: an owner invites, gives roles, deactivates."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Capability, requires
from crm.forms import InvitationForm, RoleForm
from crm.forms.team import MEANINGS, ROLES
from crm.models import User
from crm.services import team as service
from crm.staff import staff_of
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.MANAGE_TEAM)
def team(request: HttpRequest) -> HttpResponse:
    """Everybody, and the form to invite one more."""
    form = InvitationForm(request.POST or None, initial={"role": "agent"})
    if form.is_valid():
        try:
            service.invite(
                by=staff_of(request), now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Invited."))
            return responses.see_other(reverse("crm:team"))
    context = {
        "form": form,
        "people": User.objects.order_by("-is_active", "name", "pk"),
        "roles": ROLES,
        "meanings": MEANINGS,
        "me": staff_of(request),
        "has_mail": settings.MAIL_TRANSPORT != "outbox",
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/team.html", context, status=status)


@require_POST
@requires(Capability.MANAGE_TEAM)
def role_change(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: give this member of staff another role."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        return responses.see_other(reverse("crm:team"))
    role = form.cleaned_data["role"]
    return _do(
        request,
        pk,
        lambda user, by, now: service.change_role(user, role=role, by=by, now=now),
        _("Role changed."),
    )


@require_POST
@requires(Capability.MANAGE_TEAM)
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: let them sign in no more. The answer offers to undo it."""
    return _do(
        request,
        pk,
        lambda user, by, now: service.deactivate(user, by=by, now=now),
        _("Deactivated."),
        undo_url=reverse("crm:team-activate", args=[pk]),
    )


@require_POST
@requires(Capability.MANAGE_TEAM)
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: let them sign in again."""
    return _do(
        request,
        pk,
        lambda user, by, now: service.activate(user, by=by, now=now),
        _("Active again."),
    )


@require_POST
@requires(Capability.MANAGE_TEAM)
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: mail a new invitation; the earlier link no longer works."""
    return _do(
        request,
        pk,
        lambda user, by, now: service.invite_again(user, by=by, now=now),
        _("Invited once more. The earlier link no longer works."),
    )


def _do(
    request: HttpRequest,
    pk: int,
    change: Callable[..., object],
    message: str,
    undo_url: str = "",
) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    try:
        said = change(user, staff_of(request), timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        more = said if isinstance(said, list) else []
        responses.add_message(request, " ".join([message, *more]), undo_url)
    return responses.see_other(reverse("crm:team"))
