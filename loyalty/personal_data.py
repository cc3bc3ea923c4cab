"""The rows of loyalty that belong to a customer: exported, erased and merged."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.personal_rows import Merge, Merged, PersonalRows, Steps, register
from loyalty.choices import GrantState
from loyalty.models import (
    Allocation,
    Code,
    Entry,
    EntryNote,
    Grant,
    Lot,
    Membership,
    NextPurchase,
    Redemption,
    ReminderItem,
    ReorderRefusal,
    Silence,
    Spending,
    StaleCustomer,
    StaleMember,
    SuggestionRefusal,
)
from loyalty.services import grants, next_purchases
from loyalty.services.programmes import merging
from messaging.rules.choices import State


def _mark_the_kept(merge: Merge) -> None:
    """The purchases of both are one habit."""
    next_purchases.mark([merge.kept], now=merge.now)


def _mark_both(merge: Merge) -> None:
    next_purchases.mark([merge.kept, merge.dropped], now=merge.now)


def _take_grants_back(ids: Collection[int], now: datetime) -> None:
    """Nobody is left to use them; what they held is free for others."""
    theirs = Grant.objects.filter(customer__in=ids)
    grants.end_of(theirs, GrantState.TAKEN_BACK, why=grants.ERASED, now=now)


register(
    Steps(before_erasure=_take_grants_back),
    Steps(before_merge=_mark_the_kept, after_undo=_mark_both),
    Steps(
        before_erasure=merging.close,
        before_merge=merging.transfer,
        before_undo=merging.give_back,
        after_undo=merging.mark_both,
    ),
    PersonalRows(
        name="stale_customers", model=StaleCustomer, deleted=True, merged=Merged.DELETE
    ),
    PersonalRows(
        name="silences",
        model=Silence,
        label=_("When we miss you"),
        exported={
            "last_on": _("Last bought"),
            "usual_gap": _("Days between purchases"),
            "silent_on": _("Due"),
        },
        deleted=True,
        merged=Merged.DELETE,
    ),
    PersonalRows(
        name="next_purchases",
        model=NextPurchase,
        label=_("What may run out"),
        exported={
            "product__name": _("Product"),
            "last_on": _("Last bought"),
            "days": _("Days between purchases"),
            "due_on": _("Due"),
        },
        deleted=True,
        merged=Merged.DELETE,
    ),
    PersonalRows(
        name="reminded_products",
        model=ReminderItem,
        label=_("Reminded of"),
        exported={
            "product__name": _("Product"),
            "last_on": _("Last bought"),
            "due_on": _("Due"),
            "again_on": _("Again on"),
        },
        deleted=True,
        unused=Q(message__state=State.PLANNED.value, message__attempts=0),
        once=("product", "last_on"),
        follows="message",
    ),
    PersonalRows(
        name="unwanted_reminders",
        model=ReorderRefusal,
        label=_("Wants no reminder of"),
        exported={"product__name": _("Product"), "made_at": _("When")},
        deleted=True,
        once=("product",),
    ),
    PersonalRows(
        name="unwanted_suggestions",
        model=SuggestionRefusal,
        label=_("Wants no suggestion of"),
        exported={"product__name": _("Product"), "made_at": _("When")},
        deleted=True,
        once=("product",),
    ),
    PersonalRows(
        name="rewards",
        model=Grant,
        label=_("Rewards"),
        exported={
            "reward__name": _("Reward"),
            "state": _("State"),
            "granted_at": _("When"),
            "expires_on": _("Good until"),
            "reason": _("Reason"),
            "note": _("Note"),
        },
        blanked={"reason": "", "note": ""},
        # Words of ours and keys without a name; the cost is counted in its year.
        kept=("source_key", "currency", "ended_why"),
        once=("source_key",),
        renamed="source_key",
        unless_state=GrantState.TAKEN_BACK.value,
    ),
    PersonalRows(
        name="codes",
        model=Code,
        customer="grant__customer_id",
        label=_("Codes"),
        exported={"text": _("Code"), "reward__name": _("Reward")},
        # Made by lot, or the shop's own; good for nothing once its grant is over.
        kept=("text", "key"),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="redemptions",
        model=Redemption,
        customer="code__grant__customer_id",
        label=_("Codes used"),
        exported={
            "order_key": _("Order"),
            "state": _("State"),
            "redeemed_at": _("When"),
        },
        # The shop's number of an order, by which the till is counted.
        kept=("order_key", "currency"),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="stale_members", model=StaleMember, deleted=True, merged=Merged.DELETE
    ),
    PersonalRows(
        name="memberships",
        model=Membership,
        label=_("Programmes"),
        exported={
            "programme__name": _("Programme"),
            "joined_at": _("Since"),
            "left_at": _("Until"),
            "balance": _("Balance"),
        },
        # Moments, by which it is told what earns.
        kept=("absences",),
        # Its balance was transferred, and its ledger is append-only.
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="programme_entries",
        model=Entry,
        customer="membership__customer_id",
        label=_("Earned and spent"),
        exported={
            "membership__programme__name": _("Programme"),
            "on": _("When"),
            "kind": _("Kind"),
            "amount": _("Amount"),
            "available_on": _("From"),
            "expires_on": _("Good until"),
        },
        # Append-only; ids and words of ours.
        kept=("source_key",),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="programme_notes",
        model=EntryNote,
        customer="entry__membership__customer_id",
        label=_("Reasons of changes by hand"),
        exported={"entry__on": _("When"), "text": _("Reason")},
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="programme_allocations",
        model=Allocation,
        customer="spent__membership__customer_id",
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="programme_lots",
        model=Lot,
        customer="membership__customer_id",
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="programme_spendings",
        model=Spending,
        customer="membership__customer_id",
        label=_("Spent on orders and rewards"),
        exported={
            "key": _("Number"),
            "order_key": _("Order"),
            "state": _("State"),
            "made_at": _("When"),
        },
        # Numbers of the shop, by which orders and tills are compared.
        kept=("key", "order_key"),
        merged=Merged.STAY,
    ),
)
