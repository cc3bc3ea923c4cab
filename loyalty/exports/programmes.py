"""Programmes, what members have in them, and every entry of their ledgers."""

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import people_search
from crm import selectors as crm
from crm.datasets import Cell, Cells, Dataset, Filters, address_of, register
from crm.models import Order
from loyalty.models import Entry, Membership, Programme
from loyalty.selectors.programmes import standings_of
from web.composed_sql import subquery
from web.rules.numbers import whole_number

# --- Programmes ----------------------------------------------------------------------


def _programmes(filters: Filters) -> "QuerySet[Programme]":
    """Those in use, those put away, or all, as `show` says."""
    rows = Programme.objects.select_related("segment", "left_out")
    if (show := filters.get("show", "")) in ("used", "archived"):
        rows = rows.filter(archived_at__isnull=show == "used")
    return rows.prefetch_related("periods")


def _programme_cells(programmes: Sequence[Programme]) -> Cells:
    for row in programmes:
        yield {
            "programme": row.name,
            "kind": row.kind,
            "unit": row.unit,
            "currency": row.currency,
            "worth": None if row.worth is None else row.worth.normalize(),
            "is_on": any(one.until_on is None for one in row.periods.all()),
            "takes_part": row.takes_part,
            "segment": row.segment.name if row.segment else "",
            "left_out": row.left_out.name if row.left_out else "",
            "expiry": row.expiry,
            "expires_after": row.expires_after,
            "returns_days": row.returns_days,
            "created_at": row.created_at,
            "archived_at": row.archived_at,
        }


# --- Members -------------------------------------------------------------------------


def _members(filters: Filters) -> "QuerySet[Membership]":
    """As the list of members narrows them. A merged record has its balance in the one
    that was kept."""
    rows = Membership.objects.filter(
        customer__merged_into=None, customer__erased_at=None
    )
    if programme := filters.get("programme"):
        rows = rows.filter(programme=whole_number(programme))
    people = people_search.select(filters.get("find", ""), now=timezone.now())
    if people is not None:
        rows = rows.filter(customer__in=subquery(people))
    return rows.select_related("customer", "programme")


def _member_cells(members: Sequence[Membership]) -> Cells:
    """`runs_out` of the balance on `runs_out_on`, the next day on which some does."""
    standings = standings_of(members, today=_today())
    for member in members:
        now = standings[member.pk]
        soon = now.expiring[0] if now.expiring else None
        yield {
            **_whose(member),
            "balance": now.balance,
            "spendable": now.spendable,
            "owed": now.owed,
            "runs_out": soon.units if soon else None,
            "runs_out_on": soon.on if soon else None,
            "joined_at": member.joined_at,
            "left_at": member.left_at,
            "active_on": member.active_on,
        }


def _today() -> date:
    return crm.business().day(timezone.now())


def _whose(member: Membership) -> dict[str, Cell]:
    return {
        "customer_id": member.customer.external_id,
        "source": member.customer.source,
        "programme": member.programme.name,
        "unit": member.programme.unit,
    }


# --- Entries -------------------------------------------------------------------------


def _entries(filters: Filters) -> "QuerySet[Entry]":
    rows = Entry.objects.select_related(
        "membership__customer", "membership__programme", "by", "note"
    )
    if membership := filters.get("membership"):
        rows = rows.filter(membership=whole_number(membership))
    return rows


def _entry_cells(entries: Sequence[Entry]) -> Cells:
    """The orders are looked up by their ids: one that is gone leaves its entries."""
    ids = {entry.order_id for entry in entries if entry.order_id is not None}
    orders = dict(Order.objects.filter(pk__in=ids).values_list("pk", "external_id"))
    for entry in entries:
        note = getattr(entry, "note", None)
        yield {
            "entry_id": entry.pk,
            **_whose(entry.membership),
            "kind": entry.kind,
            "amount": entry.amount,
            "on": entry.on,
            "available_on": entry.available_on,
            "expires_on": entry.expires_on,
            "order_id": orders.get(entry.order_id) if entry.order_id else None,
            "undoes": entry.undoes_id,
            "colleague": address_of(entry.by),
            "note": note.text if note else "",
            "at": entry.at,
        }


_WHOSE = ("customer_id", "source", "programme", "unit")
register(
    Dataset(
        name="programmes",
        label=_("Programmes"),
        order=58,
        columns=(
            *("programme", "kind", "unit", "currency", "worth", "is_on"),
            *("takes_part", "segment", "left_out", "expiry", "expires_after"),
            *("returns_days", "created_at", "archived_at"),
        ),
        rows=_programmes,
        cells=_programme_cells,
        takes=lambda: {"show"},
    ),
    Dataset(
        name="members",
        label=_("Members and balances"),
        order=59,
        columns=(
            *_WHOSE,
            *("balance", "spendable", "owed", "runs_out", "runs_out_on"),
            *("joined_at", "left_at", "active_on"),
        ),
        rows=_members,
        cells=_member_cells,
        takes=lambda: {"programme", "find"},
    ),
    Dataset(
        name="entries",
        label=_("Entries of balances"),
        order=60,
        columns=(
            "entry_id",
            *_WHOSE,
            *("kind", "amount", "on", "available_on", "expires_on", "order_id"),
            *("undoes", "colleague", "note", "at"),
        ),
        rows=_entries,
        cells=_entry_cells,
        takes=lambda: {"membership"},
    ),
)
