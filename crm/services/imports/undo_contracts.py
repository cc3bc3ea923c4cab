"""What an undo takes from contracts: those that a run brought, and what it added."""

from collections.abc import Sequence

from psycopg.sql import SQL

from crm import signals
from crm.models import Subscription, SubscriptionChange
from crm.rules.choices import ImportedThing
from crm.services import audit
from crm.services.imports.undo import CHANGED, Undo, columns_of
from crm.sql import import_undo as sql

_WHAT = ImportedThing.CONTRACT
_COUNTED_UP = {"version", "updated_at"}


def take_back_contracts(undo: Undo, ids: Sequence[int]) -> None:
    """Those that the run made go, with their history; those that it changed are again
    what they were. A contract to which something happened since stays whole."""
    same = {pk for (pk,) in undo.execute(sql.UNCHANGED[_WHAT], ids)}
    there = Subscription.objects.filter(pk__in=ids).values_list("pk", flat=True)
    undo.keep(_WHAT, set(there) - same, CHANGED)
    changed = same & set(undo.with_before(_WHAT, ids))
    made = same - changed
    whose = dict(
        Subscription.objects.filter(pk__in=same).values_list("pk", "customer_id")
    )
    SubscriptionChange.objects.filter(subscription__in=made).delete()
    Subscription.objects.filter(pk__in=made).delete()
    undo.execute(sql.DELETE_LATER_CHANGES, changed)
    columns = [name for name in columns_of(Subscription) if name not in _COUNTED_UP]
    counted = SQL(", version = c.version + 1, updated_at = %(now)s")
    undo.execute(sql.restore_whole(_WHAT, columns, counted), changed)
    undo.count("removed", len(made))
    undo.count("restored", len(changed))
    if not same:
        return
    audit.record_many(
        "subscription.import_undone",
        ((f"subscription:{pk}", customer) for pk, customer in sorted(whose.items())),
        now=undo.now,
    )
    signals.subscriptions_changed.send(
        sender=Subscription,
        ids=sorted(same),
        customer_ids=sorted(set(whose.values())),
        now=undo.now,
    )
