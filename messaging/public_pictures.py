"""The pictures in mails, for the programs that show these."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from crm.access import public
from crm.services import files
from messaging.models import MailPicture

_HEADERS = {
    # Nothing in it may act here.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    # It never changes. The address is the same for everybody and tells nothing of
    # whoever asks for it.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@public
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """One picture, by the name that stands in mails."""
    row = get_object_or_404(MailPicture, name=name)
    try:
        content = files.storage().open(row.key)
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(content, content_type=row.content_type)
    answer["Content-Length"] = str(row.size)
    for header, value in _HEADERS.items():
        answer[header] = value
    return answer
