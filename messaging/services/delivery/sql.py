"""The statements of a delivery: set-based, each guarded by the token of the claim."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

# Locks the message and its customer, so that two deliverers never decide about one
# person at the same time; whoever is locked is left to the other one. NO KEY: rows
# that merely point at the customer (orders, answers) can be written meanwhile.
LOCK_READY = sql.SQL(
    """
    SELECT m.id, m.customer_id
      FROM messaging_message m
      JOIN crm_customer c ON c.id = m.customer_id
     WHERE m.state = 'planned' AND m.not_before <= %(now)s
       AND m.not_before > coalesce(%(due_after)s::timestamptz, '-infinity')
       AND m.id <> ALL(%(avoid)s)
     ORDER BY m.priority, m.not_before, m.id
     LIMIT %(limit)s
       FOR NO KEY UPDATE OF m, c SKIP LOCKED
    """
)

# Those to colleagues and bare addresses. No contact limit applies, so the message's
# own lock is enough; they come first, because a person waits for each.
LOCK_OTHERS = sql.SQL(
    """
    SELECT m.id
      FROM messaging_message m
     WHERE m.state = 'planned' AND m.customer_id IS NULL AND m.not_before <= %(now)s
       AND {account}
       AND m.not_before > coalesce(%(due_after)s::timestamptz, '-infinity')
       AND m.id <> ALL(%(avoid)s)
     ORDER BY m.priority, m.not_before, m.id
     LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
    """
)

_NO_ACCOUNT = sql.SQL("m.account_id IS NULL")
_ACCOUNT = sql.SQL("m.account_id = %(account_id)s")

CLAIM = sql.SQL(
    """
    UPDATE messaging_message m
       SET state = 'claimed', claim_token = %(token)s, attempts = attempts + 1,
           lease_until = clock_timestamp() + %(lease)s, counted_at = %(now)s,
           deferred_reason = '', address_hash = nullif(v.hash, '')
      FROM unnest(%(ids)s::bigint[], %(hashes)s::bytea[]) AS v(id, hash)
     WHERE m.id = v.id
    """
)

# A withdrawal or cancellation in between took the token away: those are not handed.
# Who was erased or merged in between is left claimed: the next claim ends it. A bounce
# that arrives in a year finds its message by the hash of the address.
HAND = sql.SQL(
    """
    UPDATE messaging_message m
       SET state = 'handed', handed_at = %(now)s, transport = %(transport)s,
           lease_until = clock_timestamp() + %(lease)s, address_hash = v.hash
      FROM unnest(%(ids)s::bigint[], %(hashes)s::bytea[]) AS v(id, hash)
     WHERE m.id = v.id AND m.claim_token = %(token)s AND m.state = 'claimed'
       AND (m.customer_id IS NULL OR EXISTS (
            SELECT FROM crm_customer c
             WHERE c.id = m.customer_id
               AND c.merged_into_id IS NULL AND c.erased_at IS NULL))
    RETURNING m.id
    """
)

# Back to waiting. `blame` names the counter of this try; what can no longer wait
# is not touched here (the check "not_before before expires_at" would refuse it).
PUT_BACK = sql.SQL(
    """
    UPDATE messaging_message m
       SET state = 'planned', claim_token = NULL, lease_until = NULL,
           counted_at = NULL, handed_at = NULL, not_before = v.until,
           attempts = greatest(m.attempts + v.attempts, 0),
           refusals = m.refusals + v.refusals, deferrals = m.deferrals + v.deferrals,
           policy_refusals = m.policy_refusals + v.policy_refusals,
           deferred_reason = v.reason, reason_data = v.data,
           smtp_code = coalesce(v.code, m.smtp_code),
           smtp_text = coalesce(nullif(v.text, ''), m.smtp_text)
      FROM unnest(%(ids)s::bigint[], %(untils)s::timestamptz[], %(attempts)s::int[],
                  %(refusals)s::int[], %(policy_refusals)s::int[],
                  %(deferrals)s::int[], %(reasons)s::text[], %(data)s::jsonb[],
                  %(codes)s::int[], %(texts)s::text[])
           AS v(id, until, attempts, refusals, policy_refusals, deferrals, reason, data,
                code, text)
     WHERE m.id = v.id AND m.claim_token IS NOT DISTINCT FROM %(token)s
       AND m.state = ANY(%(states)s)
    RETURNING m.id
    """
)

FINISH = sql.SQL(
    """
    UPDATE messaging_message m
       SET state = v.state, reason_code = v.reason, reason_data = v.data,
           final_at = %(now)s, lease_until = NULL,
           counted_at = CASE WHEN v.state IN ('sent', 'uncertain')
                             THEN m.counted_at END,
           transport = coalesce(nullif(%(transport)s, ''), m.transport),
           smtp_code = coalesce(v.code, m.smtp_code),
           smtp_text = coalesce(nullif(v.text, ''), m.smtp_text)
      FROM unnest(%(ids)s::bigint[], %(finals)s::text[], %(reasons)s::text[],
                  %(data)s::jsonb[], %(codes)s::int[], %(texts)s::text[])
           AS v(id, state, reason, data, code, text)
     WHERE m.id = v.id AND m.claim_token IS NOT DISTINCT FROM %(token)s
       AND m.state = ANY(%(states)s)
    RETURNING m.id
    """
)


@dataclass(frozen=True)
class Requeue:
    """One message to wait again, and which counters this try moves."""

    id: int
    until: datetime
    reason: str
    data: dict[str, Any] = field(default_factory=dict)
    attempts: int = 0
    refusals: int = 0
    policy_refusals: int = 0
    deferrals: int = 0
    code: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Outcome:
    """One message to end."""

    id: int
    state: str
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    code: int | None = None
    text: str = ""


def lock_ready(
    *,
    now: datetime,
    limit: int,
    avoid: Sequence[int],
    due_after: datetime | None,
    account_id: int | None,
) -> list[int]:
    """Messages that may go now, locked: one of each customer with their row, and
    those to others. Those in `avoid` are passed over, and those that were not due
    after `due_after`. An account of its own has mail to others only."""
    values: dict[str, Any] = {
        "now": now,
        "limit": limit,
        "avoid": list(avoid),
        "due_after": due_after,
    }
    account = _NO_ACCOUNT if account_id is None else _ACCOUNT
    values["account_id"] = account_id
    statement = LOCK_OTHERS.format(account=account)
    others = [pk for (pk,) in _run(statement, values)]
    if len(others) >= limit or account_id is not None:
        return others
    rows = _run(LOCK_READY, {**values, "limit": limit - len(others)})
    firsts: dict[int, int] = {}
    for message_id, customer_id in rows:
        firsts.setdefault(customer_id, message_id)
    return [*others, *firsts.values()]


def claim(
    hashes: Mapping[int, bytes], *, token: UUID, lease: timedelta, now: datetime
) -> None:
    """`hashes`: message to the hash of its address, which its budget is counted by."""
    values = {
        "ids": list(hashes),
        "hashes": list(hashes.values()),
        "token": token,
        "lease": lease,
        "now": now,
    }
    _run(CLAIM, values)


def hand(
    hashes: Mapping[int, bytes],
    *,
    token: UUID,
    lease: timedelta,
    transport: str,
    now: datetime,
) -> set[int]:
    """Mark claimed messages as handed. Returns the ids that still had the token."""
    # In the order in which withdrawals lock them, so that neither waits in a circle.
    ids = sorted(hashes)
    values = {
        "ids": ids,
        "hashes": [hashes[pk] for pk in ids],
        "token": token,
        "lease": lease,
        "transport": transport,
        "now": now,
    }
    return {row[0] for row in _run(HAND, values)}


def put_back(
    rows: Sequence[Requeue], *, token: UUID | None, states: Sequence[str]
) -> set[int]:
    """Let messages wait again. Returns the ids that still had the token."""
    values = {
        "token": token,
        "states": list(states),
        "ids": [row.id for row in rows],
        "untils": [row.until for row in rows],
        "attempts": [row.attempts for row in rows],
        "refusals": [row.refusals for row in rows],
        "policy_refusals": [row.policy_refusals for row in rows],
        "deferrals": [row.deferrals for row in rows],
        "reasons": [row.reason for row in rows],
        "data": [json.dumps(row.data) for row in rows],
        "codes": [row.code for row in rows],
        "texts": [row.text for row in rows],
    }
    return {row[0] for row in _run(PUT_BACK, values)} if rows else set()


def finish(
    rows: Sequence[Outcome],
    *,
    token: UUID | None,
    states: Sequence[str],
    now: datetime,
    transport: str = "",
) -> set[int]:
    """Write final states. Returns the ids that still had the token."""
    values = {
        "token": token,
        "states": list(states),
        "now": now,
        "transport": transport,
        "ids": [row.id for row in rows],
        "finals": [row.state for row in rows],
        "reasons": [row.reason for row in rows],
        "data": [json.dumps(row.data) for row in rows],
        "codes": [row.code for row in rows],
        "texts": [row.text for row in rows],
    }
    return {row[0] for row in _run(FINISH, values)} if rows else set()


def _run(statement: sql.Composable, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
