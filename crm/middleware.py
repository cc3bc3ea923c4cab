"""Set who is asking, and in which language staff read."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from crm import selectors
from crm.rules.dates import zone_of
from crm.services import audit

type_next = Callable[[HttpRequest], HttpResponse]


def _door(path: str) -> str:
    return "admin" if path.startswith("/admin/") else "web"


class ActorMiddleware:
    """Name the member of staff for the audit. Public views name the customer."""

    def __init__(self, get_response: type_next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            actor = audit.Actor(kind="customer", id=None, via="public")
        else:
            actor = audit.Actor(
                kind="user", id=request.user.pk, via=_door(request.path)
            )
        with audit.acting(actor):
            return self.get_response(request)


def _zone(own: str) -> ZoneInfo:
    """Staff without a zone of their own read in the shop's."""
    return zone_of(own, own or selectors.business().time_zone)


class StaffLocaleMiddleware:
    """Staff see their own language and zone; public pages choose theirs themselves."""

    def __init__(self, get_response: type_next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        language = request.user.language or "en"
        with translation.override(language):
            timezone.activate(_zone(request.user.time_zone))
            try:
                return self.get_response(request)
            finally:
                timezone.deactivate()
