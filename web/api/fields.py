"""Serializer parts that refuse what a machine should not have sent."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from web.error_messages import for_field

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)


# A day or a moment of any other writing is a guess: week dates, other digits, no zone.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"
    r"(?:Z|[+-]\d{2}:\d{2})",
    re.ASCII,
)
# Sixty thousand wrong names need no sixty thousand answers.
_MOST_NAMED = 20


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown and read-only fields are refused, not dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(set(data) - known)
            if unknown:
                raise serializers.ValidationError(
                    dict.fromkeys(
                        unknown[:_MOST_NAMED], [for_field("", "unknown_field")]
                    )
                )
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """Only a text; how long and of what is the service's, in the words of the forms."""

    default_error_messages: ClassVar = {
        "blank": for_field("", "required"),
        "required": for_field("", "required"),
    }

    def __init__(self, *, max_length: int, **more: Any) -> None:
        more.setdefault("allow_blank", True)
        super().__init__(max_length=max_length, trim_whitespace=False, **more)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > (self.max_length or 0):
            raise serializers.ValidationError(for_field("", "too_long"))
        return data

    def run_validators(self, value: Any) -> None:
        """What a text must be, beyond its length, is checked where the rest is."""


class WholeNumber(serializers.IntegerField):
    """5, and neither "5" nor true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class YesOrNo(serializers.BooleanField):
    """true or false, and neither 1 nor "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Day(serializers.DateField):
    """`2026-11-21` and nothing else."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise serializers.ValidationError('Send a day, like "2026-11-21".')
        return super().to_internal_value(value)


class Moment(serializers.DateTimeField):
    """With its zone: a clock without one is another moment in every place."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise serializers.ValidationError(
                'Send a moment with its zone, like "2026-11-21T14:30:00Z".'
            )
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"})
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
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment] # a property of DRF's own class
