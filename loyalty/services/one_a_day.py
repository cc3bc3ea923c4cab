"""One mail of thanks on a day: a milestone says what an anniversary would, and that
what the day of the first order would.

The sweep leaves out who gets the one that goes before. What was planned earlier gives
way as soon as that one is planned, and the claim asks again, under the lock of the
customer.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from crm.sql.ids import among
from messaging.kinds import Reason
from messaging.models import Automation, Message
from messaging.rules.choices import COUNTED, State
from messaging.services import messages as ledger

# The first one goes.
THANKS = ("milestone", "anniversary", "first_order")
ANOTHER_SAYS_IT = "superseded_another_says_it"
SAID_ALREADY = "said_already"
_GOES = frozenset({State.PLANNED, *COUNTED})


def before(kind: str) -> Sequence[str]:
    """The kinds of thanks that go before this one."""
    return THANKS[: THANKS.index(kind)]


def give_way(kind: str, ids: Sequence[int], *, now: datetime) -> int:
    """These of a kind were planned a moment ago: what they say better does not go.
    Returns how many gave way."""
    later = THANKS[THANKS.index(kind) + 1 :]
    if not Automation.objects.filter(kind__in=later, is_on=True).exists():
        return 0
    planned = Message.objects.filter(pk__in=among(ids))
    same_day = planned.filter(
        customer_id=OuterRef("customer_id"), why__on=OuterRef("why__on")
    )
    return ledger.supersede(
        Message.objects.filter(
            Exists(same_day),
            kind__in=later,
            customer_id__in=planned.values("customer_id"),
        ),
        reason_code=ANOTHER_SAYS_IT,
        now=now,
    )


def over(messages: Sequence[Message]) -> dict[int, Reason]:
    """Of messages of these kinds, those whose day another one has: id to the reason."""
    others: dict[tuple[int | None, str], list[tuple[str, str]]] = defaultdict(list)
    rows = Message.objects.filter(
        customer_id__any_of={message.customer_id for message in messages},
        kind__in=THANKS,
        state__in=[state.value for state in _GOES],
    )
    for customer, on, kind, state in rows.values_list(
        "customer_id", "why__on", "kind", "state"
    ):
        others[customer, on].append((kind, state))
    found: dict[int, Reason] = {}
    for message in messages:
        reason = _reason(message, others[message.customer_id, message.why["on"]])
        if reason:
            found[message.pk] = reason
    return found


def _reason(message: Message, others: Sequence[tuple[str, str]]) -> Reason | None:
    beside = [(kind, state) for kind, state in others if kind != message.kind]
    if any(State(state) in COUNTED for _kind, state in beside):
        return Reason(SAID_ALREADY)
    first = before(message.kind)
    if any(kind in first for kind, _state in beside):
        return Reason(ANOTHER_SAYS_IT)
    return None
