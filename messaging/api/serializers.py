"""The ledger as machines read it: no addresses, no bodies."""

from rest_framework import serializers

from messaging.models import Message


class MessageOut(serializers.ModelSerializer[Message]):
    customer = serializers.IntegerField(source="customer_id", allow_null=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "customer",
            "kind",
            "category",
            "occurrence",
            "state",
            "reason_code",
            "reason_data",
            "deferred_reason",
            "why",
            "language",
            "due_on",
            "not_before",
            "expires_at",
            "planned_at",
            "attempts",
            "final_at",
            "transport",
        )
