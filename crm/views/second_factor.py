"""Set up the second factor, and give it up: each with one's password."""

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from crm import selectors
from crm.access import Capability, requires
from crm.errors import WrongCode, WrongPassword
from crm.forms import CodeForm, OwnPasswordForm
from crm.models import User
from crm.qr import square
from crm.rules import totp
from crm.services import passwords
from crm.services import second_factor as service
from crm.staff import staff_of
from web import responses
from web.error_messages import for_error
from web.errors import DomainError, TooManyAttempts

# Made with the page, kept in the session until a code proves that the app has it.
_SECRET = "second_factor_secret"  # noqa: S105


class SetUpForm(CodeForm, OwnPasswordForm):
    """The password and the first code of a new second factor."""

    field_order = ("current", "code")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@requires(Capability.OWN_ACCOUNT)
def set_up(request: HttpRequest) -> HttpResponse:
    """Show the square, take a code of it, and show the recovery codes once."""
    staff = staff_of(request)
    if staff.has_second_factor:
        return responses.see_other(reverse("crm:security"))
    form = SetUpForm(request.POST or None)
    if form.is_valid():
        try:
            return _switch_on(request, staff, **form.cleaned_data)
        except TooManyAttempts as error:
            return responses.too_many(request, error)
        except (WrongPassword, WrongCode) as error:
            field = "code" if isinstance(error, WrongCode) else "current"
            form.add_error(field, str(for_error(error)))
    return _set_up_page(request, staff, form)


def _switch_on(
    request: HttpRequest, staff: User, current: str, code: str
) -> HttpResponse:
    now = timezone.now()
    passwords.confirm(staff, current, now=now)
    codes = service.switch_on(
        staff,
        secret=request.session.get(_SECRET, "") or totp.new_secret(),
        code=code,
        session_key=request.session.session_key,
        now=now,
    )
    del request.session[_SECRET]
    update_session_auth_hash(request, staff)
    return _show_codes(request, codes)


def _set_up_page(request: HttpRequest, staff: User, form: SetUpForm) -> HttpResponse:
    secret = request.session.setdefault(_SECRET, totp.new_secret())
    shop = selectors.business().name
    url = totp.app_url(secret, account=staff.email, issuer=shop)
    context = {
        "form": form,
        "square": square(url),
        "url": url,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "must": staff.lacks_second_factor,
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "crm/second_factor.html", context, status=status)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """In the answer itself: they are kept nowhere that they could be shown from."""
    context = {"codes": codes, "home_url": resolve_url(settings.LOGIN_REDIRECT_URL)}
    return render(request, "crm/recovery_codes.html", context)


@require_POST
@never_cache
@sensitive_post_parameters()
@requires(Capability.OWN_ACCOUNT)
def renew_codes(request: HttpRequest) -> HttpResponse:
    """POST with the password: new recovery codes, shown once."""
    staff = staff_of(request)
    if refused := _unconfirmed(request, staff):
        return refused
    return _show_codes(request, service.renew_codes(staff, now=timezone.now()))


@require_POST
@never_cache
@sensitive_post_parameters()
@requires(Capability.OWN_ACCOUNT)
def switch_off(request: HttpRequest) -> HttpResponse:
    """POST with the password: switch the second step off."""
    staff = staff_of(request)
    if refused := _unconfirmed(request, staff):
        return refused
    service.switch_off(
        staff, session_key=request.session.session_key, now=timezone.now()
    )
    update_session_auth_hash(request, staff)
    responses.add_message(request, _("The second step is off."))
    return responses.see_other(reverse("crm:security"))


def _unconfirmed(request: HttpRequest, staff: User) -> HttpResponse | None:
    """What to answer whoever does not show that it is them."""
    try:
        if not staff.has_second_factor:
            return responses.see_other(reverse("crm:second-factor"))
        passwords.confirm(staff, request.POST.get("current", ""), now=timezone.now())
    except TooManyAttempts as error:
        return responses.too_many(request, error)
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(reverse("crm:security"))
    return None
