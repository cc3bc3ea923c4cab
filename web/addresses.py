"""Addresses of pages, each shape of them found once."""

from functools import lru_cache

from django.urls import (
    URLResolver,
    get_resolver,
    get_script_prefix,
    get_urlconf,
    reverse,
)

# No part of any address of ours.
_PLACE = 8_070_605_040_302_010


def address(url_name: str, *numbers: int) -> str:
    """As `reverse` says it, which takes ten times as long, of a page that takes nothing
    or numbers. Raises NoReverseMatch."""
    resolver, prefix = get_resolver(get_urlconf()), get_script_prefix()
    first, *parts = _parts(resolver, prefix, url_name, len(numbers))
    for number, part in zip(numbers, parts, strict=True):
        first += f"{number}{part}"
    return first


@lru_cache(maxsize=256)
def _parts(resolver: URLResolver, prefix: str, url_name: str, most: int) -> list[str]:
    """What stands around its numbers; anew for other URLs and below another prefix, by
    which it was found."""
    return reverse(url_name, args=[_PLACE] * most).split(str(_PLACE))
