"""Members of staff. Owners invite them in Settings, Team; here they are repaired."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from crm.admin_base import FastAdmin, OwnerOnly
from crm.forms import NewPasswordForm
from crm.models import User
from crm.services import passwords, team
from crm.staff import staff_of
from web.errors import DomainError
from web.rules.numbers import whole_number

_DETAILS = ("email", "name", "language", "time_zone")


class UserForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(required=False, label=_("Password"))

    class Meta:
        model = User
        fields = (*_DETAILS, "role", "is_active", "password")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


# What somebody may do hangs on their role; a group would change nothing.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(OwnerOnly, FastAdmin):
    form = UserForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email__istartswith", "name__istartswith")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Who is invited chooses a password that no one else knows.
        return False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.set_password)
        own = path("<id>/password/", page, name="crm_user_password")
        return [own, *super().get_urls()]

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        try:
            with transaction.atomic():
                said = _save(request, obj, form)
        except DomainError as error:
            self.refuse(request, error)
        else:
            for sentence in said:
                self.message_user(request, sentence)

    def set_password(self, request: HttpRequest, id: str) -> HttpResponse:
        """The button beside the password leads here."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return _set_password(request, self, _user(unquote(id)))


def _user(pk: str) -> User:
    return get_object_or_404(User, pk=whole_number(pk))


def _save(request: HttpRequest, user: User, form: Any) -> list[str]:
    """What became of their work, in sentences."""
    said: list[str] = []
    by, now, changed = staff_of(request), timezone.now(), form.changed_data
    if "role" in changed:
        team.change_role(user, role=user.role, by=by, now=now)
    if "is_active" in changed:
        if user.is_active:
            team.activate(user, by=by, now=now)
        else:
            said = team.deactivate(user, by=by, now=now)
    details = {name: getattr(user, name) for name in _DETAILS if name in changed}
    if details:
        team.change_details(user, changes=details, now=now)
    return said


@sensitive_post_parameters()
def _set_password(request: HttpRequest, page: UserAdmin, user: User) -> HttpResponse:
    form = NewPasswordForm(user, request.POST or None)
    if form.is_valid():
        passwords.set_password(
            user, password=form.cleaned_data["password"], now=timezone.now()
        )
        page.message_user(request, _("The password is set. Their sessions have ended."))
        return HttpResponseRedirect(reverse("admin:crm_user_change", args=[user.pk]))
    context = {
        **page.admin_site.each_context(request),
        "title": _("Set a password"),
        "form": form,
        "original": user,
        "opts": page.opts,
    }
    return TemplateResponse(request, "admin/crm/user/set_password.html", context)
