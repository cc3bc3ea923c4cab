"""Where a request comes from: one reading, for limits, consent and sessions alike."""

from django.conf import settings
from django.http import HttpRequest

from crm.rules.network import client_ip


def client_address(request: HttpRequest) -> str:
    """The visitor's network address, through NUM_PROXIES proxies; may be empty."""
    remote = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "")
    return client_ip(remote, forwarded, settings.NUM_PROXIES)
