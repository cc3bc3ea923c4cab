"""When contracts were in force, and what they brought."""

from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

_OF_ALL = SQL("true")


def of_customers(ids: list[int]) -> Composed:
    """A `which` for `periods` and `active_days`: of these customers alone."""
    return SQL("customer_id = ANY({})").format(Literal(ids))


def periods(which: Composable = _OF_ALL) -> Composed:
    """A SELECT of the spans of days in which a contract brought one value under one
    plan: customer_id, subscription_id, currency, plan, value (a month), starts_on,
    ends_on (the first day after it; null: it goes on). Without pauses.

    `which`: a condition on crm_subscriptionchange that takes all rows of a contract or
    none, such as one on customer_id.
    """
    return SQL(
        """SELECT x.customer_id, x.subscription_id, s.currency, x.plan, x.value,
            x.happened_on AS starts_on, x.ends_on
        FROM (SELECT customer_id, subscription_id, kind, plan, value, happened_on,
                lead(happened_on) OVER (
                    PARTITION BY subscription_id ORDER BY happened_on, id) AS ends_on
            FROM crm_subscriptionchange WHERE {which}) x
        JOIN crm_subscription s ON s.id = x.subscription_id
        WHERE x.kind NOT IN ('paused', 'cancelled')
            AND (x.ends_on IS NULL OR x.ends_on > x.happened_on)"""
    ).format(which=which)


def active_days(which: Composable = _OF_ALL) -> Composed:
    """A SELECT of customer_id, starts_on, ends_on: the days on which somebody had one
    active contract at least, as spans that neither overlap nor touch."""
    return SQL(
        """SELECT customer_id, lower(span) AS starts_on, upper(span) AS ends_on
        FROM (SELECT customer_id,
                unnest(range_agg(daterange(starts_on, ends_on))) AS span
            FROM ({periods}) p GROUP BY customer_id) spans"""
    ).format(periods=periods(which))


def active_on(day: date) -> Composed:
    """A condition on crm_subscription: it is neither paused nor over on this day, which
    is today or later."""
    return SQL(
        "(state = 'active' OR state = 'cancelled' AND cancelled_on > {})"
    ).format(Literal(day))
