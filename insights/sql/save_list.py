"""The save-list: who brings much and seems to slip away, and why.

The core is whoever brings most: of the revenue in one currency (crm's CoreMark), or of
what all running contracts in it come to in a month. A reason is a condition about the
customer `c`; those that segments know, too, are theirs, so that both mean the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from crm import condition_fields
from crm.condition_fields import Asked
from crm.rules.segment_tree import Condition, Is, Period, Unit
from crm.sql.subscriptions import periods
from insights.choices import Basis

# So many of their own usual gaps without an order are late: one alone is half of the
# time nothing but chance.
LATE = "1.5"
# For so long a contract that brings less than before is news.
FELL_WITHIN = timedelta(days=90)
_SOON = Period(60, Unit.DAYS)
_CONDITIONS: Mapping[str, Condition] = {
    "late": Condition("orders.overdue", Is.AT_LEAST, (LATE,)),
    "ending": Condition("contract.cancelled", Is.IN_NEXT, period=_SOON),
    "score": Condition("survey.band", Is.ANY_OF, ("detractor",)),
    "bounced": Condition("mail.bounced", Is.YES),
    "opted_out": Condition("mail.stopped", Is.ANY_OF, ("marketing", "loyalty")),
}
_REASONS: Mapping[Basis, tuple[str, ...]] = {
    Basis.ORDERS: ("late", "score", "ending", "bounced", "opted_out"),
    Basis.CONTRACT: ("ending", "fell", "paused", "score", "bounced", "opted_out"),
}
# What somebody answered, by name.
_ANSWERED = "score"
_PAUSED = SQL(
    """EXISTS (SELECT FROM crm_subscription s WHERE s.customer_id = c.id
        AND s.currency = {currency} AND s.state = 'paused')"""
)
# A contract that runs on and has brought more on one of the last days.
_FELL = SQL(
    """EXISTS (SELECT FROM crm_subscription s JOIN ({spans}) was
            ON was.subscription_id = s.id
        WHERE s.customer_id = c.id AND s.currency = {currency} AND s.state = 'active'
            AND was.ends_on > {since} AND was.value > s.value)"""
)
_CORE: Mapping[Basis, SQL] = {
    Basis.ORDERS: SQL(
        """SELECT s.customer_id, s.total FROM crm_ordersum s
        JOIN crm_coremark m ON m.currency = s.currency AND s.total >= m.least
        WHERE s.currency = {currency}"""
    ),
    # The fewest people, the best first, who bring this share of a month; whoever brings
    # as much as the last of them, too.
    Basis.CONTRACT: SQL(
        """SELECT customer_id, total FROM (
            SELECT customer_id, total,
                min(total) FILTER (WHERE before < whole * {share}) OVER () AS least
            FROM (SELECT s.customer_id, sum(s.value) AS total,
                    sum(sum(s.value)) OVER (ORDER BY sum(s.value) DESC, s.customer_id
                        ROWS UNBOUNDED PRECEDING) - sum(s.value) AS before,
                    sum(sum(s.value)) OVER () AS whole
                FROM crm_subscription s JOIN crm_customer c ON c.id = s.customer_id
                WHERE s.currency = {currency} AND s.value > 0
                    AND (s.state <> 'cancelled' OR s.cancelled_on > {today})
                    AND c.merged_into_id IS NULL AND c.erased_at IS NULL
                GROUP BY s.customer_id) ranked) known
        WHERE total >= least"""
    ),
}
_EVERYBODY: Composable = SQL("true")
# OFFSET 0: what each reason asks is asked once, and not again for those who are wanted.
_FOUND = SQL(
    """SELECT * FROM (SELECT c.id, core.total, {columns}
        FROM ({core}) core JOIN crm_customer c ON c.id = core.customer_id
        WHERE c.merged_into_id IS NULL AND c.erased_at IS NULL AND {among}
        OFFSET 0) found
    WHERE {wanted}"""
)


@dataclass(frozen=True)
class Whom:
    """Which list: the core by orders or by contracts in one currency, on a day.
    `reason`: those for whom it holds; empty: for whom one of them does. `share`: of all
    that contracts bring, what the core brings. `with_answers`: whether what somebody
    answered is a reason, which is for those alone who see answers by name."""

    basis: Basis
    currency: str
    today: date
    share: Decimal
    reason: str = ""
    with_answers: bool = True


def names(basis: Basis, *, with_answers: bool) -> tuple[str, ...]:
    """The reasons, in the order of the columns of `page`."""
    return tuple(name for name in _REASONS[basis] if with_answers or name != _ANSWERED)


def page(whom: Whom, *, after: tuple[Decimal, int] | None, limit: int) -> Composed:
    """Rows of how many there are for any reason and for each, in their order; customer,
    what they bring, and whether each reason holds. Those who bring most come first. One
    row without a customer where none follows. The whole is asked once, for all of that.

    `after`: what the last row of the page before brings, and its id: what follows
    brings less, or as much with a lower id.
    """
    later = _EVERYBODY
    if after is not None:
        later = SQL("(total, id) < ({}, {})").format(*map(Literal, after))
    of_each = [
        SQL("count(*) FILTER (WHERE {})").format(Identifier(name))
        for name in names(whom.basis, with_answers=whom.with_answers)
    ]
    return SQL(
        """WITH found AS MATERIALIZED ({found})
        SELECT everybody.*, shown.*
        FROM (SELECT {counts} FROM found) everybody LEFT JOIN (
            SELECT * FROM found WHERE {wanted} AND {later}
            ORDER BY total DESC, id DESC LIMIT {limit}
        ) shown ON true ORDER BY shown.total DESC, shown.id DESC"""
    ).format(
        found=_found(replace(whom, reason="")),
        counts=SQL(", ").join([SQL("count(*)"), *of_each]),
        wanted=Identifier(whom.reason) if whom.reason else _EVERYBODY,
        later=later,
        limit=Literal(limit),
    )


def ids(whom: Whom) -> Composed:
    """All of them, as a SELECT of ids."""
    return SQL("SELECT id FROM ({}) found").format(_found(whom))


def of(whom: Whom, ids: Sequence[int]) -> Composed:
    """Those of these customers who are in the list, as rows of `page`."""
    among = SQL("c.id = ANY({})").format(Literal(list(ids)))
    return _found(whom, among)


def _found(whom: Whom, among: Composable = _EVERYBODY) -> Composed:
    reasons = {
        name: SQL("coalesce({}, false)").format(_where(name, whom))
        for name in names(whom.basis, with_answers=whom.with_answers)
    }
    wanted = [
        Identifier("found", name)
        for name in ([whom.reason] if whom.reason else reasons)
    ]
    columns = [
        SQL("{} AS {}").format(where, Identifier(name))
        for name, where in reasons.items()
    ]
    return _FOUND.format(
        columns=SQL(", ").join(columns),
        core=_CORE[whom.basis].format(
            currency=Literal(whom.currency),
            today=Literal(whom.today),
            share=Literal(whom.share),
        ),
        among=among,
        wanted=SQL(" OR ").join(wanted),
    )


def _where(name: str, whom: Whom) -> Composable:
    currency = Literal(whom.currency)
    if name == "paused":
        return _PAUSED.format(currency=currency)
    if name == "fell":
        spans = periods(SQL("customer_id = c.id"))
        since = Literal(whom.today - FELL_WITHIN)
        return _FELL.format(spans=spans, currency=currency, since=since)
    condition = _CONDITIONS[name]
    field = condition_fields.get(condition.field)
    assert field is not None, condition.field
    return field.where(Asked(condition, whom.today))
