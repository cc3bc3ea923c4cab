"""What drf-spectacular cannot see: how a key is shown, and what every answer may be."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from crm.api.idempotency import HEADER, PATTERN
from web.api.fields import ErrorOut

# Not read, no key, not allowed, not in JSON; the database is away.
_ALWAYS = (400, 401, 403, 406, 503)
# Already so, too large, not JSON.
_WRITING = (409, 413, 415)
# A request line or a header beyond its limits is refused by the web server itself.
_TOO_LONG = OpenApiResponse(
    description="Too long: answered before the API, not as JSON."
)
_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": f"^{PATTERN}$"},
    OpenApiParameter.HEADER,
    description=(
        "Your own name for this request: sent again within a day, it is done once and"
        " gets the same answer."
    ),
)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself without types
    """Describes the bearer token of `TokenAuthentication` in the schema."""

    target_class = "crm.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class StrictShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call] # registers itself without types
    """Fields that are not named are refused; the schema shows that."""

    target_class = "web.api.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        describe: Any = auto_schema._map_serializer
        shape = describe(self.target, direction, bypass_extensions=True)
        return {**shape, "additionalProperties": False}


class ApiSchema(AutoSchema):
    """Adds to each operation what all of its kind have in common."""

    @property
    def writes(self) -> bool:
        return self.method in {"POST", "PATCH"}

    def get_override_parameters(self) -> list[Any]:
        return [_KEY] if self.writes else []

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        describe: Any = self._get_response_for_code
        more = _ALWAYS + (_WRITING if self.writes else ())
        for status in map(str, more):
            if status not in bodies:
                bodies[status] = describe(ErrorOut, status)
        for status in ("414", "431"):
            bodies[status] = describe(_TOO_LONG, status)
        return dict(sorted(bodies.items()))
