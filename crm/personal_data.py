"""The rows of crm that belong to a customer: exported, erased and merged."""

import json
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.customer_facts import FACTS
from crm.errors import CustomerGone, ImportIsRunning
from crm.models import (
    AuditEntry,
    BulkRow,
    CompanyPerson,
    Customer,
    CustomerAddress,
    CustomerMerge,
    DifferentPeople,
    FollowUp,
    ImportedRow,
    Interaction,
    InteractionVersion,
    LikelyPair,
    MergeMove,
    Order,
    OrderLine,
    OrderSum,
    ReturnChoice,
    ReturnMatch,
    SegmentEvent,
    SegmentMember,
    SnapshotMember,
    StaleReturn,
    Subscription,
    SubscriptionChange,
    Tag,
    UnmatchedReturn,
)
from crm.personal_rows import Merge, Merged, PersonalRows, Steps, register
from crm.rules.choices import FollowUpState
from crm.services import files, returns, saved_views, segments, work_folders
from crm.services.bulk import forgetting as bulk
from crm.services.exports import forgetting as exports
from crm.services.imports import forgetting as imports
from crm.sql import personal_data as sql

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

CustomerTag = Customer.tags.through
GONE = 410
_KINDS_OF_IMPORT = ("customers", "history", "orders")
_WORKED_OUT = ("sort_name", "search_text")
_COLUMNS = tuple(column for fact in FACTS for column in fact.columns)


def _emptied() -> dict[str, object]:
    """Columns of the personal facts, and of what is worked out from them."""
    personal = [column for fact in FACTS if fact.is_personal for column in fact.columns]
    blank: dict[str, object] = {}
    for name in (*personal, *_WORKED_OUT):
        blank[name] = None if Customer._meta.get_field(name).null else ""
    return {**blank, "custom": {}}


def _exported() -> "dict[str, str | StrPromise]":
    known = {
        column: fact.label or _("Greeting")
        for fact in FACTS
        for column in fact.columns
        if column not in ("email_norm", "birth_recorded_at", "owner")
    }
    return {
        "external_id": _("Number"),
        **known,
        "first_order_on": _("First order"),
        "last_order_on": _("Last order"),
        "custom": _("Further facts"),
        "created_at": _("Entered"),
    }


def _before_erasure(ids: Collection[int], now: datetime) -> None:
    _lock_imports(ids)
    _forget_answers(ids)
    bulk.forget(ids, now=now)
    exports.forget(now=now)
    imports.forget(ids, now=now)
    saved_views.forget(ids)
    segments.forget(ids, now=now)
    _drop_tags(ids)
    transaction.on_commit(partial(_clear_folders, now))
    open_ones = [FollowUpState.OPEN.value, FollowUpState.TAKEN.value]
    FollowUp.objects.filter(customer_id__in=ids, state__in=open_ones).update(
        state=FollowUpState.DROPPED.value, done_at=now
    )


def _clear_folders(now: datetime) -> None:
    """What was copied and unpacked holds many people. What a restore set aside after
    this moment stays: an erasure that is replayed was obeyed there, too."""
    work_folders.clear()
    files.delete_set_aside(now)


def _lock_imports(ids: Collection[int]) -> None:
    """An import that began before would bring back what it has read already."""
    sources = Customer.objects.filter(pk__in=ids).values_list("source", flat=True)
    with connection.cursor() as cursor:
        for source in sorted(set(sources)):
            for kind in _KINDS_OF_IMPORT:
                cursor.execute(sql.LOCK_IMPORT, {"name": f"import:{kind}:{source}"})
                if not cursor.fetchone()[0]:
                    raise ImportIsRunning


def _forget_answers(ids: Collection[int]) -> None:
    """A request that is sent again must neither return their data nor be done again."""
    gone = {"code": CustomerGone.code, "message": CustomerGone.message, "fields": {}}
    with connection.cursor() as cursor:
        cursor.execute(
            sql.FORGET_ANSWERS,
            {
                "status": GONE,
                "body": json.dumps(gone),
                "ids": [str(number) for number in ids],
            },
        )


def _drop_tags(ids: Collection[int]) -> None:
    """A tag that no other customer has may be about this person alone."""
    theirs = CustomerTag.objects.filter(customer_id__in=ids)
    tags = list(theirs.values_list("tag_id", flat=True))
    theirs.delete()
    carried = CustomerTag.objects.filter(tag_id=OuterRef("pk"))
    Tag.objects.filter(~Exists(carried), pk__in=tags).delete()


def _lock_imports_of_both(merge: Merge) -> None:
    """An import that began before knows the two records as it found them."""
    _lock_imports([merge.kept, merge.dropped])


def _match_the_kept(merge: Merge) -> None:
    """What one of them bought, the other may have given back."""
    returns.mark_all([merge.kept], now=merge.now)


def _match_both(merge: Merge) -> None:
    returns.mark_all([merge.kept, merge.dropped], now=merge.now)


register(
    Steps(before_merge=_match_the_kept, after_undo=_match_both),
    Steps(
        before_erasure=_before_erasure,
        before_merge=_lock_imports_of_both,
        before_undo=_lock_imports_of_both,
    ),
    # Its external id becomes a hash (crm/services/erased_ids.py); the rest that stays
    # counts people by country, language and day.
    PersonalRows(
        name="customer",
        model=Customer,
        customer="pk",
        label=_("Person"),
        exported=_exported(),
        blanked={**_emptied(), "last_import_id": None},
        kept=("source", "external_id", "language", "country"),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="tags",
        model=CustomerTag,
        label=_("Tags"),
        exported={"tag__name": _("Tag")},
        deleted=True,
        once=("tag",),
    ),
    PersonalRows(
        name="second_addresses",
        model=CustomerAddress,
        label=_("Further addresses and numbers"),
        exported={
            "kind": _("Kind"),
            "value": _("Address"),
            "label": _("Label"),
            "created_at": _("Entered"),
        },
        deleted=True,
        once=("kind", "norm"),
    ),
    # The company stays; who belonged to it does not.
    PersonalRows(
        name="companies",
        model=CompanyPerson,
        label=_("Companies"),
        exported={
            "company__name": _("Company"),
            "role": _("Role in the company"),
            "created_at": _("Entered"),
        },
        deleted=True,
        once=("company",),
    ),
    PersonalRows(
        name="conversations",
        model=Interaction,
        label=_("Conversations"),
        exported={
            "happened_at": _("When"),
            "channel": _("Channel"),
            "direction": _("Direction"),
            "subject": _("Subject"),
            "body": _("Text"),
            "outcome": _("Outcome"),
            "staff_name": _("By whom"),
        },
        blanked={
            **{"subject": "", "body": "", "outcome": "", "staff_name": ""},
            "source_key": None,
        },
    ),
    PersonalRows(
        name="earlier_texts_of_conversations",
        model=InteractionVersion,
        customer="interaction__customer_id",
        label=_("Earlier texts of conversations"),
        exported={
            "interaction__happened_at": _("When"),
            "replaced_at": _("Replaced"),
            "subject": _("Subject"),
            "body": _("Text"),
            "outcome": _("Outcome"),
        },
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="follow_ups",
        model=FollowUp,
        label=_("Follow-ups"),
        exported={
            "created_at": _("Entered"),
            "due_on": _("Due"),
            "why": _("Why"),
            "state": _("State"),
            "outcome": _("Outcome"),
        },
        blanked={"why": "", "outcome": "", "source_key": None},
    ),
    # Orders stay whole, with the numbers that the accounts have: they name no person.
    PersonalRows(
        name="orders",
        model=Order,
        label=_("Orders"),
        exported={
            "number": _("Number"),
            "nature": _("Nature"),
            "state": _("State"),
            "ordered_at": _("Ordered"),
            "delivered_on": _("Delivered"),
            "total": _("Total"),
            "currency": _("Currency"),
        },
        kept=("source", "external_id", "number", "currency"),
    ),
    # Counted again from the orders; what erased people ordered stays in the sums.
    PersonalRows(
        name="order_sums", model=OrderSum, kept=("currency",), merged=Merged.DELETE
    ),
    PersonalRows(
        name="order_lines",
        model=OrderLine,
        label=_("What was ordered"),
        exported={
            "order__number": _("Order"),
            "product__sku": _("Code"),
            "product__name": _("Product"),
            "quantity": _("Quantity"),
            "unit_price": _("Price"),
            "amount": _("Amount"),
        },
        # Numbers of other orders and lines, as the accounts have them.
        kept=("line_key", "returned_order", "returned_line"),
        follows="order",
    ),
    # Worked out of the orders, as whose they are; no words about anybody.
    PersonalRows(
        name="stale_returns", model=StaleReturn, deleted=True, merged=Merged.DELETE
    ),
    PersonalRows(
        name="return_matches",
        model=ReturnMatch,
        customer="returned__customer_id",
        kept=("returned_line", "line"),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="unmatched_returns",
        model=UnmatchedReturn,
        customer="returned__customer_id",
        kept=("returned_line",),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="return_choices",
        model=ReturnChoice,
        customer="returned__customer_id",
        kept=("returned_line", "line"),
        merged=Merged.STAY,
    ),
    # What contracts brought stays counted. Their numbers may be the person's own.
    PersonalRows(
        name="contracts",
        model=Subscription,
        label=_("Contracts"),
        exported={
            "plan": _("Plan"),
            "value": _("Value a month"),
            "currency": _("Currency"),
            "state": _("State"),
            "started_on": _("Started"),
            "renewed_on": _("Renewed"),
            "cancelled_on": _("Cancelled"),
            "reason": _("Reason"),
        },
        blanked={"external_id": "", "reason": ""},
        kept=("source", "plan", "currency"),
    ),
    PersonalRows(
        name="contract_changes",
        model=SubscriptionChange,
        label=_("What happened to contracts"),
        exported={
            "happened_on": _("Day"),
            "kind": _("What happened"),
            "plan": _("Plan"),
            "value": _("Value a month"),
            "reason": _("Reason"),
        },
        blanked={"reason": ""},
        kept=("plan",),
        follows="subscription",
    ),
    # How records were before an import, so that it can be undone.
    PersonalRows(
        name="imported_rows", model=ImportedRow, deleted=True, merged=Merged.STAY
    ),
    # What two merged records were, so that they can be taken apart.
    PersonalRows(
        name="merges",
        model=CustomerMerge,
        customer="kept_id",
        label=_("Merged records"),
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="merge_moves",
        model=MergeMove,
        customer="merge__kept_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    # Whom a change to many was about, and how they were before, so that it can be
    # undone. They go with a record whose import is undone.
    PersonalRows(
        name="bulk_rows",
        model=BulkRow,
        deleted=True,
        merged=Merged.STAY,
        unused=Q(pk__isnull=False),
    ),
    # Looked at again for the kept record.
    PersonalRows(
        name="segment_members", model=SegmentMember, merged=Merged.DELETE, deleted=True
    ),
    PersonalRows(
        name="segment_moves",
        model=SegmentEvent,
        label=_("Groups they came into and left"),
        exported={
            "at": _("When"),
            "segment__name": _("Group"),
            "move": _("Came or left"),
        },
        deleted=True,
        unused=Q(pk__isnull=False),
    ),
    PersonalRows(
        name="snapshot_members",
        model=SnapshotMember,
        label=_("Groups they were in on a day"),
        exported={
            "snapshot__day": _("Day"),
            "snapshot__segment__name": _("Group"),
        },
        deleted=True,
        once=("snapshot",),
        unused=Q(pk__isnull=False),
    ),
    # Pairs of records: found anew, and what somebody said of them.
    *(
        PersonalRows(
            name=f"{name}_{side}",
            model=model,
            customer=f"{side}_id",
            deleted=True,
            merged=merged,
        )
        for name, model, merged in (
            ("likely_pairs", LikelyPair, Merged.DELETE),
            ("different_people", DifferentPeople, Merged.STAY),
        )
        for side in ("first", "second")
    ),
    # Append-only; ids and names of fields, never values.
    PersonalRows(
        name="changes",
        model=AuditEntry,
        label=_("What was changed, and by whom"),
        exported={
            "at": _("When"),
            "action": _("Action"),
            "actor_kind": _("By"),
            "fields": _("Fields"),
        },
        kept=("actor_kind", "via", "action", "subject", "fields"),
        merged=Merged.STAY,
    ),
)
