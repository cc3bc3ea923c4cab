"""The least SQL that writes what a sweep of one kind writes, on the product's own
tables, constraints and indexes.

For anniversaries and reminders it knows the answer to every question but who is due;
for the others it copies the very rows, with the runs of those that have several steps.
"""

from django.db import connection, transaction

# The least that writes the same rows, the answers to all other questions given; of a
# kind that is not in DUE, also to the question who is due.
LIMIT = """
INSERT INTO messaging_message (customer_id, automation_id, kind, category, occurrence,
    is_reminder, priority, state, reason_code, reason_data, why, language, due_on,
    not_before, expires_at, planned_at, attempts, refusals, resends, deferrals,
    deferred_reason, message_uuid, smtp_text, transport, on_uncertain)
SELECT due.customer_id, automation.id, automation.kind, 'loyalty', due.occurrence,
    false, automation.priority, 'planned', '', '{{}}', due.why,
    coalesce(nullif(customer.language, ''), 'en'), due.due_on,
    due.due_on + TIME '09:00',
    due.due_on + TIME '09:00' + make_interval(days => automation.life_days), now(),
    0, 0, 0, 0, '', gen_random_uuid(), '', '', 'park'
FROM ({due}) due
JOIN crm_customer customer ON customer.id = due.customer_id
JOIN messaging_automation automation ON automation.kind = %(kind)s
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded') DO NOTHING
"""
# What a reminder lists is noted as well, from where it was found.
LIMIT_AND_ITEMS = f"""
WITH made AS ({LIMIT} RETURNING id, customer_id)
INSERT INTO loyalty_reminderitem (customer_id, product_id, last_on, due_on, message_id)
SELECT customer_id, product_id, last_on, due_on, made.id
FROM made JOIN loyalty_nextpurchase next USING (customer_id)
WHERE due_on BETWEEN DATE '2026-02-27' AND DATE '2026-02-28'
ON CONFLICT (customer_id, product_id, last_on) DO NOTHING
"""
DUE = {
    "anniversary": """
        SELECT id AS customer_id, '2026' AS occurrence, due_on,
            jsonb_build_object('on', due_on, 'since', since_on) AS why
        FROM (SELECT id, since_on, CASE
                (extract(month FROM since_on) * 100 + extract(day FROM since_on))::int
                WHEN 227 THEN DATE '2026-02-27' ELSE DATE '2026-02-28' END AS due_on
            FROM crm_customer
            WHERE extract(month FROM since_on) * 100 + extract(day FROM since_on)
                    IN (227, 228, 229)
                AND since_on < DATE '2026-01-01'
                AND merged_into_id IS NULL AND erased_at IS NULL) found""",
    "reorder": """
        SELECT customer_id, min(due_on) || ':' || min(product_id) AS occurrence,
            min(due_on) AS due_on, jsonb_build_object('products', jsonb_agg(
                jsonb_build_object('id', product_id, 'last', last_on, 'due', due_on,
                    'days', days, 'n', intervals))) AS why
        FROM loyalty_nextpurchase
        WHERE due_on BETWEEN DATE '2026-02-27' AND DATE '2026-02-28'
        GROUP BY customer_id""",
}

COPY = """
DROP TABLE IF EXISTS least, least_run;
CREATE TEMPORARY TABLE least AS SELECT * FROM messaging_message
WHERE kind = %s AND state = 'planned';
CREATE TEMPORARY TABLE least_run AS SELECT * FROM messaging_run;
ANALYZE least
"""
# The same from a table: what is left is to write.
LIMIT_OF_COPY = """
INSERT INTO messaging_run SELECT * FROM least_run;
INSERT INTO messaging_message ({columns}) SELECT {columns} FROM least
ON CONFLICT (kind, customer_id, occurrence, user_id, address)
    WHERE NOT (state = 'superseded') DO NOTHING
"""
COLUMNS = """
SELECT string_agg(attname, ', ') FROM pg_attribute
WHERE attrelid = 'messaging_message'::regclass AND attnum > 0
    AND NOT attisdropped AND attname <> 'id'
"""


def keep_rows(kind: str) -> None:
    """What a sweep of this kind has written is what `write` will write."""
    with connection.cursor() as cursor:
        for statement in COPY.split(";"):
            cursor.execute(statement, [kind] if "%s" in statement else None)


@transaction.atomic
def write(kind: str) -> None:
    """The rows of this kind, as little work as we know of."""
    with connection.cursor() as cursor:
        if kind in DUE:
            least = LIMIT_AND_ITEMS if kind == "reorder" else LIMIT
            cursor.execute(least.format(due=DUE[kind]), {"kind": kind})
            return
        cursor.execute(COLUMNS)
        columns = cursor.fetchone()[0]
        for statement in LIMIT_OF_COPY.format(columns=columns).split(";"):
            cursor.execute(statement)
