"""Note each row that an import makes or changes, where its slice asks for it.

A slice asks by the setting `perennial.import_run` of its own transaction. Whatever else
writes these tables leaves it empty, and the triggers do nothing.
"""

from typing import ClassVar

from django.db import migrations

FUNCTIONS = """
-- Arguments: what, its parent, its customer, and which rows count.
CREATE FUNCTION crm_note_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO crm_importedrow (run_id, what, row_id, parent_id, customer_id)
         SELECT current_setting(''perennial.import_run'')::bigint, %L, n.id, %s, %s
         FROM fresh n WHERE %s ON CONFLICT DO NOTHING',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
    RETURN NULL;
END $$;

-- Of several changes by one run, the first says what was before.
CREATE FUNCTION crm_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
ASKED = "nullif(current_setting('perennial.import_run', true), '') IS NOT NULL"
# A row that hangs on one that the run made goes with it.
NOT_OF_NEW = (
    "NOT EXISTS (SELECT FROM crm_importedrow i WHERE i.before IS NULL AND i.run_id ="
    " current_setting(''perennial.import_run'')::bigint AND i.what = ''{what}''"
    " AND i.row_id = n.{column})"
)
OF_NO_NEW_ORDER = NOT_OF_NEW.format(what="order", column="order_id")
OF_NO_NEW_CUSTOMER = NOT_OF_NEW.format(what="customer", column="customer_id")
# (table, what, parent, customer, which inserted rows, whether it is changed, deleted)
NOTED = (
    ("crm_customer", "customer", "NULL::bigint", "n.id", "true", True, False),
    (
        *("crm_customer_tags", "customer_tag", "NULL::bigint", "n.customer_id"),
        *(OF_NO_NEW_CUSTOMER, False, False),
    ),
    ("crm_tag", "tag", "NULL::bigint", "NULL::bigint", "true", False, False),
    ("crm_product", "product", "NULL::bigint", "NULL::bigint", "true", True, False),
    ("crm_order", "order", "NULL::bigint", "n.customer_id", "true", True, False),
    (
        *("crm_orderline", "order_line", "n.order_id", "n.customer_id"),
        *(OF_NO_NEW_ORDER, True, True),
    ),
    (
        *("crm_interaction", "interaction", "NULL::bigint", "n.customer_id"),
        *("true", False, False),
    ),
)


def _triggers() -> str:
    made = []
    for table, what, parent, customer, which, is_changed, is_deleted in NOTED:
        of = f"'{what}', '{parent}', '{customer}'"
        made.append(
            f"CREATE TRIGGER {table}_note_inserted AFTER INSERT ON {table}"
            f" REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT WHEN ({ASKED})"
            f" EXECUTE FUNCTION crm_note_inserted({of}, '{which}');"
        )
        for event in ["UPDATE"] * is_changed + ["DELETE"] * is_deleted:
            made.append(
                f"CREATE TRIGGER {table}_note_{event.lower()} AFTER {event} ON {table}"
                f" REFERENCING OLD TABLE AS stale FOR EACH STATEMENT WHEN ({ASKED})"
                f" EXECUTE FUNCTION crm_note_changed({of});"
            )
    return "\n".join(made)


def _no_triggers() -> str:
    dropped = []
    for table, *_, is_changed, is_deleted in NOTED:
        dropped.append(f"DROP TRIGGER {table}_note_inserted ON {table};")
        for event in ["update"] * is_changed + ["delete"] * is_deleted:
            dropped.append(f"DROP TRIGGER {table}_note_{event} ON {table};")
    dropped += [
        "DROP FUNCTION crm_note_changed();",
        "DROP FUNCTION crm_note_inserted();",
    ]
    return "\n".join(dropped)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0026_imports_can_be_undone")]
    operations: ClassVar = [
        migrations.RunSQL(FUNCTIONS + _triggers(), _no_triggers()),
    ]
