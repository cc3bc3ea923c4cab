"""Forms behind a link in a mail: the token is the authority, not a cookie.

A customer opens these pages without a session: from a mail program, in a frame, with
cookies refused. Django's CSRF check would turn them away: it wants a cookie, and our
`Referrer-Policy: no-referrer` makes browsers send `Origin: null` with every form. What
CSRF protects against is a foreign page using a visitor's session; here there is none to
use, and a foreign page that knows the token could post it from anywhere. What is left
is a foreign page that makes a visitor's browser post: the browser reports that itself
(Sec-Fetch-Site, or a foreign Origin), and that is refused.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from crm import selectors as crm
from messaging.public_language import page_language, speaking

View = Callable[..., HttpResponse]
_OWN_SITE = frozenset({"same-origin", "none"})
_SAFE = frozenset({"GET", "HEAD"})


def token_page(view: View) -> View:
    """A page behind a token: no cookie needed, never stored, sends no Referer.

    Put it under @public. It does not restrict the methods.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in _SAFE and is_foreign(request):
            response = render(request, "public/foreign_form.html", status=403)
        else:
            response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


def is_foreign(request: HttpRequest) -> bool:
    """Whether the browser reports that another site made it send this form."""
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in _OWN_SITE
    origin = request.META.get("HTTP_ORIGIN")
    # "null" is what our own pages send, because they send no referrer.
    if origin is None or origin == "null":
        return False
    try:
        return bool(urlsplit(origin).netloc != request.get_host())
    except ValueError:
        # No browser writes an origin that cannot be read.
        return True


def link_gone(request: HttpRequest) -> HttpResponse:
    """Forged, cut, expired or erased: one page, so that a guess reveals nothing."""
    language = page_language(request, None)
    with speaking(language):
        context = {"shop": crm.business().name, "page_language": language}
        return render(request, "messaging/link_gone.html", context, status=404)
