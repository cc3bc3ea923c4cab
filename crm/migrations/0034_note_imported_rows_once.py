"""Note each row of an import once, at the end of its slice.

The triggers write into the temporary table of the slice; before, they wrote the notes
themselves, and each was written again at the end. Notes of before have hashes that are
worked out otherwise: they are forgotten, and their imports stay.
"""

from typing import ClassVar

from django.db import migrations

FUNCTIONS = """
-- Arguments: what, its parent, its customer, and which rows count.
CREATE OR REPLACE FUNCTION crm_note_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO pg_temp.import_touched (what, row_id, parent_id, customer_id)
         SELECT %L, n.id, %s, %s FROM fresh n WHERE %s',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
    RETURN NULL;
END $$;

-- The last argument: columns that are worked out of others. Where nothing else changed,
-- an undo works them out again.
CREATE OR REPLACE FUNCTION crm_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    differs text := (
        SELECT string_agg(
            format('n.%1$I IS DISTINCT FROM f.%1$I', a.attname), ' OR ')
        FROM pg_attribute a
        WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attname <> ALL (TG_ARGV[3]::text[]));
BEGIN
    EXECUTE format(
        'INSERT INTO pg_temp.import_touched
         SELECT %L, n.id, %s, %s, to_jsonb(n)
         FROM stale n JOIN fresh f ON f.id = n.id WHERE %s',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], differs);
    RETURN NULL;
END $$;

CREATE FUNCTION crm_note_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO pg_temp.import_touched
         SELECT %L, n.id, %s, %s, to_jsonb(n) FROM stale n',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
    RETURN NULL;
END $$;
"""
OLD_FUNCTIONS = """
DROP FUNCTION crm_note_deleted();
CREATE OR REPLACE FUNCTION crm_note_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO crm_importedrow (run_id, what, row_id, parent_id, customer_id)
         SELECT current_setting(''perennial.import_run'')::bigint, %L, n.id, %s, %s
         FROM fresh n WHERE %s ON CONFLICT DO NOTHING',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION crm_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO crm_importedrow
             (run_id, what, row_id, parent_id, customer_id, before)
         SELECT current_setting(''perennial.import_run'')::bigint, %L, n.id, %s, %s,
             to_jsonb(n)
         FROM stale n
         ON CONFLICT (run_id, what, row_id) DO UPDATE
         SET before = EXCLUDED.before || crm_importedrow.before, is_sealed = false',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
    RETURN NULL;
END $$;
"""
FORGET = """
UPDATE crm_importrun SET is_noted = false WHERE is_noted AND undo_state = '';
DELETE FROM crm_importedrow;
"""
ASKED = "nullif(current_setting('perennial.import_run', true), '') IS NOT NULL"
# A row that hangs on one that the run made, in this slice or before, goes with it.
OF_OLD = (
    "NOT EXISTS (SELECT FROM pg_temp.import_touched t WHERE t.what = ''{what}''"
    " AND t.before IS NULL AND t.row_id = n.{column})"
    " AND NOT EXISTS (SELECT FROM crm_importedrow i WHERE i.before IS NULL"
    " AND i.run_id = current_setting(''perennial.import_run'')::bigint"
    " AND i.what = ''{what}'' AND i.row_id = n.{column})"
)
OLD_OF_OLD = (
    "NOT EXISTS (SELECT FROM crm_importedrow i WHERE i.before IS NULL AND i.run_id ="
    " current_setting(''perennial.import_run'')::bigint AND i.what = ''{what}''"
    " AND i.row_id = n.{column})"
)
LINE = ("crm_orderline", "'order_line', 'n.order_id', 'n.customer_id'")
TAG = ("crm_customer_tags", "'customer_tag', 'NULL::bigint', 'n.customer_id'")
PARENTS = (
    (*LINE, {"what": "order", "column": "order_id"}),
    (*TAG, {"what": "customer", "column": "customer_id"}),
)
# Table, what it is, and what is worked out of others.
CHANGED = (
    (
        *("crm_customer", "'customer', 'NULL::bigint', 'n.id'"),
        "{first_order_on,last_order_on,updated_at}",
    ),
    ("crm_product", "'product', 'NULL::bigint', 'NULL::bigint'", "{}"),
    ("crm_order", "'order', 'NULL::bigint', 'n.customer_id'", "{}"),
    (*LINE, "{}"),
)


def _trigger(table: str, event: str, tables: str, call: str) -> str:
    name = f"{table}_note_{event.lower()}"
    if event == "INSERT":
        name = f"{table}_note_inserted"
    return (
        f"DROP TRIGGER {name} ON {table};"
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables}"
        f" FOR EACH STATEMENT WHEN ({ASKED}) EXECUTE FUNCTION {call};"
    )


def _triggers() -> str:
    made = [
        _trigger(
            table,
            "INSERT",
            "NEW TABLE AS fresh",
            f"crm_note_inserted({what}, '{OF_OLD.format(**parent)}')",
        )
        for table, what, parent in PARENTS
    ]
    made += [
        _trigger(
            table,
            "UPDATE",
            "OLD TABLE AS stale NEW TABLE AS fresh",
            f"crm_note_changed({what}, '{derived}')",
        )
        for table, what, derived in CHANGED
    ]
    deleted = f"crm_note_deleted({LINE[1]})"
    made.append(_trigger(LINE[0], "DELETE", "OLD TABLE AS stale", deleted))
    return "\n".join(made)


def _old_triggers() -> str:
    stale = "OLD TABLE AS stale"
    made = [
        _trigger(
            table,
            "INSERT",
            "NEW TABLE AS fresh",
            f"crm_note_inserted({what}, '{OLD_OF_OLD.format(**parent)}')",
        )
        for table, what, parent in PARENTS
    ]
    made += [
        _trigger(table, "UPDATE", stale, f"crm_note_changed({what})")
        for table, what, _ in CHANGED
    ]
    made.append(_trigger(LINE[0], "DELETE", stale, f"crm_note_changed({LINE[1]})"))
    return "\n".join(made)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0033_keep_conversations")]
    operations: ClassVar = [
        migrations.RunSQL(FORGET, FORGET),
        migrations.RunSQL(FUNCTIONS + _triggers(), _old_triggers() + OLD_FUNCTIONS),
        migrations.RemoveIndex(model_name="importedrow", name="imported_row_open"),
        migrations.RemoveField(model_name="importedrow", name="is_sealed"),
    ]
