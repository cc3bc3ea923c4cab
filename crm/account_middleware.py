"""What holds for everybody who is signed in, whatever page they open."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone

from crm.models import User
from crm.services import sessions
from crm.visitor import client_address

GetResponse = Callable[[HttpRequest], HttpResponse]

# What somebody may open who has to set up a second factor first.
_BEFORE_SECOND_FACTOR = frozenset({"logout", "crm:second-factor"})


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Django's, which reads the session first also where the view needs none."""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True):
            return None
        return super().process_view(request, view, args, kwargs)


class StaffSessionMiddleware:
    """Keep the list of sessions that people see on their own page.

    Noted when a session begins and every few minutes then; what was noted stands in the
    session itself, so that other pages ask the database nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._note(request)
        response = self.get_response(request)
        # Anyone who has signed in here, or has another key now.
        self._note(request)
        return response

    def _note(self, request: HttpRequest) -> None:
        key = request.session.session_key
        # In this order: without a key no one is signed in, and nothing is read.
        if (
            key
            and isinstance(request.user, User)
            and self._is_due(request, key)
            and not self._is_asked_by_itself(request)
        ):
            now = timezone.now()
            sessions.note(
                request.user,
                session_key=key,
                address=client_address(request),
                browser=request.headers.get("User-Agent", ""),
                now=now,
            )
            request.session["noted"] = [key[-8:], now.timestamp()]

    def _is_asked_by_itself(self, request: HttpRequest) -> bool:
        try:
            return hasattr(resolve(request.path_info).func, "asked_by_itself")
        except Resolver404:
            return False

    def _is_due(self, request: HttpRequest, key: str) -> bool:
        # A session that signed in again has another key, and its old row is gone.
        of, at = request.session.get("noted", ["", 0.0])
        age = timedelta(seconds=timezone.now().timestamp() - at)
        return of != key[-8:] or age >= sessions.SEEN_EVERY


class SecondFactorMiddleware:
    """Lead whoever must have a second factor, and has none, to where it is set up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True):
            return None
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or not user.lacks_second_factor:
            return None
        if match and match.view_name in _BEFORE_SECOND_FACTOR:
            return None
        return redirect("crm:second-factor")
