"""What no cache may keep: the answers of the web server."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class NoStoreMiddleware:
    """Every answer is `no-store`, unless its view sets Cache-Control itself.

    Pages and API show customers' data: neither a proxy nor the disk of a shared
    computer keeps them, and Back after signing out shows nothing. Files of static/ are
    answered above this and are kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
