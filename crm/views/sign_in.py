"""The one door for staff, also for those who come by the admin's address."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from crm import known_device, selectors
from crm.access import Capability
from crm.errors import TooManyAttempts, WrongSignIn
from crm.forms import SignInForm
from crm.models import User
from crm.services import audit
from crm.services import sign_in as service
from crm.views import answers
from crm.visitor import client_address

# Who it is, is what is being asked.
SOMEBODY = audit.Actor(kind="user", id=None, via="web")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Strangers have no shell; they still read whose desk this is."""
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            user = _ask(request, **form.cleaned_data)
        except TooManyAttempts as error:
            return answers.too_many(request, error)
        except WrongSignIn:
            form.add_error(None, _wrong())
        else:
            return enter(request, user, _wanted(request) or reverse("desk:today"))
    shell = {"business_name": selectors.business().name}
    context = {"form": form, "next": _wanted(request), "shell": shell}
    return render(request, "registration/login.html", context)


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


def enter(request: HttpRequest, user: User, url: str) -> HttpResponse:
    """Open the session: the user has shown all that they must show."""
    with transaction.atomic(), audit.acting(audit.user(user.pk)):
        login(request, user, backend=BACKEND)
        audit.record("user.signed_in", f"user:{user.pk}", now=timezone.now())
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

    Whoever is signed in already and may not use it would only be asked again.
    """
    if request.user.is_authenticated and not request.user.can(Capability.USE_ADMIN):
        who = _("The administration is for owners and managers.")
        return render(request, "403.html", {"who": who}, status=403)
    wanted = request.GET.get("next", "") or reverse("admin:index")
    return redirect_to_login(wanted)
