"""Which language a customer's page speaks: what they chose, else theirs, else ours."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from crm import selectors as crm
from crm.models import Customer


def page_language(
    request: HttpRequest, customer: Customer | None, *, house: str | None = None
) -> str:
    """`?lang=`, then the customer's language, then the shop's; only those we have.

    `house` is the shop's, where the caller has read it already.
    """
    wanted = [request.GET.get("lang", "")]
    if customer is not None:
        wanted.append(customer.language)
    known = dict(settings.LANGUAGES)
    chosen = next((code for code in wanted if code in known), None)
    return chosen or _house(known, house)


def _house(known: Collection[str], language: str | None) -> str:
    if language is None:
        language = crm.business().language
    return language if language in known else settings.LANGUAGE_CODE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything rendered inside is in this language."""
    with translation.override(language):
        yield
