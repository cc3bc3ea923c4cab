"""Changes to many customers: one statement a slice, which also notes and audits it.

The people of a run stand in crm_bulkrow; a slice is a range of their ids. Parameters:
`run`, `after`, `upto`, `now`, `by`, `actor_kind`, `via`, `fields`, and those of the
action.
"""

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from crm.models import User
from crm.rules.choices import BulkAction
from crm.sql.customer_filters import LIVE

# As many tags as a customer may have (crm/services/customers.py).
MOST_TAGS = 50
_CUSTOM = "custom"
_USERS = Identifier(User._meta.db_table)

FREEZE = SQL(
    """INSERT INTO crm_bulkrow (run_id, customer_id)
    SELECT %(run)s, people.id FROM ({people}) people"""
)
NEXT_SLICE = SQL(
    """SELECT max(customer_id), count(*) FROM (
        SELECT customer_id FROM crm_bulkrow
        WHERE run_id = %(run)s AND customer_id > %(after)s {which}
        ORDER BY customer_id LIMIT %(most)s) slice"""
)
IS_CHANGED = SQL("AND is_changed")
# For a receiver: whom a slice changed.
CHANGED_IDS = (
    "SELECT customer_id FROM crm_bulkrow WHERE run_id = %s AND customer_id > %s"
    " AND customer_id <= %s AND is_changed"
)

# Live customers of the slice, locked in order, with the value that counts for undo.
_SLICE = SQL(
    """slice AS MATERIALIZED (
        SELECT c.id, {before} AS before
        FROM crm_bulkrow r JOIN crm_customer c ON c.id = r.customer_id
        WHERE r.run_id = %(run)s AND r.customer_id > %(after)s
            AND r.customer_id <= %(upto)s AND {live} {which}
        ORDER BY c.id FOR UPDATE OF c)"""
)
_NOTE = SQL(
    """noted AS (
        UPDATE crm_bulkrow r SET is_changed = true, before = done.before
        FROM done WHERE r.run_id = %(run)s AND r.customer_id = done.id)"""
)
_AUDIT = SQL(
    """audited AS (
        INSERT INTO crm_auditentry (at, actor_kind, actor_id, via, action, subject,
            customer_id, fields)
        SELECT %(now)s, %(actor_kind)s, %(by)s, %(via)s, {action}, {subject}, done.id,
            %(fields)s::varchar[]
        FROM done)"""
)
# Tags are no column of the record, but a change of it.
_TOUCH = SQL(
    """touched AS (
        UPDATE crm_customer c SET version = c.version + 1, updated_at = %(now)s
        FROM done WHERE c.id = done.id)"""
)
_COUNT = SQL("SELECT count(*) FROM done")

_TAG = SQL(
    """INSERT INTO crm_customer_tags (customer_id, tag_id)
    SELECT slice.id, t.id FROM slice JOIN crm_tag t ON t.id = %(tag)s
    WHERE (SELECT count(*) FROM crm_customer_tags m
        WHERE m.customer_id = slice.id) < {most}
    ON CONFLICT DO NOTHING
    RETURNING customer_id AS id, NULL::jsonb AS before"""
).format(most=Literal(MOST_TAGS))
_UNTAG = SQL(
    """DELETE FROM crm_customer_tags m USING slice
    WHERE m.customer_id = slice.id AND m.tag_id = %(tag)s
    RETURNING m.customer_id AS id, NULL::jsonb AS before"""
)
_SET = SQL(
    """UPDATE crm_customer c
    SET {column} = {value}, version = c.version + 1, updated_at = %(now)s
    FROM slice WHERE c.id = slice.id AND {only}
    RETURNING c.id, slice.before"""
)
# Of a field that staff made: the parameters `key`, and `value` as JSON or NULL.
_NOW = SQL("c.custom -> %(key)s::text")
_GIVEN = SQL("%(value)s::jsonb")
_PUT = SQL(
    """CASE WHEN {value} IS NULL THEN c.custom - %(key)s::text
        ELSE jsonb_set(c.custom, ARRAY[%(key)s::text], {value}) END"""
)
_OPEN = SQL(
    """INSERT INTO crm_followup (customer_id, why, source_key, assignee_id, due_on,
        state, is_urgent, created_at, outcome, version)
    SELECT slice.id, %(why)s, 'bulk:' || %(run)s || ':' || slice.id, %(assignee)s,
        %(due_on)s, 'open', false, %(now)s, '', 1
    FROM slice
    ON CONFLICT (source_key) DO NOTHING
    RETURNING customer_id AS id, to_jsonb(id) AS before"""
)
# Only what nobody has taken, moved or reworded since.
_DROP = SQL(
    """UPDATE crm_followup f
    SET state = 'dropped', done_at = %(now)s, done_by_id = %(by)s,
        version = f.version + 1
    FROM slice
    WHERE f.id = (slice.before #>> '{}')::bigint AND f.customer_id = slice.id
        AND f.state = 'open' AND f.version = 1
    RETURNING f.customer_id AS id, slice.before"""
)


def change(action: BulkAction, column: str = "") -> Composed:
    """Do it to a slice; gives how many were changed. `column`: what ASSIGN and FIELD
    set to the parameter `value`; "custom": in it, the value of the parameter `key`."""
    before: Composable = SQL("NULL::jsonb")
    if column == _CUSTOM:
        before = _NOW
        done: Composable = _SET.format(
            column=Identifier(column),
            value=_PUT.format(value=_GIVEN),
            only=SQL("{} IS DISTINCT FROM {}").format(_NOW, _GIVEN),
        )
    elif action in (BulkAction.ASSIGN, BulkAction.FIELD):
        before = SQL("to_jsonb(c.{})").format(Identifier(column))
        done = _SET.format(
            column=Identifier(column),
            value=SQL("%(value)s"),
            only=SQL("c.{} IS DISTINCT FROM %(value)s").format(Identifier(column)),
        )
    else:
        done = {
            BulkAction.TAG: _TAG,
            BulkAction.UNTAG: _UNTAG,
            BulkAction.FOLLOW_UP: _OPEN,
        }[action]
    slice_ = _SLICE.format(before=before, live=LIVE, which=SQL(""))
    return _statement(action, slice_, done, "opened", _NOTE)


def undo(action: BulkAction, column: str = "") -> Composed:
    """Take a slice back where it is still as `change` left it; gives how many."""
    if column == _CUSTOM:
        done: Composable = _SET.format(
            column=Identifier(column),
            value=_PUT.format(value=SQL("slice.before")),
            only=SQL("{} IS NOT DISTINCT FROM {}").format(_NOW, _GIVEN),
        )
    elif action in (BulkAction.ASSIGN, BulkAction.FIELD):
        was: Composable = SQL("coalesce(slice.before #>> '{}', '')")
        if action is BulkAction.ASSIGN:
            # A colleague who left meanwhile owns no customer.
            was = SQL(
                "(SELECT u.id FROM {users} u"
                " WHERE u.id = (slice.before #>> '{{}}')::bigint)"
            ).format(users=_USERS)
        done = _SET.format(
            column=Identifier(column),
            value=was,
            only=SQL("c.{} IS NOT DISTINCT FROM %(value)s").format(Identifier(column)),
        )
    else:
        done = {
            BulkAction.TAG: _UNTAG,
            BulkAction.UNTAG: _TAG,
            BulkAction.FOLLOW_UP: _DROP,
        }[action]
    slice_ = _SLICE.format(before=SQL("r.before"), live=LIVE, which=IS_CHANGED)
    return _statement(action, slice_, done, "dropped")


def _statement(
    action: BulkAction, slice_: Composable, done: Composable, did: str, *more: SQL
) -> Composed:
    steps: list[Composable] = [slice_, SQL("done AS ({})").format(done), *more]
    if action is BulkAction.FOLLOW_UP:
        name = Literal(f"follow_up.{did}")
        subject = SQL("'follow_up:' || (done.before #>> '{}')")
    else:
        name, subject = Literal("customer.changed"), SQL("'customer:' || done.id")
    steps.append(_AUDIT.format(action=name, subject=subject))
    if action in (BulkAction.TAG, BulkAction.UNTAG):
        steps.append(_TOUCH)
    return SQL("WITH {} {}").format(SQL(", ").join(steps), _COUNT)
