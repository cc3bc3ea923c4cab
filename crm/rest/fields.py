"""Serializer parts that refuse what a machine should not have sent."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown and read-only fields are refused, not dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(set(data) - known)
            if unknown:
                raise serializers.ValidationError(
                    dict.fromkeys(unknown, ["This field cannot be set."])
                )
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.STR)
class ExactDecimalField(serializers.Field[Decimal, Any, str, Any]):
    """A number as text, "12.50": a JSON float has lost its cents already."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not _NUMBER.fullmatch(data):
            raise serializers.ValidationError('Send a number as text, like "12.50".')
        return Decimal(data) + 0  # -0 becomes 0

    def to_representation(self, value: Decimal) -> str:
        return str(value)


class ErrorOut(serializers.Serializer[Any]):
    """The one shape of every error."""

    code = serializers.CharField()
    message = serializers.CharField()
    # A field's name to what is wrong with it.
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]
