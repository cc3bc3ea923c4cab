"""One's own sign-in: the password, the second factor, and where one is signed in."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.errors import WrongPassword
from crm.forms import ChangePasswordForm, OwnPasswordForm
from crm.models import StaffSession, User
from crm.rules.browsers import browser_of
from crm.services import passwords, second_factor, sessions
from crm.staff import staff_of
from web import responses
from web.error_messages import for_error
from web.errors import TooManyAttempts


@dataclass(frozen=True)
class SessionLine:
    """One session as its owner reads it."""

    row: StaffSession
    browser: str
    system: str
    is_this: bool


@require_safe
@never_cache
@requires(Capability.OWN_ACCOUNT)
def security(request: HttpRequest) -> HttpResponse:
    """Password, second step and sessions of whoever asks."""
    return _page(request)


@require_POST
@never_cache
@sensitive_post_parameters()
@requires(Capability.OWN_ACCOUNT)
def password_change(request: HttpRequest) -> HttpResponse:
    """POST: change the password, once the present one is confirmed."""
    staff = staff_of(request)
    form = ChangePasswordForm(staff, request.POST)
    if not form.is_valid():
        return _page(request, change=form)
    try:
        passwords.confirm(staff, form.cleaned_data["current"], now=timezone.now())
    except WrongPassword as error:
        form.add_error("current", str(for_error(error)))
        return _page(request, change=form)
    except TooManyAttempts as error:
        return responses.too_many(request, error)
    passwords.change_password(
        staff,
        password=form.cleaned_data["password"],
        session_key=request.session.session_key,
        now=timezone.now(),
    )
    update_session_auth_hash(request, staff)
    responses.add_message(request, _("Password changed. Other sessions have ended."))
    return responses.see_other(reverse("crm:security"))


@require_POST
@requires(Capability.OWN_ACCOUNT)
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: end one of one's own sessions."""
    if sessions.end(staff_of(request), pk=pk, now=timezone.now()):
        responses.add_message(request, _("That session has ended."))
    return responses.see_other(reverse("crm:security"))


@require_POST
@requires(Capability.OWN_ACCOUNT)
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """POST: end all of one's sessions but this one."""
    sessions.end_others(
        staff_of(request), but=request.session.session_key, now=timezone.now()
    )
    responses.add_message(request, _("All other sessions have ended."))
    return responses.see_other(reverse("crm:security"))


def _page(request: HttpRequest, **forms: Form) -> HttpResponse:
    staff = staff_of(request)
    context: dict[str, Any] = {
        "change": forms.get("change") or ChangePasswordForm(staff),
        "off": OwnPasswordForm(auto_id="off_%s"),
        "renew": OwnPasswordForm(auto_id="renew_%s"),
        "form": forms.get("change"),
        "staff": staff,
        "codes_left": second_factor.codes_left(staff),
        "sessions": _sessions(request, staff),
    }
    status = responses.UNPROCESSABLE if forms else 200
    return render(request, "crm/security.html", context, status=status)


def _sessions(request: HttpRequest, staff: User) -> list[SessionLine]:
    key = request.session.session_key
    return [
        SessionLine(row, *browser_of(row.browser), is_this=row.session_id == key)
        for row in sessions.of(staff, now=timezone.now())
    ]
