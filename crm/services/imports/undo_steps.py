"""What an undo does with a batch of rows that a run made or changed.

Whatever was changed since stays as it is, with a reason. A record that a run made goes
only where nothing but derived rows hangs on it: a mail that was sent, an answer, a
choice about mail, a note or an order keeps it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from psycopg.sql import SQL

from crm import signals
from crm.customer_facts import FACTS
from crm.models import (
    AuditEntry,
    Customer,
    ImportedRow,
    Interaction,
    InteractionVersion,
    Order,
    OrderLine,
    Product,
    ReturnMatch,
    UnmatchedReturn,
)
from crm.personal_rows import Merged, PersonalRows, all_rows
from crm.rules.choices import ImportedThing
from crm.services import audit, customers, returns
from crm.services.imports.product_loading import MOVE_DAYS
from crm.services.imports.undo import (
    CHANGED,
    USED,
    Step,
    Undo,
    columns_of,
    used_elsewhere,
)
from crm.services.imports.undo_contracts import take_back_contracts
from crm.services.imports.undo_links import (
    CustomerTag,
    remove_addresses,
    remove_companies,
    remove_company_links,
    remove_customer_tags,
    remove_tags,
)
from crm.sql import import_undo as sql

# What an undo deals with by name, and the log, which stays.
_OWN = (Customer, CustomerTag, Order, OrderLine, ImportedRow, AuditEntry)
# Counted up or worked out again, never given back.
_NEVER_BACK = {"id", "version", "updated_at", "first_order_on", "last_order_on",
               "sort_name", "search_text"}  # fmt: skip

_PRODUCT_GROUPS = (
    *(("name",), ("category",), ("nature",), ("price", "currency"), ("link",)),
    *(("picture",), ("is_available",), ("season_months",), ("days_of_supply",)),
    ("tax_percent",),
)


# --- What was there before -----------------------------------------------------------


def restore_customers(undo: Undo, ids: Sequence[int]) -> None:
    """Columns that hold what the run wrote get back what they held."""
    changed = undo.with_before(ImportedThing.CUSTOMER, ids)
    undo.execute(sql.LOCK[ImportedThing.CUSTOMER], changed)
    live = set(
        Customer.objects.live().filter(pk__in=changed).values_list("pk", flat=True)
    )
    undo.keep(ImportedThing.CUSTOMER, set(changed) - live, CHANGED)
    statement = sql.restore(
        ImportedThing.CUSTOMER,
        _customer_groups(),
        SQL("version = c.version + 1, updated_at = %(now)s"),
    )
    restored = undo.execute(statement, live)
    _count_restored(undo, ImportedThing.CUSTOMER, restored)
    found = list(Customer.objects.filter(pk__in=live))
    for customer in found:
        customers.refresh_search(customer)
    Customer.objects.bulk_update(found, ["sort_name", "search_text"])
    _announce(live, undo.now)


def _customer_groups() -> list[tuple[str, ...]]:
    """Columns that are one fact go back together."""
    columns = {field.name: field.attname for field in Customer._meta.concrete_fields}
    facts = [
        tuple(columns[name] for name in fact.columns)
        for fact in FACTS
        if fact.columns and fact.name != "since_on"
    ]
    groups = [*facts, ("since_on", "since_from")]
    grouped = {column for group in groups for column in group}
    rest = [name for name in columns.values() if name not in grouped | _NEVER_BACK]
    return groups + [(name,) for name in rest]


def restore_products(undo: Undo, ids: Sequence[int]) -> None:
    """Give products of these ids the facts they had before."""
    changed = undo.with_before(ImportedThing.PRODUCT, ids)
    undo.execute(sql.LOCK[ImportedThing.PRODUCT], changed)
    statement = sql.restore(
        ImportedThing.PRODUCT, _PRODUCT_GROUPS, SQL("version = c.version + 1")
    )
    restored = undo.execute(statement, changed)
    _count_restored(undo, ImportedThing.PRODUCT, restored)
    rows = undo.rows(ImportedThing.PRODUCT).filter(row_id__in=changed)
    moved = rows.filter(before__has_any_keys=sorted(MOVE_DAYS))
    if ids := list(moved.values_list("row_id", flat=True)):
        signals.products_changed.send(
            sender=Product, ids=ids, fields=MOVE_DAYS, now=undo.now
        )


def _count_restored(
    undo: Undo, what: ImportedThing, restored: Sequence[tuple[int, bool]]
) -> None:
    undo.count("restored", sum(is_whole for _, is_whole in restored))
    undo.keep(what, (pk for pk, is_whole in restored if not is_whole), CHANGED)


# --- Orders --------------------------------------------------------------------------


def take_back_orders(undo: Undo, ids: Sequence[int]) -> None:
    """Those that the run made go, with their lines; those that it changed are again
    what they were. An order that was changed since stays whole."""
    same = {pk for (pk,) in undo.execute(sql.UNCHANGED[ImportedThing.ORDER], ids)}
    # Which purchase a return gives back is worked out again.
    derived = (OrderLine, Order, ReturnMatch, UnmatchedReturn)
    asked = used_elsewhere(Order, same, but=derived)
    torn = {pk for (pk,) in undo.execute(sql.WITHOUT_PRODUCT, same)}
    there = set(Order.objects.filter(pk__in=ids).values_list("pk", flat=True))
    undo.keep(ImportedThing.ORDER, (there - same) | torn, CHANGED)
    before = set(undo.with_before(ImportedThing.ORDER, ids))
    undo.keep(ImportedThing.ORDER, asked - before, USED)
    made, changed = same - before - asked, (same & before) - torn
    returns.forget_orders(made, now=undo.now)
    undo.execute(sql.DELETE_LINES, made)
    undo.execute(sql.DELETE_ORDERS, made)
    undo.execute(sql.DELETE_NOTED_LINES, changed)
    undo.execute(sql.restore_whole(ImportedThing.ORDER, columns_of(Order)), changed)
    undo.execute(sql.restore_lines(["id", *columns_of(OrderLine)]), changed)
    undo.count("removed", len(made))
    undo.count("restored", len(changed))


def recount_orders(undo: Undo, ids: Sequence[int]) -> None:
    """First and last order day of whoever has, or had, one of these orders."""
    buyers = [pk for (pk,) in undo.execute(sql.CUSTOMERS_OF, ids)]
    undo.execute(sql.LOCK[ImportedThing.CUSTOMER], buyers)
    undo.execute(sql.RECOUNT_DAYS, buyers)
    _announce(buyers, undo.now)
    signals.orders_changed.send(
        sender=Order, ids=list(ids), customer_ids=buyers, now=undo.now
    )


# --- What the run made ---------------------------------------------------------------


def remove_interactions(undo: Undo, ids: Sequence[int]) -> None:
    """Remove contacts that nobody edited, moved to another record or named since; keep
    and count the others."""
    what = ImportedThing.INTERACTION
    same = {pk for (pk,) in undo.execute(sql.UNCHANGED[what], ids)}
    edited = InteractionVersion.objects.filter(interaction__in=same)
    same -= set(edited.values_list("interaction_id", flat=True))
    there = Interaction.objects.filter(pk__in=ids).values_list("pk", flat=True)
    undo.keep(what, set(there) - same, CHANGED)
    used = used_elsewhere(Interaction, same, but=(InteractionVersion,))
    undo.keep(what, used, USED)
    gone = Interaction.objects.filter(pk__in=same - used)
    audit.record_many(
        "interaction.import_undone",
        [
            (f"interaction:{pk}", whose)
            for pk, whose in gone.values_list("pk", "customer")
        ],
        now=undo.now,
    )
    undo.count("removed", gone.delete()[0])


def remove_customers(undo: Undo, ids: Sequence[int]) -> None:
    """Remove customers that the import made, but for those changed or used since."""
    made = undo.rows(ImportedThing.CUSTOMER).filter(row_id__in=ids, before__isnull=True)
    made_ids = list(made.values_list("row_id", flat=True))
    same = {
        pk for (pk,) in undo.execute(sql.UNCHANGED[ImportedThing.CUSTOMER], made_ids)
    }
    there = Customer.objects.filter(pk__in=made_ids).values_list("pk", flat=True)
    undo.keep(ImportedThing.CUSTOMER, set(there) - same, CHANGED)
    merged = Customer.objects.filter(merged_into__in=same)
    taken = {
        CHANGED: set(merged.values_list("merged_into_id", flat=True)),
        "orders": set(
            Order.objects.filter(customer__in=same).values_list(
                "customer_id", flat=True
            )
        ),
    }
    others = [rows for rows in all_rows() if rows.model not in _OWN]
    for rows in others:
        taken[rows.name] = _customers_with(rows, same)
    for reason, theirs in taken.items():
        undo.keep(ImportedThing.CUSTOMER, theirs, reason)
        same -= theirs
    # What hangs on other rows first.
    for rows in reversed(others):
        rows.of(same).delete()
    CustomerTag.objects.filter(customer_id__in=same).delete()
    undo.execute(sql.DELETE_CUSTOMERS, same)
    undo.count("removed", len(same))


def _customers_with(rows: PersonalRows, ids: Collection[int]) -> set[int]:
    """Those of them whose rows hold something that no other row does."""
    if rows.merged is Merged.DELETE:
        return set()
    found = rows.of(ids)
    if rows.unused is not None:
        found = found.exclude(rows.unused)
    return set(found.order_by().values_list(rows.customer, flat=True))


def remove_products(undo: Undo, ids: Sequence[int]) -> None:
    """Remove products that the import made, but for those changed or used since."""
    made = undo.rows(ImportedThing.PRODUCT).filter(row_id__in=ids, before__isnull=True)
    made_ids = list(made.values_list("row_id", flat=True))
    same = {
        pk for (pk,) in undo.execute(sql.UNCHANGED[ImportedThing.PRODUCT], made_ids)
    }
    there = Product.objects.filter(pk__in=made_ids).values_list("pk", flat=True)
    undo.keep(ImportedThing.PRODUCT, set(there) - same, CHANGED)
    derived = [rows.model for rows in all_rows() if rows.merged is Merged.DELETE]
    used = used_elsewhere(Product, same, but=derived)
    undo.keep(ImportedThing.PRODUCT, used, USED)
    Product.objects.filter(pk__in=same - used).delete()
    undo.count("removed", len(same - used))


def _announce(ids: Collection[int], now: datetime) -> None:
    if ids:
        signals.customers_changed.send(
            sender=Customer, ids=sorted(ids), fields=frozenset({"*"}), now=now
        )


# In this order: the order days of customers are worked out once every order is back,
# and what others name goes after those.
STEPS: tuple[tuple[ImportedThing, Step], ...] = (
    (ImportedThing.CONTRACT, take_back_contracts),
    (ImportedThing.INTERACTION, remove_interactions),
    (ImportedThing.ADDRESS, remove_addresses),
    (ImportedThing.COMPANY_LINK, remove_company_links),
    (ImportedThing.CUSTOMER_TAG, remove_customer_tags),
    (ImportedThing.CUSTOMER, restore_customers),
    (ImportedThing.ORDER, take_back_orders),
    (ImportedThing.ORDER, recount_orders),
    (ImportedThing.CUSTOMER, remove_customers),
    (ImportedThing.PRODUCT, restore_products),
    (ImportedThing.PRODUCT, remove_products),
    (ImportedThing.TAG, remove_tags),
    (ImportedThing.COMPANY, remove_companies),
)
