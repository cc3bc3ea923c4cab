"""Shapes of the API: what comes in is apart from what goes out."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm import custom_facts
from crm.customer_facts import FACTS, CustomerFact, Kind, named
from crm.models import Customer, Interaction, Order
from crm.rules.choices import Channel, Direction, OrderState
from crm.rules.custom_values import name_of
from web.api.fields import (
    Day,
    ExactDecimalField,
    Moment,
    StrictSerializer,
    Text,
    WholeNumber,
)
from web.rules import money


@extend_schema_field({"type": "object", "additionalProperties": {}})
class CustomValues(serializers.Field[Any, Any, Any, Any]):
    """The fields that staff made, by their keys: what they hold is checked by the
    service, which names what is wrong "custom.KEY"."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError('Send an object, like {"tea": "green"}.')
        return data

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return {key: value[key] for key in self._keys if key in value}

    @cached_property
    def _keys(self) -> list[str]:
        """Of those that are not archived; read once for a page of customers."""
        return [field.key for field in custom_facts.fields()]


class CustomerOut(serializers.ModelSerializer[Customer]):
    """A customer as the API gives it."""

    birthday = serializers.SerializerMethodField()
    phone = serializers.CharField(source="phone_e164")
    custom = CustomValues(read_only=True)

    class Meta:
        model = Customer
        fields = (
            "id",
            "source",
            "external_id",
            *named(lambda fact: fact.api_reads),
            "custom",
            "first_order_on",
            "last_order_on",
            "created_at",
            "updated_at",
            "version",
        )

    def get_birthday(self, customer: Customer) -> str | None:
        if customer.birth_month is None:
            return None
        day = f"{customer.birth_month:02}-{customer.birth_day:02}"
        return f"{customer.birth_year:04}-{day}" if customer.birth_year else day


class CustomerChange(StrictSerializer):
    """The facts of a customer that may be set; those left out stay."""

    custom = CustomValues(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """With the fields that staff made as the service calls them."""
        values = super().to_internal_value(data)
        custom = values.pop("custom", {})
        return {**values, **{name_of(key): one for key, one in custom.items()}}

    def get_fields(self) -> dict[str, Any]:
        facts = {fact.name: _field(fact) for fact in FACTS if fact.api_writes}
        return {**facts, **super().get_fields()}


def _field(fact: CustomerFact) -> serializers.Field[Any, Any, Any, Any]:
    if fact.kind is Kind.DAY:
        return Day(allow_null=True, required=False)
    return Text(max_length=fact.most, required=False)


class CustomerIn(CustomerChange):
    """A customer to create or, by source and external id, to find."""

    source = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=40, required=False, allow_blank=False
    )
    external_id = Text(max_length=120, required=False, allow_blank=False)


class CustomerPatch(CustomerChange):
    """What is to change of a customer; `version`: only if it is still this one."""

    version = WholeNumber(min_value=1, max_value=2**31 - 1, required=False)


class OrderLineIn(StrictSerializer):
    """A line of an order; a negative quantity is a return."""

    sku = Text(max_length=120, allow_blank=False)
    quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    product = Text(max_length=300, required=False, default="")
    category = Text(max_length=120, required=False, default="")
    line_id = Text(max_length=60, required=False, default="")
    # What a line below zero gives back: an order of the same source, and its line.
    returns_order = Text(max_length=120, required=False, default="")
    returns_line = Text(max_length=60, required=False, default="")
    # What of quantity times price is tax, in money; null: not known.
    tax = ExactDecimalField(required=False, allow_null=True, default=None)


class OrderIn(StrictSerializer):
    """An order to record, or to replace by its source and number."""

    order_id = Text(max_length=120, allow_blank=False)
    source = Text(  # type: ignore[assignment] # a field named as an attribute of DRF's
        max_length=40, required=False, default="main", allow_blank=False
    )
    # The customer's external id in the same source.
    customer_id = Text(max_length=120, allow_blank=False)
    ordered_at = Moment()
    delivered_at = Moment(required=False, allow_null=True)
    currency = Text(max_length=3, required=False, default="")
    status = serializers.ChoiceField(
        choices=[state.value for state in OrderState], required=False, default=""
    )
    # Beyond its most, a list is refused before its items are looked at.
    lines = OrderLineIn(many=True, allow_empty=False, max_length=2_000)  # type: ignore[call-arg] # DRF makes a list of it


class OrderOut(serializers.ModelSerializer[Order]):
    """An order as the API gives it."""

    order_id = serializers.CharField(source="external_id")
    customer = serializers.IntegerField(source="customer_id")
    total = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = (
            "id",
            "source",
            "order_id",
            "customer",
            "nature",
            "state",
            "ordered_at",
            "ordered_on",
            "delivered_on",
            "currency",
            "total",
        )

    def get_total(self, order: Order) -> str:
        """As text, with the places of its currency."""
        return str(money.round_money(order.total, order.currency))


class InteractionIn(StrictSerializer):
    """A contact to log, at a moment that is not in the future."""

    customer = WholeNumber(min_value=1, max_value=2**63 - 1)
    channel = serializers.ChoiceField(choices=[word.value for word in Channel])
    direction = serializers.ChoiceField(
        choices=[word.value for word in Direction], required=False, default=""
    )
    happened_at = Moment(required=False, allow_null=True)
    subject = Text(max_length=200, required=False, default="")
    body = Text(max_length=20_000, allow_blank=False)
    outcome = Text(max_length=200, required=False, default="")
    source_key = Text(
        max_length=120,
        allow_blank=False,
        required=False,
        allow_null=True,
        default=None,
    )


class InteractionOut(serializers.ModelSerializer[Interaction]):
    """A logged contact as the API gives it."""

    customer = serializers.IntegerField(source="customer_id")

    class Meta:
        model = Interaction
        fields = (
            "id",
            "customer",
            "channel",
            "direction",
            "happened_at",
            "subject",
            "body",
            "outcome",
            "source_key",
            "version",
        )
