"""Customers of the core who give a reason to fear that they leave.

The core is whoever brings most of the revenue in one currency (crm's CoreMark). A
reason is a condition of the segments, about the customer `c`, so that the words of both
mean the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from crm import condition_fields
from crm.condition_fields import Asked
from crm.rules.segment_tree import Condition, Is, Period, Unit

# So many of their own usual gaps without an order are late: one alone is half of the
# time nothing but chance.
LATE = "1.5"
_SOON = Period(60, Unit.DAYS)
_REASONS: Mapping[str, Condition] = {
    "late": Condition("orders.overdue", Is.AT_LEAST, (LATE,)),
    "score": Condition("survey.band", Is.ANY_OF, ("detractor",)),
    "ending": Condition("contract.cancelled", Is.IN_NEXT, period=_SOON),
    "bounced": Condition("mail.bounced", Is.YES),
    "opted_out": Condition("mail.stopped", Is.ANY_OF, ("marketing", "loyalty")),
}


@dataclass(frozen=True)
class Place:
    """The last row of the page before: what follows brings less, or as much with a
    lower id."""

    total: Decimal
    customer: int


def names() -> tuple[str, ...]:
    """The reasons, in the order of the columns of `page`."""
    return tuple(_REASONS)


def page(
    currency: str, today: date, *, reason: str = "", after: Place | None, limit: int
) -> Composed:
    """Rows of customer, what they brought, and whether each reason holds; those who
    brought most come first."""
    later: Composable = SQL("true")
    if after is not None:
        later = SQL("(total, id) < ({}, {})").format(
            Literal(after.total), Literal(after.customer)
        )
    return SQL(
        "SELECT * FROM ({}) found WHERE {} ORDER BY total DESC, id DESC LIMIT {}"
    ).format(_found(currency, today, reason), later, Literal(limit))


def ids(currency: str, today: date, *, reason: str = "") -> Composed:
    """All of them, as a SELECT of ids."""
    return SQL("SELECT id FROM ({}) found").format(_found(currency, today, reason))


def _found(currency: str, today: date, reason: str) -> Composed:
    reasons = {
        name: SQL("coalesce({}, false)").format(_where(condition, today))
        for name, condition in _REASONS.items()
    }
    wanted = [Identifier("found", name) for name in ([reason] if reason else reasons)]
    columns = [
        SQL("{} AS {}").format(where, Identifier(name))
        for name, where in reasons.items()
    ]
    return SQL(
        """SELECT * FROM (SELECT c.id, s.total, {columns}
            FROM crm_ordersum s
            JOIN crm_coremark m ON m.currency = s.currency AND s.total >= m.least
            JOIN crm_customer c ON c.id = s.customer_id
            WHERE s.currency = {currency}
                AND c.merged_into_id IS NULL AND c.erased_at IS NULL) found
        WHERE {wanted}"""
    ).format(
        columns=SQL(", ").join(columns),
        currency=Literal(currency),
        wanted=SQL(" OR ").join(wanted),
    )


def _where(condition: Condition, today: date) -> Composable:
    field = condition_fields.get(condition.field)
    assert field is not None, condition.field
    return field.where(Asked(condition, today))
