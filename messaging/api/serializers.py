"""The ledger as machines read it: no addresses, no bodies."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.models import Message
from messaging.rules.choices import State
from messaging.selectors import outbox

# The states of the ledger, and what became of a mail without a mail server.
STATES = [*(state.value for state in State), outbox.KEPT]


class GroupOut(serializers.Serializer[object]):
    """One side of a comparison: its people, and those of them who bought."""

    people = serializers.IntegerField()
    buyers = serializers.IntegerField()


class EffectOut(serializers.Serializer[object]):
    """A difference with its 95 % interval; of shares as 0.1, not 10."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class HoldoutMoneyOut(serializers.Serializer[object]):
    """What a person paid on average in one currency; currencies are never added."""

    currency = serializers.CharField()
    mailed = serializers.FloatField()
    held = serializers.FloatField()
    effect = EffectOut(allow_null=True)


class HoldoutOut(serializers.Serializer[object]):
    """Everybody due, mailed or not, against everybody held out by lot; an effect is
    null where there are too few to say."""

    since = serializers.DateTimeField()
    days = serializers.IntegerField()
    mailed = GroupOut()
    held_out = GroupOut()
    waiting = serializers.IntegerField()
    orders = EffectOut(allow_null=True)
    money = HoldoutMoneyOut(many=True)


class MessageOut(serializers.ModelSerializer[Message]):
    """A message of the ledger, without its words."""

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
