"""What a shop sends about a code, and what it is told."""

from typing import Any

from django.utils.translation import override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm import selectors
from loyalty import reward_words
from loyalty.choices import RedemptionState, RewardKind
from loyalty.models import Code, Redemption
from web.api.fields import ExactDecimalField, StrictSerializer, Text, WholeNumber
from web.rules.numbers import LARGEST_ID


class CodeIn(StrictSerializer):
    """A code as it was typed, and whose order it is for."""

    code = Text(max_length=160, allow_blank=False)
    # Whose order it is: then a code of anybody else is unknown.
    customer = WholeNumber(
        min_value=1, max_value=LARGEST_ID, required=False, allow_null=True
    )
    # The shop's own name of its visitor, such as a session: wrong tries are counted
    # for each.
    client = Text(max_length=200, required=False, default="")


class CodeOrderIn(CodeIn):
    """A code and the order that uses it."""

    order = Text(max_length=120, allow_blank=False)


class CodeUseIn(CodeOrderIn):
    """A code, and what it must know of the order."""

    total = ExactDecimalField(required=False, default=None)
    currency = Text(max_length=3, required=False, default="")
    # Codes (SKU) of what is in the order: a code for none of these is refused.
    products = serializers.ListField(
        child=Text(max_length=120, allow_blank=False),
        max_length=2_000,
        required=False,
        allow_null=True,
        default=None,
    )


class CodeOut(serializers.Serializer[Code]):
    """What a code is worth now."""

    code = serializers.CharField(source="text")
    customer = serializers.IntegerField(source="grant.customer_id")
    kind = serializers.ChoiceField(
        source="reward.kind", choices=[kind.value for kind in RewardKind]
    )
    name = serializers.CharField(source="reward.name")
    percent = ExactDecimalField(source="reward.percent", allow_null=True)
    amount = ExactDecimalField(source="reward.amount", allow_null=True)
    minimum = ExactDecimalField(source="reward.minimum", allow_null=True)
    currency = serializers.CharField(source="reward.currency")
    # Codes (SKU) of the products that it counts for; none: all.
    products = serializers.SerializerMethodField()
    # What the customer reads of it, in their language.
    conditions = serializers.SerializerMethodField()
    stacks = serializers.BooleanField(source="reward.stacks")
    expires_on = serializers.DateField(source="grant.expires_on", allow_null=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_products(self, code: Code) -> list[str]:
        rows = code.reward.products.order_by("sku")
        return list(rows.values_list("sku", flat=True))

    @extend_schema_field(serializers.CharField())
    def get_conditions(self, code: Code) -> str:
        assert code.grant is not None
        language = code.grant.customer.language or selectors.business().language
        with override(language):
            words = code.reward.wording.get(language)
            return reward_words.conditions(code.reward, words)


class RedemptionOut(serializers.Serializer[Redemption]):
    """For which order a code is kept or was used."""

    id = serializers.IntegerField()
    order = serializers.CharField(source="order_key")
    state = serializers.ChoiceField(choices=[state.value for state in RedemptionState])
    kept_until = serializers.DateTimeField(allow_null=True)
    redeemed_at = serializers.DateTimeField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    code = CodeOut()

    def to_representation(self, instance: Redemption) -> dict[str, Any]:
        """`kept_until` is of a reservation alone."""
        data: dict[str, Any] = super().to_representation(instance)
        if instance.state != RedemptionState.RESERVED.value:
            data["kept_until"] = None
        return data
