"""What a shop sends about balances, and what it is told."""

from typing import Any

from rest_framework import serializers

from loyalty.choices import EarnEvent, EntryKind, SpendState, Unit
from loyalty.models import Entry, Spending
from web.api.fields import ExactDecimalField, StrictSerializer, Text, WholeNumber
from web.rules.numbers import LARGEST_ID

# Named in the schema by its setting.
ENTRY_KINDS = [kind.value for kind in EntryKind]
# What the shop alone knows. Orders, occasions and reviews earn by themselves, and what
# they earn is taken back with them.
_TICKED = [EarnEvent.SIGN_UP.value, EarnEvent.STEP.value]


class _MemberIn(StrictSerializer):
    customer = WholeNumber(min_value=1, max_value=LARGEST_ID)
    programme = WholeNumber(min_value=1, max_value=LARGEST_ID)


class EarnIn(_MemberIn):
    """An event that earns: who, which, and its key."""

    event = serializers.ChoiceField(choices=_TICKED)
    # The name of a first step, as its rule has it.
    key = Text(max_length=40, required=False, default="")
    # What may happen more than once, such as a year.
    once = Text(max_length=120, required=False, default="")


class ReverseIn(_MemberIn):
    """The entry that is to be taken back."""

    # Our id of what was earned, as `earn` and the ledger tell it.
    entry = WholeNumber(min_value=1, max_value=LARGEST_ID)


class KeyIn(_MemberIn):
    """A spending that was reserved, by its key."""

    key = Text(max_length=120, allow_blank=False)


class SpendIn(KeyIn):
    """So much of a balance, for an order; the key makes twice once."""

    amount = ExactDecimalField()
    # The shop's number of the order that it pays a share of.
    order = Text(max_length=120, required=False, default="")
    # What that order comes to, in the currency of the programme; needed where the
    # programme pays a share of it at most.
    total = ExactDecimalField(required=False, allow_null=True, default=None)


class ExpiringOut(serializers.Serializer[Any]):
    """So many units run out on a day."""

    on = serializers.DateField()
    units = ExactDecimalField()


class BalanceOut(serializers.Serializer[Any]):
    """Units of one programme; `worth` is what can be spent, in money of `currency`."""

    programme = serializers.IntegerField(source="member.programme_id")
    name = serializers.CharField(source="member.programme.name")
    unit = serializers.ChoiceField(
        source="member.programme.unit", choices=[unit.value for unit in Unit]
    )
    # When they left it; what they have stays theirs.
    left_at = serializers.DateTimeField(source="member.left_at", allow_null=True)
    balance = ExactDecimalField(source="standing.balance")
    spendable = ExactDecimalField(source="standing.spendable")
    pending = ExactDecimalField(source="standing.pending")
    owed = ExactDecimalField(source="standing.owed")
    worth = ExactDecimalField(source="standing.worth", allow_null=True)
    # Of an order they pay at most so many percent; null: all of it.
    share_percent = serializers.IntegerField(
        source="member.programme.share_percent", allow_null=True
    )
    currency = serializers.CharField(source="standing.currency")
    expiring = ExpiringOut(source="standing.expiring", many=True)


class BalancesOut(serializers.Serializer[Any]):
    """The balances of one customer in all programmes."""

    balances = BalanceOut(many=True)


class EntryOut(serializers.Serializer[Entry]):
    """One entry of a ledger: what came in, or went out (below zero), and why. `order`:
    our id of the order that it is for."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ENTRY_KINDS)
    amount = ExactDecimalField()
    on = serializers.DateField()
    available_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    order = serializers.IntegerField(source="order_id", allow_null=True)
    key = serializers.CharField(source="source_key")


class EarnedOut(serializers.Serializer[Entry]):
    """The entry that there is of it, new or from before."""

    id = serializers.IntegerField()
    programme = serializers.IntegerField(source="membership.programme_id")
    kind = serializers.ChoiceField(choices=ENTRY_KINDS)
    amount = ExactDecimalField()
    available_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)


class SpendingOut(serializers.Serializer[Spending]):
    """So many units, kept until, used, or given back; `pays` is money."""

    id = serializers.IntegerField()
    programme = serializers.IntegerField(source="membership.programme_id")
    key = serializers.CharField()
    order = serializers.CharField(source="order_key")
    state = serializers.ChoiceField(choices=[state.value for state in SpendState])
    units = ExactDecimalField()
    pays = ExactDecimalField(allow_null=True)
    kept_until = serializers.DateTimeField(allow_null=True)
