"""Keyset pages: `?after=` the last id of the page before, `?limit=` up to 200."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

_MOST = 200
_USUAL = 50
_LARGEST_ID = 2**63 - 1


def whole_number(request: Request, name: str, default: int, most: int) -> int:
    """One non-negative ASCII number from the query, or the default."""
    values = request.query_params.getlist(name)
    if not values:
        return default
    value = values[0]
    if len(values) > 1 or not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ValidationError({name: ["Send one whole number."]})
    return min(int(value), most)


def only(request: Request, *names: str) -> None:
    """Refuse query parameters that mean nothing here."""
    unknown = sorted(set(request.query_params) - {"after", "limit", *names})
    if unknown:
        raise ValidationError(dict.fromkeys(unknown, ["This is not a filter here."]))
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise ValidationError({name: ["Send it once."]})
    for name, value in request.query_params.items():
        # PostgreSQL holds no NUL: nothing can match.
        if "\x00" in value:
            raise ValidationError({name: ["This holds a character no text has."]})


def page(
    request: Request,
    rows: QuerySet[Any],
    serializer: type[serializers.BaseSerializer[Any]],
) -> dict[str, Any]:
    """{"results": […], "next_after": id or null}, in the order of ids."""
    limit = max(1, whole_number(request, "limit", _USUAL, _MOST))
    after = whole_number(request, "after", 0, _LARGEST_ID)
    found: list[Model] = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    more = len(found) > limit
    shown = found[:limit]
    return {
        "results": serializer(shown, many=True).data,
        "next_after": shown[-1].pk if more else None,
    }
