"""Pieces of customers' pages that are the same for everybody.

Each is rendered once for its arguments and kept: they are most of what a page is, and
there are few of them.
"""

from functools import lru_cache

from django import template
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def scale(name: str, chosen: object, low: object, high: object) -> SafeString:
    """The radio buttons from 0 to 10; `low` and `high` are the words at its ends."""
    return _scale(name, str(chosen), str(low), str(high), get_language())


# Twelve choices in each language, of each scale.
@lru_cache(maxsize=500)
def _scale(name: str, chosen: str, low: str, high: str, _language: str) -> SafeString:
    return render_to_string(
        "_scale.html", {"name": name, "chosen": chosen, "low": low, "high": high}
    )


@register.simple_tag(takes_context=True)
def language_links(context: Context, current: str) -> SafeString:
    """This page in the other languages, with the rest of its query kept."""
    request: HttpRequest | None = context.get("request")
    query = request.META.get("QUERY_STRING", "") if request else ""
    return _language_links(query, current, get_language())


# Queries come from outside: the least used are forgotten.
@lru_cache(maxsize=500)
def _language_links(query: str, current: str, _language: str) -> SafeString:
    return render_to_string(
        "_languages.html", {"query": QueryDict(query), "current": current}
    )
