"""The one door for staff, also for those who come by the admin's address."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import selectors
from crm.access import Capability
from crm.forms import SignInForm


class SignIn(LoginView):
    """Strangers have no shell; they still read whose desk this is."""

    authentication_form = SignInForm

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        shell = {"business_name": selectors.business().name}
        return super().get_context_data(shell=shell, **more)


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
