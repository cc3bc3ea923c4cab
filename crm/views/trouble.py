"""The page for what is nobody's request's fault: our own, or the database's."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader

# Long enough for a database that restarts, short enough for whoever waits.
RETRY_AFTER_SECONDS = 10
WORDS = {
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "unavailable",
        "The database does not answer at the moment. Try again.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("error", "Something went wrong on our side."),
}


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
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _answer(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    if request.path.startswith("/api/"):
        code, message = WORDS[status]
        body = {"code": code, "message": message, "fields": {}}
        return JsonResponse(body, status=status)
    page = loader.render_to_string(f"{status.value}.html")
    return HttpResponse(page, status=status)
