"""Shapes of the API: what comes in is apart from what goes out."""

from rest_framework import serializers

from crm.models import Customer, Interaction, Order
from crm.rest.fields import ExactDecimalField, StrictSerializer
from crm.rules.choices import Channel, Direction, OrderState


class CustomerOut(serializers.ModelSerializer[Customer]):
    birthday = serializers.SerializerMethodField()
    phone = serializers.CharField(source="phone_e164")

    class Meta:
        model = Customer
        fields = (
            "id",
            "source",
            "external_id",
            "given_name",
            "family_name",
            "greeting_name",
            "email",
            "phone",
            "language",
            "time_zone",
            "country",
            "birthday",
            "since_on",
            "heard_from",
            "heard_text",
            "organisation",
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
    given_name = serializers.CharField(max_length=120, allow_blank=True, required=False)
    family_name = serializers.CharField(
        max_length=120, allow_blank=True, required=False
    )
    greeting_name = serializers.CharField(
        max_length=120, allow_blank=True, required=False
    )
    email = serializers.CharField(max_length=254, allow_blank=True, required=False)
    phone = serializers.CharField(max_length=60, allow_blank=True, required=False)
    language = serializers.CharField(max_length=10, allow_blank=True, required=False)
    time_zone = serializers.CharField(max_length=64, allow_blank=True, required=False)
    country = serializers.CharField(max_length=2, allow_blank=True, required=False)
    birthday = serializers.CharField(max_length=10, allow_blank=True, required=False)
    since_on = serializers.DateField(allow_null=True, required=False)
    heard_from = serializers.CharField(max_length=60, allow_blank=True, required=False)
    heard_text = serializers.CharField(max_length=300, allow_blank=True, required=False)
    organisation = serializers.CharField(
        max_length=200, allow_blank=True, required=False
    )
    notes = serializers.CharField(max_length=20_000, allow_blank=True, required=False)


class CustomerIn(CustomerChange):
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=40, required=False
    )
    external_id = serializers.CharField(max_length=120, required=False)


class CustomerPatch(CustomerChange):
    version = serializers.IntegerField(min_value=1, required=False)


class OrderLineIn(StrictSerializer):
    sku = serializers.CharField(max_length=120)
    quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    product = serializers.CharField(max_length=300, required=False, default="")
    category = serializers.CharField(max_length=120, required=False, default="")
    line_id = serializers.CharField(max_length=60, required=False, default="")


class OrderIn(StrictSerializer):
    order_id = serializers.CharField(max_length=120)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=40, required=False, default="main"
    )
    # The customer's external id in the same source.
    customer_id = serializers.CharField(max_length=120)
    ordered_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(required=False, allow_null=True)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="")
    status = serializers.ChoiceField(
        choices=[state.value for state in OrderState], required=False, default=""
    )
    lines = OrderLineIn(many=True, allow_empty=False)


class OrderOut(serializers.ModelSerializer[Order]):
    order_id = serializers.CharField(source="external_id")
    customer = serializers.IntegerField(source="customer_id")

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


class InteractionIn(StrictSerializer):
    customer = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    channel = serializers.ChoiceField(choices=[word.value for word in Channel])
    direction = serializers.ChoiceField(
        choices=[word.value for word in Direction], required=False, default=""
    )
    happened_at = serializers.DateTimeField(required=False, allow_null=True)
    subject = serializers.CharField(max_length=200, required=False, default="")
    body = serializers.CharField(max_length=20_000)
    outcome = serializers.CharField(max_length=200, required=False, default="")
    source_key = serializers.CharField(
        max_length=120, required=False, allow_null=True, default=None
    )


class InteractionOut(serializers.ModelSerializer[Interaction]):
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
