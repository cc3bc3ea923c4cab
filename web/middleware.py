"""For every request: turn away what no page can read, set the policy, try again."""

import codecs
import contextlib
import logging
import re
from collections.abc import Callable
from typing import Any, cast

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.request import RawPostDataException
from django.urls import Resolver404, resolve

from web import uploads
from web.error_handlers import is_collision
from web.rules import numbers

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponseBase]

# How often a view is done again, at most.
AGAIN_AT_MOST = 3

_CONTROL = re.compile("[\x00-\x1f\x7f]")


class RequestValidationMiddleware:
    """Refuse before anything reads it: endless bodies, and text that is not UTF-8.

    One limit is right for every form without files, and what is larger is not even
    received; files come by an address of their own (web/uploads.py). A charset of the
    sender's choice would decode into half characters that no database holds, or into
    no text at all.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            _refuse_malformed(request)
        except (BadRequest, RequestDataTooBig):
            if not takes_any_post(request):
                raise
            # Answered unread, as no form of ours.
            request.POST = QueryDict()
        if _holds_nul(request) and request.path.startswith("/admin/"):
            # Its lists and pages ask the database for whatever stands in the address.
            raise BadRequest("No record is named so.")
        # A quoted cookie can hold any character, which no session's name does.
        for name, value in list(request.COOKIES.items()):
            if _CONTROL.search(value):
                del request.COOKIES[name]
        return self.get_response(request)


def _refuse_malformed(request: HttpRequest) -> None:
    length = numbers.whole_number(request.META.get("CONTENT_LENGTH") or "0")
    if length is None:
        raise BadRequest("The length of the body is no number.")
    if length > uploads.most_bytes(request.path_info) and not (
        uploads.has_ticket(request.path_info)
    ):
        raise RequestDataTooBig("The body is larger than any form of ours.")
    charset = request.content_params.get("charset") if request.content_params else None
    if charset is not None and not _is_utf8(charset):
        raise BadRequest("The text is not in UTF-8.")


def takes_any_post(request: HttpRequest) -> bool:
    """Whether this is a POST for a view that counts each, however it comes.

    Such a view is marked by an attribute of its own. It is looked up here,
    because nothing has found the view of the request yet.
    """
    if request.method != "POST":
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "takes_any_post", False)


def _holds_nul(request: HttpRequest) -> bool:
    return "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


class ContentPolicyMiddleware:
    """The policy of the settings, put together once and not twice at each answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.usual = build_policy()
        self.own_words = CSPMiddleware(get_response).process_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A view that wants other words (csp_replace) has left them on its answer.
        if any(name.startswith("_csp") for name in vars(response)):
            return cast(HttpResponse, self.own_words(request, response))
        response.headers.setdefault(HEADER, self.usual)
        return response


class RetryOnDeadlockMiddleware:
    """Do a view again whose transaction PostgreSQL undid for the sake of another.

    Two who lock each other out, or change what the other one reads, are at no fault,
    and of the one who gives way nothing is left. The same request again is what a
    person would be asked for, and it counts once however often it comes. Its place is
    the last of the list: nothing that another middleware does is done twice.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: View,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase:
        """Run the view, and again where PostgreSQL undid its transaction."""
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
    with contextlib.suppress(RawPostDataException, RequestDataTooBig):
        request.body  # noqa: B018
