"""What is known of a person: export it, erase it (merging.py merges two records).

The rows are those that each app declares (`crm/personal_rows.py`). Everything happens
in one transaction; what an app cannot do now refuses the whole.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast

from crm.errors import CustomerGone
from crm.models import Customer
from crm.personal_rows import PersonalRows, all_rows, all_steps
from crm.services import audit, erased_ids, journal

# What the journal calls it.
ERASED = "erased"


def records_of(customer: Customer) -> list[int]:
    """The ids of a person's records: the kept one first, then what was merged in."""
    kept = customer.merged_into_id or customer.pk
    merged = Customer.objects.filter(merged_into_id=kept).order_by("pk")
    return [kept, *merged.values_list("pk", flat=True)]


# --- Export --------------------------------------------------------------------------


@transaction.atomic
def export(customer: Customer, *, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Everything that is known of the person: name of the rows -> values of each row.

    Values are as the database has them (DjangoJSONEncoder writes them). Audited.
    Raises CustomerGone for an erased customer.
    """
    ids = records_of(customer)
    if Customer.objects.filter(pk=ids[0], erased_at__isnull=False).exists():
        raise CustomerGone
    _record("exported", ids[0], now)
    return {rows.name: rows.values(ids) for rows in all_rows() if rows.exported}


# --- Erasure -------------------------------------------------------------------------


@transaction.atomic
def erase(customer: Customer, *, now: datetime) -> None:
    """Forget who this was. Orders, scores and counts stay, without words.

    Raises CustomerGone where it is done already, ImportIsRunning, and what else the
    steps of the apps refuse.
    """
    ids = _locked(records_of(customer))
    for step in all_steps():
        if step.before_erasure:
            step.before_erasure(ids, now)
    # First, because a customer that is erased is what opens the ledger of consents.
    _replace_ids(ids, now)
    for rows in all_rows():
        _forget_log(rows, ids)
        _forget(rows, ids)
    _record("erased", ids[0], now)
    # A copy of the database that is put back has to forget them again.
    journal.record(ERASED, *({"customer": pk} for pk in ids), now=now)


def _locked(ids: Collection[int]) -> list[int]:
    """These records under lock, with none of them erased yet."""
    rows = Customer.objects.select_for_update().filter(pk__in=ids, erased_at=None)
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    if set(found) != set(ids):
        raise CustomerGone
    return list(ids)


def _replace_ids(ids: Collection[int], now: datetime) -> None:
    for customer in Customer.objects.filter(pk__in=ids).only("source", "external_id"):
        Customer.objects.filter(pk=customer.pk).update(
            external_id=erased_ids.replacement(
                customer.pk, customer.source, customer.external_id
            ),
            erased_at=now,
            updated_at=now,
            version=models.F("version") + 1,
        )


def _forget(rows: PersonalRows, ids: Collection[int]) -> None:
    if rows.deleted:
        rows.of(ids).delete()
    elif rows.blanked:
        # What is empty already is not written again.
        full = Q()
        for column, blank in rows.blanked.items():
            full |= (
                Q(**{f"{column}__isnull": False})
                if blank is None
                else ~Q(**{column: blank})
            )
        rows.of(ids).filter(full).update(**rows.blanked)


def _forget_log(rows: PersonalRows, ids: Collection[int]) -> None:
    """The administration's own log keeps each row's name as it was."""
    kind = ContentType.objects.get_for_model(rows.model)
    theirs = (
        rows.of(ids).annotate(log_id=Cast("pk", models.TextField())).values("log_id")
    )
    LogEntry.objects.filter(content_type=kind, object_id__in=theirs).update(
        object_repr="", change_message=""
    )


def _record(verb: str, customer_id: int, now: datetime) -> None:
    audit.record(
        f"customer.{verb}",
        f"customer:{customer_id}",
        customer_id=customer_id,
        now=now,
    )
