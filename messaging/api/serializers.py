"""The ledger as machines read it: no addresses, no bodies."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.models import Message
from messaging.rules.choices import State
from messaging.selectors import outbox

# The states of the ledger, and what became of a mail without a mail server.
STATES = [*(state.value for state in State), outbox.KEPT]


class MessageOut(serializers.ModelSerializer[Message]):
    customer = serializers.IntegerField(source="customer_id", allow_null=True)
    automation = serializers.IntegerField(source="automation_id", allow_null=True)
    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, row: Message) -> str:
        return outbox.state_of(row)

    class Meta:
        model = Message
        fields = (
            "id",
            "customer",
            "automation",
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
