"""Pieces of customers' pages that are the same for everybody.

Each is rendered once for its arguments and kept: they are most of what a page is, and
there are few of them.
"""

from functools import cache, lru_cache

from django import template
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def scale(
    name: str, chosen: object, low: object, high: object, first: int = 0, last: int = 10
) -> SafeString:
    """The radio buttons of a scale; `low` and `high` are the words at its ends."""
    return _scale(
        name, str(chosen), str(low), str(high), first, last, get_language() or ""
    )


# Twelve choices in each language, of each scale.
@lru_cache(maxsize=500)
def _scale(
    name: str, chosen: str, low: str, high: str, first: int, last: int, _language: str
) -> SafeString:
    ends = {"low": low, "high": high, "first": first, "last": last}
    return render_to_string("_scale.html", {"name": name, "chosen": chosen, **ends})


@register.simple_tag
@cache
def file_url(path: str) -> str:
    """Where this file of static/ is: the same for as long as a process runs."""
    return static(path)


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
