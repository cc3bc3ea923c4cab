"""The WSGI application for gunicorn."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Utf8Request(WSGIRequest):
    """Reads everything as UTF-8, whatever charset the sender names.

    Django decodes the query in that charset while it makes the request, before any
    middleware could refuse it: `charset=rot13` would be a fault of the server.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(
            meta.get("CONTENT_TYPE", "")
        )


class Handler(WSGIHandler):
    """Django's WSGI handler, with requests whose addresses are read as UTF-8."""

    request_class = Utf8Request


# As get_wsgi_application does.
django.setup(set_prefix=False)
application = Handler()
