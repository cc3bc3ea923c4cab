"""Which language a customer's page speaks: what they chose, else theirs, else ours."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from crm import selectors as crm
from crm.models import Customer


def page_language(request: HttpRequest, customer: Customer | None) -> str:
    """`?lang=`, then the customer's language, then the shop's; only those we have."""
    known = known_languages()
    chosen = wanted_language(request)
    if not chosen and customer is not None and customer.language in known:
        chosen = customer.language
    return chosen or _house(known)


def wanted_language(request: HttpRequest) -> str:
    """`?lang=`, where it names a language of ours; else empty."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in known_languages() else ""


@cache
def known_languages() -> frozenset[str]:
    return frozenset(code for code, _name in settings.LANGUAGES)


def _house(known: Collection[str]) -> str:
    language = crm.business().language
    return language if language in known else settings.LANGUAGE_CODE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything rendered inside is in this language."""
    with translation.override(language):
        yield
