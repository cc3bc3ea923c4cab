"""Answers as other programs send and read them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from surveys.models import Response
from surveys.rules.questionnaire import LONGEST_TEXT, QuestionKind
from web.api.fields import StrictSerializer, Text

MOST_TEXT = LONGEST_TEXT[QuestionKind.LONG]
MOST_ANSWERS = 30


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 0, "maximum": 10},
            {"type": "string", "maxLength": MOST_TEXT},
            {"type": "array", "items": {"type": "string"}, "maxItems": 31},
        ]
    }
)
class Value(serializers.Field[Any, Any, Any, Any]):
    """A number, words, a day as 2026-05-03, or the keys of choices, as the question
    asks for it; which one is looked at where the question is known."""

    def to_internal_value(self, data: Any) -> Any:
        is_list = isinstance(data, list) and all(isinstance(one, str) for one in data)
        if type(data) is int or isinstance(data, str) or is_list:
            return data
        raise serializers.ValidationError("Send a number, a text or a list of texts.")

    def to_representation(self, value: Any) -> Any:
        return value


class AnswerIn(StrictSerializer):
    """An answer that was given elsewhere."""

    # The customer's external id; without one the customer is unknown.
    customer_id = Text(max_length=120, required=False, default="")
    source = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=40, required=False, default="main", allow_blank=False
    )
    # By the key of each question.
    answers = serializers.DictField(child=Value(), allow_empty=False)
    language = Text(max_length=10, required=False, default="")


class AnswerOut(serializers.ModelSerializer[Response]):
    """An answer as the API gives it."""

    survey = serializers.IntegerField(source="survey_id")
    customer = serializers.IntegerField(source="customer_id", allow_null=True)
    questions = serializers.IntegerField(source="survey_version_id")

    class Meta:
        model = Response
        fields = (
            "id",
            "survey",
            "questions",
            "customer",
            "scale",
            "score",
            "state",
            "confirmed_at",
            "changeable_until",
        )
