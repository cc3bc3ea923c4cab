"""Which language a customer's page is in: what they chose, else theirs, else ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from crm import selectors as crm
from crm.models import Business, Customer


def page_language(
    request: HttpRequest, customer: Customer | None, shop: Business | None = None
) -> str:
    """`?lang=`, then the customer's language, then the shop's; only those we have.
    `shop`: where it was read already."""
    own = customer.language if customer else ""
    wanted = wanted_language(request) or (own if own in known_languages() else "")
    return wanted or best_language((shop or crm.business()).language)


def best_language(*wishes: str) -> str:
    """The first of these codes that we have, else the one of the settings."""
    known = known_languages()
    return next((code for code in wishes if code in known), settings.LANGUAGE_CODE)


def wanted_language(request: HttpRequest) -> str:
    """`?lang=`, where it names a language of ours; else empty."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in known_languages() else ""


@cache
def known_languages() -> frozenset[str]:
    """The codes of the languages that customers' pages exist in."""
    return frozenset(code for code, _name in settings.LANGUAGES)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything rendered inside is in this language."""
    with translation.override(language):
        yield
