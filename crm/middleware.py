"""For every request: probes, HTTPS, pages without a session, and who is asking."""

from collections.abc import Iterator
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.security import SecurityMiddleware
from django.urls import (
    Resolver404,
    URLResolver,
    get_resolver,
    get_urlconf,
    resolve,
)
from django.utils import timezone, translation

from crm import public
from crm.access import needs_no_session
from crm.models import User
from crm.rules.dates import zone_of
from crm.services import audit
from crm.staff import business_of
from web.middleware import GetResponse, takes_any_post


def _via(path: str) -> str:
    return "admin" if path.startswith("/admin/") else "web"


class HttpsMiddleware(SecurityMiddleware):
    """Lead to HTTPS whoever Django's own middleware let in over plain HTTP, but for
    the probes and the POST of a mail program: see `crm.access.takes_any_post`."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.redirect_exempt = []

    def process_request(
        self, request: HttpRequest
    ) -> HttpResponsePermanentRedirect | None:
        # Whose view it is takes long to find, and matters only over plain HTTP.
        if not self.redirect or request.is_secure():
            return None
        if request.path_info in ProbeMiddleware.views or takes_any_post(request):
            return None
        return super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        """The headers are Django's own middleware's."""
        return response


class ProbeMiddleware:
    """Answer the two probes before the host is checked.

    Load balancers and monitoring ask an address, not a name: to refuse the host takes a
    healthy process for a dead one. `SECURE_REDIRECT_EXEMPT` spares them the redirect.
    """

    views = {"/healthz": public.healthz, "/readyz": public.readyz}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = self.views.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        response = cast(HttpResponse, probe(request))
        # CommonMiddleware, which does this for every other page, comes later.
        response.headers["Content-Length"] = str(len(response.content))
        return response


class NoSessionMiddleware:
    """Forget the session's cookie on pages where the link in a mail is the authority.

    Members of staff open such links too. Without the cookie no session is read, so
    these pages ask the database nothing about it and do not say `Vary: Cookie`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = settings.SESSION_COOKIE_NAME
        if name in request.COOKIES and _leads_to_no_session(request.path_info):
            del request.COOKIES[name]
        return self.get_response(request)


def _leads_to_no_session(path: str) -> bool:
    # To find the view takes as long as to find the session.
    if path[1:].partition("/")[0] not in _without_session(get_resolver(get_urlconf())):
        return False
    try:
        return needs_no_session(resolve(path).func)
    except Resolver404:
        return False


@lru_cache(maxsize=8)
def _without_session(resolver: URLResolver) -> frozenset[str]:
    """The first words of all addresses of such pages."""
    return frozenset(_first_words(resolver, ""))


def _first_words(resolver: URLResolver, before: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _first_words(one, route)
        elif needs_no_session(one.callback):
            word = route.split("/")[0]
            assert word.isidentifier(), f"{route} begins with no word."
            yield word


def _signed_in(request: HttpRequest) -> User | None:
    """To ask `request.user` reads the session, which a visitor does not have."""
    is_staff = request.session.session_key and request.user.is_authenticated
    return cast(User, request.user) if is_staff else None


def _unwrap(request: HttpRequest) -> None:
    """The user itself in place of Django's lazy one, which is read by now: a page asks
    it some two hundred times."""
    request.user = get_user(request)


class ActorMiddleware:
    """Name the member of staff for the audit. Public views name the customer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = audit.VISITOR
        if user := _signed_in(request):
            _unwrap(request)
            actor = audit.Actor(kind="user", id=user.pk, via=_via(request.path))
        with audit.acting(actor):
            return self.get_response(request)


def _zone(request: HttpRequest, own: str) -> ZoneInfo:
    """Staff without a zone of their own read in the shop's."""
    return zone_of(own, own or business_of(request).time_zone)


def _staff_language(own: str) -> str:
    return own if own in dict(settings.STAFF_LANGUAGES) else settings.LANGUAGE_CODE


class StaffLocaleMiddleware:
    """Staff see their own zone, and their language where all of it is translated.

    Public pages choose theirs themselves.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = _signed_in(request)
        if user is None:
            return self.get_response(request)
        with translation.override(_staff_language(user.language)):
            timezone.activate(_zone(request, user.time_zone))
            try:
                return self.get_response(request)
            finally:
                timezone.deactivate()
