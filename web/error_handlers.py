"""The pages for what no view answered: unreadable requests, and faults of our own."""

import sys
from collections.abc import Iterator
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader

# Long enough for a database that restarts, short enough for whoever waits.
RETRY_AFTER_SECONDS = 10
# A deadlock, and a serialization failure.
COLLISIONS = frozenset({"40P01", "40001"})
WORDS = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "This request could not be read."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large", "The body is too large."),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "unavailable",
        "The database does not answer at the moment. Try again.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("error", "Something went wrong on our side."),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400; a body beyond the limit has a number of its own."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return _answer(request, HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the error is being handled.

    A database that is away, full or held by somebody's lock mends itself: "try again"
    is the truth then, and "something went wrong" is not. Nothing here asks it anything.
    """
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if is_absent_database(sys.exception()):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    answer = _answer(request, status)
    answer["Cache-Control"] = "no-store"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def is_absent_database(error: BaseException | None) -> bool:
    """Also where another error came of it: a broken transaction refuses all that
    follows."""
    return any(
        isinstance(one, (OperationalError, InterfaceError)) for one in _causes(error)
    )


def is_collision(error: BaseException) -> bool:
    """PostgreSQL undid a transaction for the sake of another one."""
    return any(getattr(one, "sqlstate", None) in COLLISIONS for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _answer(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    if request.path.startswith("/api/"):
        code, message = WORDS[status]
        body = {"code": code, "message": message, "fields": {}}
        return JsonResponse(body, status=status)
    page = loader.render_to_string(f"{status.value}.html")
    return HttpResponse(page, status=status)
