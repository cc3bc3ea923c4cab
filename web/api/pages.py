"""Keyset pages: `?after=` the last id of the page before, `?limit=` up to 200."""

from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from web.rules import numbers
from web.rules.numbers import LARGEST_ID

_MOST = 200
_USUAL = 50
_ID = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
_AFTER = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID, "default": 0}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _USUAL}

PARAMETERS = [
    OpenApiParameter("after", _AFTER, description="Continue behind this id."),
    OpenApiParameter("limit", _LIMIT, description="Rows a page."),
]


PATH_ID = OpenApiParameter("id", _ID, OpenApiParameter.PATH)


def id_parameter(name: str, description: str) -> OpenApiParameter:
    """A query parameter of the schema that takes an id."""
    return OpenApiParameter(name, _ID, description=description)


def page_of(row: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The schema of what `page` sends."""
    return inline_serializer(
        f"{row.__name__}Page",
        {
            "results": row(many=True),
            "next_after": serializers.IntegerField(
                allow_null=True, help_text="Send it as `after`; null: this is the end."
            ),
        },
    )


def whole_number(
    request: Request, name: str, default: int, *, least: int = 0, most: int = LARGEST_ID
) -> int:
    """One ASCII number within bounds from the query, or the default."""
    value = request.query_params.get(name)
    if value is None:
        return default
    number = numbers.whole_number(value, most=10**19)
    if number is None:
        raise ValidationError({name: ["Send one whole number."]})
    if not least <= number <= most:
        raise ValidationError({name: [f"Send a number from {least} to {most}."]})
    return number


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
    limit = whole_number(request, "limit", _USUAL, least=1, most=_MOST)
    after = whole_number(request, "after", 0)
    found: list[Model] = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    more = len(found) > limit
    shown = found[:limit]
    return {
        "results": serializer(shown, many=True).data,
        "next_after": shown[-1].pk if more else None,
    }
