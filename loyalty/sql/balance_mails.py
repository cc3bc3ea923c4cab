"""Whom the mails of programmes are due for: each one statement, one row a person and
occasion. Anyone who left a programme gets none of its mails."""

from collections.abc import Sequence
from datetime import date, timedelta

from messaging.kinds import Due

_ONE_DAY = timedelta(days=1)

# By the index entry_written. The day is the one on which it was written down, by the
# shop's calendar: so each entry is told of once, however late its order was reported.
_EARNED = """
SELECT member.customer_id, to_char(told.first, %s), told.last + 1 + %s::int,
       jsonb_build_object('first', told.first, 'last', told.last)
FROM (
    SELECT DISTINCT written.membership_id, written.first,
        written.first + %s::int - 1 AS last
    FROM (
        SELECT e.membership_id, local.day - CASE WHEN %s::int = 7
            THEN extract(isodow FROM local.day)::int - 1 ELSE 0 END AS first
        FROM loyalty_entry e
        CROSS JOIN LATERAL (SELECT (e.at AT TIME ZONE %s)::date AS day) local
        WHERE e.kind = 'earned'
          AND e.at >= %s::date::timestamp AT TIME ZONE %s
          AND e.at < %s::date::timestamp AT TIME ZONE %s
    ) written
) told
JOIN loyalty_membership member
    ON member.id = told.membership_id AND member.left_at IS NULL
GROUP BY member.customer_id, told.first, told.last
"""
# By the indexes lot_expiring and membership_silent. What runs out within a week from
# Monday to Sunday is one mail, so many days before the first of it.
_EXPIRING = """
SELECT customer_id, to_char(monday, 'YYYY-MM-DD') || ':' || %s::int, min(day) - %s::int,
       jsonb_build_object('first', monday, 'last', monday + 6)
FROM (
    SELECT customer_id, day, day - (extract(isodow FROM day)::int - 1) AS monday
    FROM (
        SELECT member.customer_id, lot.expires_on AS day
        FROM loyalty_lot lot
        JOIN loyalty_membership member
            ON member.id = lot.membership_id AND member.left_at IS NULL
        JOIN loyalty_programme programme
            ON programme.id = member.programme_id AND programme.expiry <> 'inactivity'
        WHERE lot."left" > 0 AND lot.expires_on BETWEEN %s AND %s
        UNION ALL
        SELECT member.customer_id,
            greatest(member.active_on, programme.expiry_since) + programme.expires_after
        FROM loyalty_programme programme
        JOIN loyalty_membership member
            ON member.programme_id = programme.id AND member.balance > 0
            AND member.left_at IS NULL
        WHERE programme.expiry = 'inactivity'
          AND programme.expiry_since + programme.expires_after <= %s
          AND member.active_on <= %s::date - programme.expires_after
          AND member.active_on >= CASE
            WHEN programme.expiry_since + programme.expires_after >= %s
            THEN '-infinity'::date ELSE %s::date - programme.expires_after END
    ) runs_out
) weekly
GROUP BY customer_id, monday
HAVING min(day) - %s::int BETWEEN %s AND %s
"""
# By the index lot_becoming. Reached is the first day on which what is left and came in
# by then is enough; after the last spending, so that nobody is told at the till that
# what they still have is enough for another one.
_READY = """
SELECT member.customer_id, to_char(reached.day, 'YYYY-MM-DD'), reached.day + %s::int,
       jsonb_build_object('offers', jsonb_agg(offer.id ORDER BY offer.price, offer.id))
FROM (
    SELECT DISTINCT membership_id FROM loyalty_lot
    WHERE "left" > 0 AND available_on BETWEEN %s AND %s
) fresh
JOIN loyalty_membership member
    ON member.id = fresh.membership_id AND member.left_at IS NULL
JOIN loyalty_programmereward offer
    ON offer.programme_id = member.programme_id AND offer.price <= member.balance
JOIN loyalty_reward reward
    ON reward.id = offer.reward_id AND reward.archived_at IS NULL
CROSS JOIN LATERAL (
    SELECT min(running.available_on) AS day FROM (
        SELECT lot.available_on,
            sum(lot."left") OVER (ORDER BY lot.available_on) AS there
        FROM loyalty_lot lot
        WHERE lot.membership_id = member.id AND lot."left" > 0
    ) running
    WHERE running.there >= offer.price
) reached
WHERE reached.day BETWEEN %s AND %s
  AND NOT EXISTS (
    SELECT FROM loyalty_entry spent
    WHERE spent.membership_id = member.id AND spent.kind = 'spent'
      AND spent.on >= reached.day)
GROUP BY member.customer_id, reached.day
"""
# Of each month: who has something now, or whose balance moved in it.
_STATEMENT = """
SELECT member.customer_id, month.name, month.due_on,
       jsonb_build_object('first', month.first, 'last', month.after - 1)
FROM unnest(%s::text[], %s::date[], %s::date[], %s::date[])
    AS month (name, first, after, due_on)
CROSS JOIN LATERAL (
    SELECT customer_id FROM loyalty_membership
    WHERE balance <> 0 AND left_at IS NULL
      AND joined_at < month.after::timestamp AT TIME ZONE %s
    UNION
    SELECT moved.customer_id FROM loyalty_entry e
    JOIN loyalty_membership moved ON moved.id = e.membership_id
        AND moved.left_at IS NULL
    WHERE e.at >= month.first::timestamp AT TIME ZONE %s
      AND e.at < month.after::timestamp AT TIME ZONE %s
) member
"""


def earned(
    first_on: date, last_on: date, *, days: int, offset_days: int, zone: str
) -> Due:
    """Who earned something on a day (`days` 1) or in a week from Monday (7), and is
    told so many days after its end."""
    shift = timedelta(days=offset_days)
    begins = first_on - shift - days * _ONE_DAY
    if days == 7:
        begins = monday_of(begins)
    ends = last_on - shift
    form = "YYYY-MM-DD" if days == 1 else 'IYYY-"W"IW'
    span = (begins, zone, ends, zone)
    return Due(_EARNED, (form, offset_days, days, days, zone, *span))


def expiring(first_on: date, last_on: date, *, days: int) -> Due:
    """Of whom something runs out within a week whose first such day is so many days
    after these."""
    since = monday_of(first_on + days * _ONE_DAY)
    until = monday_of(last_on + days * _ONE_DAY) + 6 * _ONE_DAY
    return Due(
        _EXPIRING,
        (days, days, since, until, until, until, since, since, days, first_on, last_on),
    )


def ready(first_on: date, last_on: date, *, offset_days: int) -> Due:
    """Whose balance reaches the price of a reward on a day, so many days before
    these."""
    shift = timedelta(days=offset_days)
    days = (first_on - shift, last_on - shift)
    return Due(_READY, (offset_days, *days, *days))


def statement(months: Sequence[tuple[date, date, date]], *, zone: str) -> Due:
    """Who is told of these months: (first day, first day after, day of the mail)."""
    firsts, afters, days = map(list, zip(*months, strict=True)) if months else ([],) * 3
    names = [f"{day:%Y-%m}" for day in firsts]
    return Due(_STATEMENT, (names, firsts, afters, days, zone, zone, zone))


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())
