"""Conditions about contracts. A cancelled one counts as long as it runs; currencies are
never added."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm.condition_fields import Asked, ConditionField, Kind
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes
from crm.sql import distinct
from crm.sql.subscriptions import active_on

CONTRACTS = _("Contracts")
_WITH = sql.SQL("SELECT customer_id AS id FROM crm_subscription WHERE {which}")


def _has_one(asked: Asked) -> sql.Composable:
    found = _WITH.format(which=active_on(asked.today))
    return shapes.among(found, is_in=asked.condition.is_ is Is.YES)


def _plan(asked: Asked) -> sql.Composable:
    which = sql.SQL("{active} AND plan = ANY({plans})").format(
        active=active_on(asked.today), plans=sql.Literal(list(asked.condition.values))
    )
    found = _WITH.format(which=which)
    return shapes.among(found, is_in=asked.condition.is_ is Is.ANY_OF)


def _value(asked: Asked) -> sql.Composable:
    """What all their contracts in this currency come to in a month."""
    rows = sql.SQL(
        "FROM crm_subscription WHERE {active} AND currency = {currency}"
    ).format(
        active=active_on(asked.today), currency=sql.Literal(asked.condition.currency)
    )
    return shapes.counted(rows, sql.SQL("sum(value)"), asked)


def _cancelled(asked: Asked) -> sql.Composable:
    """The first day without the contract that ended last."""
    if asked.condition.is_ in (Is.KNOWN, Is.UNKNOWN):
        found = _WITH.format(which=sql.SQL("cancelled_on IS NOT NULL"))
        return shapes.among(found, is_in=asked.condition.is_ is Is.KNOWN)
    found = sql.SQL(
        "SELECT customer_id AS id FROM crm_subscription WHERE cancelled_on IS NOT NULL"
        " GROUP BY customer_id HAVING {having}"
    ).format(having=shapes.compared(sql.SQL("max(cancelled_on)"), asked))
    return shapes.among(found, is_in=True)


def _plans() -> Mapping[str, str]:
    return {plan: plan for plan in distinct.values_of("crm_subscription", "plan")}


FIELDS = (
    ConditionField(
        name="contract.active",
        order=40,
        label=_("Has a contract"),
        section=CONTRACTS,
        kind=Kind.FLAG,
        where=_has_one,
    ),
    ConditionField(
        name="contract.plan",
        order=41,
        label=_("Plan"),
        section=CONTRACTS,
        kind=Kind.CHOICE,
        where=_plan,
        choices=_plans,
    ),
    ConditionField(
        name="contract.value",
        order=42,
        label=_("Contracts, a month"),
        section=CONTRACTS,
        kind=Kind.MONEY,
        where=_value,
        any_currency=True,
    ),
    ConditionField(
        name="contract.cancelled",
        order=43,
        label=_("Contract ended"),
        section=CONTRACTS,
        kind=Kind.DAY,
        where=_cancelled,
        operators=(
            *(Is.IN_LAST, Is.NOT_IN_LAST, Is.IN_NEXT),
            *(Is.ON_OR_AFTER, Is.BEFORE, Is.KNOWN, Is.UNKNOWN),
        ),
    ),
)
