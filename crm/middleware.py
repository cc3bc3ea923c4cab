"""Turn away what no page can read; set who is asking and in which language."""

import codecs
import contextlib
import logging
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException
from django.utils import timezone, translation

from crm import selectors
from crm.rules.dates import zone_of
from crm.services import audit
from crm.views.trouble import is_collision

logger = logging.getLogger(__name__)

type_next = Callable[[HttpRequest], HttpResponse]
type_view = Callable[..., HttpResponseBase]

# How often a view is done once more, at most.
AGAIN_AT_MOST = 3

_CONTROL = re.compile("[\x00-\x1f\x7f]")


class WellFormedMiddleware:
    """Refuse before anything reads it: endless bodies, and text that is not UTF-8.

    Forms here hold no files, so one limit is right for every body, and what is larger
    is not even received. A charset of the sender's choice would decode into half
    characters that no database holds, or into no text at all.
    """

    def __init__(self, get_response: type_next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit() and len(length) < 19):
            raise BadRequest("The length of the body is no number.")
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("The body is larger than any form of ours.")
        if not _is_utf8((request.content_params or {}).get("charset", "utf-8")):
            raise BadRequest("The text is not in UTF-8.")
        if _holds_nul(request) and _door(request.path) == "admin":
            # Its lists and pages ask the database for whatever the address says.
            raise BadRequest("No record is named so.")
        # A quoted cookie can hold any character, which no session's name does.
        for name, value in list(request.COOKIES.items()):
            if _CONTROL.search(value):
                del request.COOKIES[name]
        return self.get_response(request)


def _holds_nul(request: HttpRequest) -> bool:
    return "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


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


class OnceMoreMiddleware:
    """Do a view once more whose transaction PostgreSQL undid for the sake of another.

    Two who lock each other out, or change what the other one reads, are at no fault,
    and of the one who gives way nothing is left. The same request again is what a
    person would be asked for, and it is one deed however often it comes. Its place is
    the last of the list: nothing that another middleware does is done twice.
    """

    def __init__(self, get_response: type_next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: type_view,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase:
        _keep_body(request)
        for _ in range(AGAIN_AT_MOST):
            try:
                return view(request, *args, **kwargs)
            except DatabaseError as error:
                # Within a transaction of the caller's, only the caller can do it again.
                if connection.in_atomic_block or not is_collision(error):
                    raise
                # By its name: an address may hold somebody's token.
                logger.warning("%s is done once more", getattr(view, "__name__", view))
        return view(request, *args, **kwargs)


def _keep_body(request: HttpRequest) -> None:
    """A body can be read from the wire once; a form that was read is kept anyway."""
    with contextlib.suppress(RawPostDataException):
        request.body  # noqa: B018
