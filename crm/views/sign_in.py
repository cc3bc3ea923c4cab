"""The one sign-in for staff, also for those who come by the admin's address."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from crm import known_device, selectors
from crm.access import Capability
from crm.errors import WrongCode, WrongSignIn
from crm.forms import CodeForm, SignInForm
from crm.models import User
from crm.services import audit
from crm.services import sign_in as service
from crm.services.second_factor import check_code
from crm.visitor import client_address
from web import responses
from web.error_messages import for_error
from web.errors import TooManyAttempts

# Who it is, is what is being asked.
SOMEBODY = audit.Actor(kind="user", id=None, via="web")
_PENDING = "sign_in"
_PENDING_SECONDS = 10 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Without an account there is no shell; the name of the shop is still shown."""
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            user = _ask(request, **form.cleaned_data)
        except TooManyAttempts as error:
            return responses.too_many(request, error)
        except WrongSignIn:
            form.add_error(None, _wrong())
        else:
            return _go_on(request, user)
    shell = {"business_name": selectors.business().name}
    context = {"form": form, "next": _wanted(request), "shell": shell}
    return render(request, "registration/login.html", context)


def _go_on(request: HttpRequest, user: User) -> HttpResponse:
    """The password was right: in, or to the second step."""
    url = _wanted(request) or resolve_url(settings.LOGIN_REDIRECT_URL)
    if not user.has_second_factor:
        return enter(request, user, url)
    request.session[_PENDING] = {
        "user": user.pk,
        # A password changed in between begins again.
        "bound": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "next": url,
    }
    return HttpResponseRedirect(reverse("sign-in-code"))


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app, or a recovery code."""
    pending = request.session.get(_PENDING, {})
    user = _pending_user(pending)
    if user is None:
        return HttpResponseRedirect(reverse("login"))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            with audit.acting(SOMEBODY):
                check_code(user, form.cleaned_data["code"], now=timezone.now())
        except TooManyAttempts as error:
            return responses.too_many(request, error)
        except WrongCode as error:
            form.add_error("code", str(for_error(error)))
        else:
            return enter(request, user, pending["next"], fields=["second_factor"])
    shell = {"business_name": selectors.business().name}
    context = {"form": form, "shell": shell}
    return render(request, "registration/login_code.html", context)


def _pending_user(pending: dict[str, Any]) -> User | None:
    """Whose password was right in this browser a few minutes ago."""
    if timezone.now().timestamp() - pending.get("at", 0) > _PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None:
        return None
    is_bound = constant_time_compare(pending["bound"], user.get_session_auth_hash())
    return user if is_bound else None


def _ask(request: HttpRequest, username: str, password: str) -> User:
    with audit.acting(SOMEBODY):
        return service.sign_in(
            email=username,
            password=password,
            address=client_address(request),
            device=known_device.device_of(request, username),
            now=timezone.now(),
        )


def _wanted(request: HttpRequest) -> str:
    """The page somebody wanted before they were asked, if it is one of ours."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        url, {request.get_host()}, request.is_secure()
    )
    return url if allowed else ""


def enter(
    request: HttpRequest, user: User, url: str, fields: Sequence[str] = ()
) -> HttpResponse:
    """Open the session: the user has shown all that they must show."""
    with transaction.atomic(), audit.acting(audit.user(user.pk)):
        login(request, user, backend=BACKEND)
        request.session.pop(_PENDING, None)
        audit.record(
            "user.signed_in", f"user:{user.pk}", fields=fields, now=timezone.now()
        )
    answer = HttpResponseRedirect(url)
    known_device.remember(answer, user.email)
    return answer


def _wrong() -> str:
    return _(
        "Enter the email address and password of your account. Capital letters count."
    )


@login_not_required
@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin asks for the same account, so it asks on the same page.

    Anyone who is signed in already and may not use it would only be asked again.
    """
    if request.user.is_authenticated and not request.user.can(Capability.USE_ADMIN):
        who = _("The administration is for owners and managers.")
        return render(request, "403.html", {"who": who}, status=403)
    wanted = request.GET.get("next", "") or reverse("admin:index")
    return redirect_to_login(wanted)


def admin_password(request: HttpRequest) -> HttpResponse:
    """The admin's own page would change a password past our service and its audit."""
    return HttpResponseRedirect(reverse("crm:security"))
