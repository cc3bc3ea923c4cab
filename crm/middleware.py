"""Two doors: turn away what no page can read; let customers in; name who is asking."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver
from django.utils import timezone, translation

from crm import public, selectors
from crm.access import is_behind_a_link
from crm.rules.dates import zone_of
from crm.services import audit
from web.middleware import (
    ContentPolicyMiddleware,
    GetResponse,
    refuse_malformed,
    run_view,
)

logger = logging.getLogger(__name__)


def _door(path: str) -> str:
    return "admin" if path.startswith("/admin/") else "web"


# Load balancers and monitoring ask an address, not a name, and over plain HTTP: to
# refuse the host, or to send them to HTTPS, takes a healthy process for a dead one.
PROBES = {"/healthz": public.healthz, "/readyz": public.readyz}


class SecurityHeaders(SecurityMiddleware):
    """Its headers only: who has to come by HTTPS is decided at the door."""

    def process_request(self, request: HttpRequest) -> None:
        return None


EVERYBODYS_HEADERS = (XFrameOptionsMiddleware, ContentPolicyMiddleware, SecurityHeaders)


class CustomersDoorMiddleware:
    """Customers' pages are answered here: what stands below is for staff alone.

    Behind a link the token is the authority. There is no session to read, nobody to
    sign in and no cookie that a foreign form could use, so none of the middleware for
    these is asked. What protects every page protects these too, only in one piece: the
    host, the body, and the headers, which are taken once from those who set them for
    all. Only views that say so themselves may be reached by this door, being both
    public and free of cookies (messaging/public_forms.py), and the two probes;
    everything else goes on through the whole chain, wherever it lives.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.answer = cast(GetResponse, convert_exception_to_response(_answer_customer))
        self.headers: dict[bool, dict[str, str]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if probe := PROBES.get(request.path_info):
            return self._complete(request, cast(HttpResponse, probe(request)))
        match = customers_page(request.path_info)
        is_redirected = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if match is None or (is_redirected and not _is_taken_anyway(request, match)):
            return self.get_response(request)
        request.resolver_match = match
        return self._complete(request, self.answer(request))

    def _complete(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        is_secure = request.is_secure()
        if is_secure not in self.headers:
            self.headers[is_secure] = _headers_of_all(request)
        for name, value in self.headers[is_secure].items():
            response.headers.setdefault(name, value)
        if not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _is_taken_anyway(request: HttpRequest, match: ResolverMatch) -> bool:
    """Where any POST counts, one that cannot be read or came without TLS does too."""
    return request.method == "POST" and getattr(match.func, "takes_any_post", False)


def _answer_customer(request: HttpRequest) -> HttpResponse:
    match = cast(ResolverMatch, request.resolver_match)
    try:
        refuse_malformed(request)
    except (BadRequest, RequestDataTooBig):
        if not _is_taken_anyway(request, match):
            raise
        # Answered unread, as no form of ours.
        request.POST = QueryDict()
    # A host that is not ours is refused by being asked for.
    request.get_host()
    with audit.acting(audit.VISITOR):
        answer = run_view(request, match.func, match.args, match.kwargs)
    return cast(HttpResponse, answer)


def _headers_of_all(request: HttpRequest) -> dict[str, str]:
    """What every answer of the product carries, over this kind of connection."""
    chain: Any = _bare_answer
    for middleware in EVERYBODYS_HEADERS:
        chain = middleware(chain)
    return dict(chain(request).items())


def _bare_answer(_request: HttpRequest) -> HttpResponse:
    answer = HttpResponse()
    del answer["Content-Type"]
    return answer


def customers_page(path: str) -> ResolverMatch | None:
    """The view behind a link that this path leads to, if it is one."""
    pages = _customers_pages(settings.ROOT_URLCONF)
    for page in pages.get(path[1:].partition("/")[0], ()):
        if match := page.resolve(path[1:]):
            return match
    return None


@cache
def _customers_pages(urls: str) -> Mapping[str, Sequence[URLPattern]]:
    """By the first piece of their path: to walk all paths of the product for each
    request takes three times as long. Those of an app stand under no prefix."""
    found: dict[str, list[URLPattern]] = defaultdict(list)
    for app in get_resolver(urls).url_patterns:
        if not isinstance(app, URLResolver) or str(app.pattern):
            continue
        for page in app.url_patterns:
            if isinstance(page, URLPattern) and is_behind_a_link(page.callback):
                found[str(page.pattern).partition("/")[0]].append(page)
    return found


class ActorMiddleware:
    """Name the member of staff for the audit. Public views name the customer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            actor = audit.VISITOR
        else:
            actor = audit.Actor(
                kind="user", id=request.user.pk, via=_door(request.path)
            )
        with audit.acting(actor):
            return self.get_response(request)


def _zone(own: str) -> ZoneInfo:
    """Staff without a zone of their own read in the shop's."""
    return zone_of(own, own or selectors.business().time_zone)


def _staff_language(own: str) -> str:
    return own if own in dict(settings.STAFF_LANGUAGES) else settings.LANGUAGE_CODE


class StaffLocaleMiddleware:
    """Staff see their own zone, and their language where all of it is translated.

    Public pages choose theirs themselves.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with translation.override(_staff_language(request.user.language)):
            timezone.activate(_zone(request.user.time_zone))
            try:
                return self.get_response(request)
            finally:
                timezone.deactivate()
