"""Customers, orders and staff, as migrations 1 to 58 left them, on an empty database.

A database that has some of these goes on with the old ones.
"""

import secrets
from datetime import UTC, datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import crm.models.fields
from web.migration_operations import CreateModels

# A database of before the last squash has none of the names in `replaces`, and would
# only hear that some table exists already.
REFUSE_OLDER = """
DO $$ BEGIN
    IF to_regclass('crm_customer') IS NOT NULL THEN
        RAISE EXCEPTION 'these tables are of a version before 29 November 2026;'
            ' nothing was changed. Start commit ade9f1a0 once with them, then this one';
    END IF;
END $$
"""

# Imported orders change their customers. With room in the page PostgreSQL writes the
# new version of a row beside the old one, without touching the ten indexes (HOT).
# Measured with 20,000 customers and 100,000 order lines: 0.41 s instead of 1.04 s.
ROOM = "ALTER TABLE crm_customer SET (fillfactor = 75)"

# The audit refuses UPDATE, DELETE and TRUNCATE: for every role, the superuser too. One
# exception: records of signing in may be deleted once they are older than the settings
# keep them, by the clock of the database.
AUDIT = """
CREATE FUNCTION crm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION crm_audit_may_go(action text, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT action IN ('user.signed_in', 'sign_in.refused', 'session.ended',
            'session.others_ended', 'attempts.stopped')
        AND coalesce(
            (SELECT at <= now() - make_interval(days => sign_in_keep_days)
                FROM crm_business WHERE id = 1),
            false)
$$;
CREATE TRIGGER crm_auditentry_append_only
    BEFORE UPDATE ON crm_auditentry
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER crm_auditentry_no_delete
    BEFORE DELETE ON crm_auditentry
    FOR EACH ROW
    WHEN (NOT crm_audit_may_go(OLD.action, OLD.at))
    EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER crm_auditentry_no_truncate
    BEFORE TRUNCATE ON crm_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""

# Each row that an import makes or changes is noted in the temporary table of the slice.
# A slice asks for it by the setting `perennial.import_run` of its own transaction.
# Whatever else writes these tables leaves it empty, and the triggers do nothing.
NOTES = """
-- Arguments: what, its parent, its customer, and which rows count.
CREATE FUNCTION crm_note_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO pg_temp.import_touched (what, row_id, parent_id, customer_id)
         SELECT %L, n.id, %s, %s FROM fresh n WHERE %s',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
    RETURN NULL;
END $$;

-- The last argument: columns that are worked out of others. Where nothing else changed,
-- an undo works them out again.
CREATE FUNCTION crm_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
ASKED = "nullif(current_setting('perennial.import_run', true), '') IS NOT NULL"
# A row that hangs on one that the run made, in this slice or before, goes with it.
OF_OLD = (
    "NOT EXISTS (SELECT FROM pg_temp.import_touched t WHERE t.what = ''{what}''"
    " AND t.before IS NULL AND t.row_id = n.{column})"
    " AND NOT EXISTS (SELECT FROM crm_importedrow i WHERE i.before IS NULL"
    " AND i.run_id = current_setting(''perennial.import_run'')::bigint"
    " AND i.what = ''{what}'' AND i.row_id = n.{column})"
)
# Table: what it is called in the notes, its parent and its customer.
NOTED = {
    "crm_customer": ("customer", "NULL::bigint", "n.id"),
    "crm_customer_tags": ("customer_tag", "NULL::bigint", "n.customer_id"),
    "crm_tag": ("tag", "NULL::bigint", "NULL::bigint"),
    "crm_product": ("product", "NULL::bigint", "NULL::bigint"),
    "crm_order": ("order", "NULL::bigint", "n.customer_id"),
    "crm_orderline": ("order_line", "n.order_id", "n.customer_id"),
    "crm_interaction": ("interaction", "NULL::bigint", "n.customer_id"),
    "crm_customeraddress": ("address", "NULL::bigint", "n.customer_id"),
    "crm_company": ("company", "NULL::bigint", "NULL::bigint"),
    "crm_companyperson": ("company_link", "NULL::bigint", "n.customer_id"),
}
# Which inserted rows count, where not all do.
COUNTED = {
    "crm_customer_tags": OF_OLD.format(what="customer", column="customer_id"),
    "crm_orderline": OF_OLD.format(what="order", column="order_id"),
}
# Where changes are noted too, and the columns that are worked out of others.
DERIVED = {
    "crm_customer": "{first_order_on,last_order_on,updated_at}",
    "crm_product": "{}",
    "crm_order": "{}",
    "crm_orderline": "{}",
}


def _note(table, suffix, rows, function, *more):
    event = "INSERT" if suffix == "inserted" else suffix.upper()
    arguments = ", ".join(f"'{argument}'" for argument in (*NOTED[table], *more))
    return (
        f"CREATE TRIGGER {table}_note_{suffix} AFTER {event} ON {table}"
        f" REFERENCING {rows} FOR EACH STATEMENT WHEN ({ASKED})"
        f" EXECUTE FUNCTION crm_note_{function}({arguments});"
    )


def note_triggers():
    new, old = "NEW TABLE AS fresh", "OLD TABLE AS stale"
    made = [
        _note(table, "inserted", new, "inserted", COUNTED.get(table, "true"))
        for table in NOTED
    ]
    made += [
        _note(table, "update", f"{old} {new}", "changed", derived)
        for table, derived in DERIVED.items()
    ]
    made.append(_note("crm_orderline", "delete", old, "deleted"))
    return "\n".join(made)


# The database refuses a value that its field cannot have, and a field that would change
# what its values mean. Values that a statement leaves as they are are not checked.
CUSTOM = """
CREATE FUNCTION crm_custom_fits(field crm_customfield, v jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    said text := v #>> '{}';
    is_text boolean := jsonb_typeof(v) = 'string';
BEGIN
    CASE field.kind
    WHEN 'text' THEN
        RETURN is_text AND length(said) BETWEEN 1 AND 1000;
    WHEN 'link' THEN
        RETURN is_text AND length(said) <= 2000 AND said ~ '^https?://[^[:space:]<>"]+$';
    WHEN 'number' THEN
        RETURN is_text AND said <> '-0'
            AND said ~ '^-?(0|[1-9][0-9]{0,13})([.][0-9]{0,5}[1-9])?$';
    WHEN 'money' THEN
        RETURN jsonb_typeof(v) = 'object' AND v - ARRAY['amount', 'currency'] = '{}'
            AND coalesce(v ->> 'amount', '')
                ~ '^-?(0|[1-9][0-9]{0,13})([.][0-9]{1,4})?$'
            AND coalesce(v ->> 'currency', '') ~ '^[A-Z]{3}$'
            AND jsonb_typeof(v -> 'amount') = 'string';
    WHEN 'date' THEN
        RETURN is_text AND said ~ '^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$'
            AND pg_input_is_valid(said, 'date');
    WHEN 'choice' THEN
        RETURN is_text AND field.choices @> jsonb_build_array(
            jsonb_build_object('key', said));
    WHEN 'choices' THEN
        RETURN jsonb_typeof(v) = 'array' AND jsonb_array_length(v) > 0
            AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(v) one
                WHERE NOT field.choices @> jsonb_build_array(
                    jsonb_build_object('key', one)))
            AND (SELECT count(DISTINCT one) FROM jsonb_array_elements(v) one)
                = jsonb_array_length(v);
    ELSE
        RETURN jsonb_typeof(v) = 'boolean';
    END CASE;
END $$;

CREATE FUNCTION crm_custom_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
    v jsonb;
    field crm_customfield;
BEGIN
    IF jsonb_typeof(NEW.custom) <> 'object' THEN
        RAISE EXCEPTION 'the values of fields are an object'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_custom_holds';
    END IF;
    FOR name, v IN SELECT * FROM jsonb_each(NEW.custom) LOOP
        CONTINUE WHEN TG_OP = 'UPDATE' AND OLD.custom -> name = v;
        SELECT * INTO field FROM crm_customfield f WHERE f.key = name;
        IF NOT FOUND OR NOT crm_custom_fits(field, v) THEN
            RAISE EXCEPTION 'no field % takes this value', quote_ident(name)
                USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_custom_holds';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER crm_customer_custom_holds_new BEFORE INSERT ON crm_customer
    FOR EACH ROW WHEN (NEW.custom <> '{}') EXECUTE FUNCTION crm_custom_holds();
-- After the update: before it PostgreSQL would lock the row as if its key changed where
-- a statement names all columns, and whoever refers to the customer would wait.
CREATE TRIGGER crm_customer_custom_holds AFTER UPDATE OF custom ON crm_customer
    FOR EACH ROW WHEN (NEW.custom <> OLD.custom) EXECUTE FUNCTION crm_custom_holds();

CREATE FUNCTION crm_custom_field_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM crm_customer WHERE custom ? OLD.key) THEN
            RAISE EXCEPTION 'customers have values of this field'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_stays';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.key, NEW.kind) IS DISTINCT FROM (OLD.key, OLD.kind) OR EXISTS (
        SELECT FROM jsonb_array_elements(OLD.choices) one
        WHERE NOT NEW.choices @> jsonb_build_array(
            jsonb_build_object('key', one -> 'key'))) THEN
        RAISE EXCEPTION 'values would lose their meaning'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crm_customfield_stays
    BEFORE UPDATE OF key, kind, choices OR DELETE ON crm_customfield
    FOR EACH ROW EXECUTE FUNCTION crm_custom_field_stays();
"""

# Names that staff may change; English, because the shop's language is not known here.
SHIPPED = {
    "new": (
        "New",
        [
            {
                "field": "orders.first",
                "is": "in_last",
                "period": {"count": 30, "unit": "days"},
            },
        ],
    ),
    "core": ("Core", [{"field": "orders.core", "is": "yes"}]),
    "lapsed": (
        "Lapsed",
        [
            {
                "field": "orders.last",
                "is": "not_in_last",
                "period": {"count": 12, "unit": "months"},
            },
        ],
    ),
    "first_day": (
        "First-day customers",
        [
            {
                "field": "since",
                "is": "not_in_last",
                "period": {"count": 5, "unit": "years"},
            },
        ],
    ),
}


def ship(apps, schema_editor):
    """The segments that every shop starts with."""
    model, now = apps.get_model("crm", "Segment"), datetime.now(tz=UTC)
    for shipped, (name, parts) in SHIPPED.items():
        model.objects.create(
            name=name,
            shipped=shipped,
            conditions={"match": "all", "parts": parts},
            created_at=now,
            updated_at=now,
        )


def fill(apps, schema_editor):
    """The one business, the key behind hashes, and how far the journal is known."""
    apps.get_model("crm", "Business").objects.create(
        id=1,
        name="My shop",
        from_name="My shop",
        from_transactional="hello@shop.example",
        from_survey="hello@shop.example",
        from_loyalty="hello@shop.example",
        from_marketing="hello@shop.example",
    )
    apps.get_model("crm", "AddressKey").objects.create(
        id=1,
        key=secrets.token_bytes(32),
    )
    apps.get_model("crm", "JournalState").objects.create(id=1)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("crm", "0001_squashed_0046_count_orders_of_all_currencies"),
        ("crm", "0047_add_subscriptions"),
        ("crm", "0048_log_social_posts"),
        ("crm", "0049_index_returned_lines"),
        ("crm", "0050_ask_before_large_campaigns"),
        ("crm", "0051_index_occasions"),
        ("crm", "0052_index_given_names"),
        ("crm", "0053_add_postal_addresses"),
        ("crm", "0054_product_facts"),
        ("crm", "0055_match_returns"),
        ("crm", "0056_match_old_returns"),
        ("crm", "0057_index_products_by_price"),
        ("crm", "0058_note_imported_entries_and_answers"),
    ]
    dependencies = [("sessions", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_OLDER),
        TrigramExtension(),
        CreateModels(
            [
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        (
                            "name",
                            models.CharField(
                                max_length=40, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "password",
                            models.CharField(max_length=128, verbose_name="password"),
                        ),
                        (
                            "last_login",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="last login"
                            ),
                        ),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("owner", "Owner"),
                                    ("manager", "Manager"),
                                    ("agent", "Agent"),
                                    ("marketer", "Marketer"),
                                    ("analyst", "Analyst"),
                                ],
                                db_default="agent",
                                default="agent",
                                max_length=10,
                            ),
                        ),
                        ("language", models.CharField(blank=True, max_length=10)),
                        ("time_zone", models.CharField(blank=True, max_length=64)),
                        ("theme", models.CharField(blank=True, max_length=5)),
                        (
                            "single_keys",
                            models.BooleanField(db_default=True, default=True),
                        ),
                        (
                            "is_active",
                            models.BooleanField(db_default=True, default=True),
                        ),
                        ("joined_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "totp_secret",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=64
                            ),
                        ),
                        ("totp_step", models.BigIntegerField(db_default=0, default=0)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "email",
                                        django.db.models.functions.text.Lower("email"),
                                    )
                                ),
                                name="user_email_lower",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "role__in",
                                        [
                                            "owner",
                                            "manager",
                                            "agent",
                                            "marketer",
                                            "analyst",
                                        ],
                                    )
                                ),
                                name="user_role",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("prefix", models.CharField(max_length=12)),
                        ("token_hash", models.BinaryField(max_length=32, unique=True)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at", None),
                                    ("expires_at__gte", models.F("created_at")),
                                    _connector="OR",
                                ),
                                name="api_token_lives",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("actor_id", models.BigIntegerField(null=True)),
                        ("via", models.CharField(max_length=20)),
                        ("action", models.CharField(max_length=60)),
                        ("subject", models.CharField(max_length=80)),
                        ("customer_id", models.BigIntegerField(null=True)),
                        (
                            "fields",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "audit entries",
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="audit_newest",
                            ),
                            models.Index(
                                models.F("customer_id"),
                                models.OrderBy(models.F("at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="audit_customer",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Business",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                db_default=1,
                                default=1,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "public_url",
                            models.URLField(
                                db_default="http://127.0.0.1:8000",
                                default="http://127.0.0.1:8000",
                            ),
                        ),
                        (
                            "postal_address",
                            models.CharField(blank=True, max_length=300),
                        ),
                        ("from_name", models.CharField(max_length=75)),
                        ("from_transactional", models.EmailField(max_length=254)),
                        ("from_survey", models.EmailField(max_length=254)),
                        ("from_loyalty", models.EmailField(max_length=254)),
                        ("from_marketing", models.EmailField(max_length=254)),
                        ("reply_to", models.EmailField(blank=True, max_length=254)),
                        (
                            "language",
                            models.CharField(
                                db_default="en", default="en", max_length=10
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                db_default="UTC", default="UTC", max_length=64
                            ),
                        ),
                        ("country", models.CharField(blank=True, max_length=2)),
                        (
                            "currency",
                            models.CharField(
                                db_default="EUR", default="EUR", max_length=3
                            ),
                        ),
                        (
                            "leap_day",
                            models.CharField(
                                choices=[("feb_28", "Feb 28"), ("mar_1", "Mar 1")],
                                db_default="feb_28",
                                default="feb_28",
                                max_length=10,
                            ),
                        ),
                        (
                            "quiet_from",
                            models.PositiveSmallIntegerField(
                                db_default=21,
                                default=21,
                                validators=[
                                    django.core.validators.MaxValueValidator(23)
                                ],
                            ),
                        ),
                        (
                            "quiet_until",
                            models.PositiveSmallIntegerField(
                                db_default=8,
                                default=8,
                                validators=[
                                    django.core.validators.MaxValueValidator(23)
                                ],
                            ),
                        ),
                        (
                            "assumed_delivery_days",
                            models.PositiveSmallIntegerField(db_default=4, default=4),
                        ),
                        (
                            "survey_basis",
                            models.CharField(
                                choices=[
                                    ("existing", "Existing"),
                                    ("opt_in", "Opt in"),
                                ],
                                db_default="existing",
                                default="existing",
                                max_length=10,
                            ),
                        ),
                        (
                            "loyalty_basis",
                            models.CharField(
                                choices=[
                                    ("existing", "Existing"),
                                    ("opt_in", "Opt in"),
                                ],
                                db_default="existing",
                                default="existing",
                                max_length=10,
                            ),
                        ),
                        (
                            "body_keep_days",
                            models.PositiveSmallIntegerField(db_default=90, default=90),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "file_keep_days",
                            models.PositiveSmallIntegerField(db_default=14, default=14),
                        ),
                        (
                            "job_keep_days",
                            models.PositiveSmallIntegerField(
                                db_default=365, default=365
                            ),
                        ),
                        (
                            "sign_in_keep_days",
                            models.PositiveSmallIntegerField(
                                db_default=365, default=365
                            ),
                        ),
                        (
                            "log_keep_days",
                            models.PositiveSmallIntegerField(db_default=30, default=30),
                        ),
                        (
                            "journal_keep_days",
                            models.PositiveSmallIntegerField(
                                db_default=400, default=400
                            ),
                        ),
                        (
                            "conversation_keep_days",
                            models.PositiveSmallIntegerField(
                                db_default=1095, default=1095
                            ),
                        ),
                        (
                            "campaign_alone_up_to",
                            models.PositiveIntegerField(db_default=500, default=500),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "business",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="business_one_row"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("quiet_from__lt", 24), ("quiet_until__lt", 24)
                                ),
                                name="business_quiet_hours",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("leap_day__in", ["feb_28", "mar_1"])
                                ),
                                name="business_leap_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("survey_basis__in", ["existing", "opt_in"])
                                ),
                                name="business_survey_basis",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("loyalty_basis__in", ["existing", "opt_in"])
                                ),
                                name="business_loyalty_basis",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "public_url__regex",
                                        "^https?://[^/?#@[:space:]]+$",
                                    )
                                ),
                                name="business_public_url_is_origin",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("file_keep_days__range", (1, 365))),
                                name="business_file_keep_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("body_keep_days__range", (1, 3650)),
                                    ("conversation_keep_days__range", (30, 3650)),
                                    ("job_keep_days__range", (1, 3650)),
                                    ("journal_keep_days__range", (35, 3650)),
                                    ("log_keep_days__range", (1, 365)),
                                    ("sign_in_keep_days__range", (30, 3650)),
                                ),
                                name="business_keep_days",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        ("source", models.CharField(max_length=40)),
                        ("file_name", models.CharField(max_length=200)),
                        ("file_sha256", models.CharField(blank=True, max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                db_default="running",
                                default="running",
                                max_length=10,
                            ),
                        ),
                        ("read", models.BigIntegerField(db_default=0, default=0)),
                        ("accepted", models.BigIntegerField(db_default=0, default=0)),
                        ("created", models.BigIntegerField(db_default=0, default=0)),
                        ("updated", models.BigIntegerField(db_default=0, default=0)),
                        ("unchanged", models.BigIntegerField(db_default=0, default=0)),
                        (
                            "refused_by_reason",
                            models.JSONField(db_default={}, default=dict),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("error", models.CharField(blank=True, max_length=300)),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "encoding",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=60
                            ),
                        ),
                        (
                            "examples",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.storedfile",
                            ),
                        ),
                        (
                            "ignored",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        (
                            "is_dry_run",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "job",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="import_run",
                                to="crm.job",
                            ),
                        ),
                        (
                            "notes",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "options",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "problems",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        (
                            "proposals",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        (
                            "rejects_csv",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.storedfile",
                            ),
                        ),
                        (
                            "rejects_xlsx",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.storedfile",
                            ),
                        ),
                        (
                            "samples",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        ("seconds", models.FloatField(db_default=0.0, default=0.0)),
                        ("total", models.BigIntegerField(blank=True, null=True)),
                        (
                            "is_noted",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "undo_counts",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "undo_job",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="undone_run",
                                to="crm.job",
                            ),
                        ),
                        (
                            "undo_kept",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.storedfile",
                            ),
                        ),
                        (
                            "undo_state",
                            models.CharField(
                                blank=True,
                                choices=[("running", "Running"), ("done", "Done")],
                                db_default="",
                                default="",
                                max_length=7,
                            ),
                        ),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("started_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="import_run_newest",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["running", "done", "failed", "cancelled"],
                                    )
                                ),
                                name="import_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undo_state__in", ["", "running", "done"])
                                ),
                                name="import_undo_state",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Customer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                db_default="main", default="main", max_length=40
                            ),
                        ),
                        ("external_id", models.CharField(max_length=120)),
                        ("given_name", models.CharField(blank=True, max_length=120)),
                        ("family_name", models.CharField(blank=True, max_length=120)),
                        ("greeting_name", models.CharField(blank=True, max_length=120)),
                        ("sort_name", models.CharField(blank=True, max_length=260)),
                        ("search_text", models.TextField(blank=True)),
                        ("email", models.CharField(blank=True, max_length=254)),
                        ("email_norm", models.CharField(blank=True, max_length=254)),
                        ("phone_e164", models.CharField(blank=True, max_length=20)),
                        ("phone_text", models.CharField(blank=True, max_length=60)),
                        ("language", models.CharField(blank=True, max_length=10)),
                        ("time_zone", models.CharField(blank=True, max_length=64)),
                        ("country", models.CharField(blank=True, max_length=2)),
                        (
                            "birth_month",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "birth_day",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "birth_year",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "birth_recorded_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("since_on", models.DateField(blank=True, null=True)),
                        (
                            "since_from",
                            models.CharField(
                                choices=[
                                    ("given", "Given"),
                                    ("first_order", "First order"),
                                    ("entered", "Entered"),
                                ],
                                db_default="entered",
                                default="entered",
                                max_length=12,
                            ),
                        ),
                        ("heard_from", models.CharField(blank=True, max_length=60)),
                        ("heard_text", models.CharField(blank=True, max_length=300)),
                        ("organisation", models.CharField(blank=True, max_length=200)),
                        ("notes", models.TextField(blank=True)),
                        (
                            "custom",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        ("first_order_on", models.DateField(blank=True, null=True)),
                        ("last_order_on", models.DateField(blank=True, null=True)),
                        ("erased_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "last_import",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.importrun",
                            ),
                        ),
                        (
                            "tags",
                            models.ManyToManyField(
                                blank=True, db_table="crm_customer_tags", to="crm.tag"
                            ),
                        ),
                        (
                            "mail_ground",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=300
                            ),
                        ),
                        (
                            "postcode",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=20
                            ),
                        ),
                        (
                            "city",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120
                            ),
                        ),
                        (
                            "recipient",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120
                            ),
                        ),
                        (
                            "street",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        (
                            "street_extra",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("erased_at", None), ("merged_into", None)
                                ),
                                fields=["sort_name", "id"],
                                name="customer_by_name",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    "search_text", name="gin_trgm_ops"
                                ),
                                name="customer_search",
                            ),
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    "email_norm", name="text_pattern_ops"
                                ),
                                name="customer_email",
                            ),
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    "phone_e164", name="text_pattern_ops"
                                ),
                                name="customer_phone",
                            ),
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    "external_id", name="text_pattern_ops"
                                ),
                                name="customer_external",
                            ),
                            models.Index(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("since_on__month"),
                                        "*",
                                        models.Value(100),
                                    ),
                                    "+",
                                    models.F("since_on__day"),
                                ),
                                condition=models.Q(
                                    ("erased_at", None), ("merged_into", None)
                                ),
                                name="customer_since_day",
                            ),
                            models.Index(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("birth_month"), "*", models.Value(100)
                                    ),
                                    "+",
                                    models.F("birth_day"),
                                ),
                                condition=models.Q(
                                    ("erased_at", None), ("merged_into", None)
                                ),
                                name="customer_birthday",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("erased_at", None),
                                    ("merged_into", None),
                                    ("owner__isnull", False),
                                ),
                                fields=["owner", "sort_name", "id"],
                                name="customer_by_owner",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    crm.models.fields.PhoneDigits("phone_text"),
                                    name="gin_trgm_ops",
                                ),
                                name="customer_phone_digits",
                            ),
                            models.Index(
                                django.db.models.functions.text.Lower("organisation"),
                                condition=models.Q(
                                    ("erased_at", None),
                                    ("merged_into", None),
                                    models.Q(("organisation", ""), _negated=True),
                                ),
                                name="customer_company",
                            ),
                            models.Index(
                                crm.models.fields.PostcodeKey("postcode"),
                                condition=models.Q(
                                    ("erased_at", None),
                                    ("merged_into", None),
                                    models.Q(("postcode", ""), _negated=True),
                                ),
                                name="customer_postcode",
                            ),
                            models.Index(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("first_order_on__month"),
                                        "*",
                                        models.Value(100),
                                    ),
                                    "+",
                                    models.F("first_order_on__day"),
                                ),
                                condition=models.Q(
                                    ("erased_at", None), ("merged_into", None)
                                ),
                                name="customer_first_order_day",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    "custom", name="jsonb_path_ops"
                                ),
                                condition=models.Q(
                                    ("erased_at", None),
                                    ("merged_into", None),
                                    models.Q(("custom", {}), _negated=True),
                                ),
                                name="customer_custom",
                            ),
                            models.Index(
                                crm.models.fields.NameKey("given_name"),
                                condition=models.Q(
                                    ("erased_at", None),
                                    ("merged_into", None),
                                    models.Q(("given_name", ""), _negated=True),
                                ),
                                name="customer_name_day",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "external_id"),
                                name="customer_external_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("birth_day", None), ("birth_month", None)
                                    ),
                                    models.Q(
                                        ("birth_day__range", (1, 31)),
                                        ("birth_month__in", [1, 3, 5, 7, 8, 10, 12]),
                                    ),
                                    models.Q(
                                        ("birth_day__range", (1, 30)),
                                        ("birth_month__in", [4, 6, 9, 11]),
                                    ),
                                    models.Q(
                                        ("birth_day__range", (1, 29)),
                                        ("birth_month", 2),
                                    ),
                                    _connector="OR",
                                ),
                                name="customer_birthday_exists",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("birth_year", None),
                                    ("birth_year__range", (1900, 2100)),
                                    _connector="OR",
                                ),
                                name="customer_birth_year",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("merged_into", None),
                                    models.Q(
                                        ("merged_into", models.F("id")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="customer_not_merged_into_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "since_from__in",
                                        ["given", "first_order", "entered"],
                                    )
                                ),
                                name="customer_since_from",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Interaction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("note", "Note"),
                                    ("call", "Call"),
                                    ("email", "Email"),
                                    ("chat", "Chat"),
                                    ("visit", "Visit"),
                                    ("social", "Social"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[
                                    ("inbound", "Inbound"),
                                    ("outbound", "Outbound"),
                                    ("internal", "Internal"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("happened_at", models.DateTimeField()),
                        ("subject", models.CharField(blank=True, max_length=200)),
                        ("body", models.TextField(blank=True)),
                        ("outcome", models.CharField(blank=True, max_length=200)),
                        (
                            "source_key",
                            models.CharField(blank=True, max_length=120, null=True),
                        ),
                        ("created_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="interactions",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "staff_name",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(
                                    models.F("happened_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="interaction_timeline",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source_key",), name="interaction_source_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "direction__in",
                                        ["inbound", "outbound", "internal"],
                                    )
                                ),
                                name="interaction_direction",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "channel__in",
                                        [
                                            "note",
                                            "call",
                                            "email",
                                            "chat",
                                            "visit",
                                            "social",
                                        ],
                                    )
                                ),
                                name="interaction_channel",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InteractionVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("version", models.PositiveIntegerField()),
                        ("subject", models.CharField(blank=True, max_length=200)),
                        ("body", models.TextField(blank=True)),
                        ("outcome", models.CharField(blank=True, max_length=200)),
                        ("replaced_at", models.DateTimeField()),
                        (
                            "interaction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="crm.interaction",
                            ),
                        ),
                        (
                            "replaced_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("interaction", "version"),
                                name="interaction_version_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Order",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                db_default="main", default="main", max_length=40
                            ),
                        ),
                        ("external_id", models.CharField(max_length=120)),
                        ("number", models.CharField(max_length=120)),
                        (
                            "nature",
                            models.CharField(
                                choices=[("sale", "Sale"), ("return", "Return")],
                                db_default="sale",
                                default="sale",
                                max_length=8,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("placed", "Placed"),
                                    ("delivered", "Delivered"),
                                    ("cancelled", "Cancelled"),
                                ],
                                db_default="placed",
                                default="placed",
                                max_length=10,
                            ),
                        ),
                        ("ordered_at", models.DateTimeField()),
                        ("ordered_on", models.DateField()),
                        ("delivered_on", models.DateField(blank=True, null=True)),
                        ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                        ("currency", models.CharField(max_length=3)),
                        ("total", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "last_import",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.importrun",
                            ),
                        ),
                        (
                            "returns_order",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="returns",
                                to="crm.order",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(models.F("ordered_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="order_timeline",
                            ),
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("number"),
                                    name="text_pattern_ops",
                                ),
                                name="order_number",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("delivered_on__isnull", False),
                                    ("nature", "sale"),
                                    models.Q(("state", "cancelled"), _negated=True),
                                ),
                                fields=["delivered_on"],
                                name="order_delivered",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("delivered_on", None),
                                    ("nature", "sale"),
                                    models.Q(("state", "cancelled"), _negated=True),
                                ),
                                fields=["ordered_on"],
                                name="order_assumed_delivered",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "external_id"),
                                name="order_external_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("nature__in", ["sale", "return"])),
                                name="order_nature",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["placed", "delivered", "cancelled"])
                                ),
                                name="order_state",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Product",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                db_default="main", default="main", max_length=40
                            ),
                        ),
                        ("sku", models.CharField(max_length=120)),
                        ("name", models.CharField(blank=True, max_length=300)),
                        ("category", models.CharField(blank=True, max_length=120)),
                        (
                            "nature",
                            models.CharField(
                                choices=[
                                    ("product", "Product"),
                                    ("postage", "Postage"),
                                    ("fee", "Fee"),
                                    ("adjustment", "Adjustment"),
                                ],
                                db_default="product",
                                default="product",
                                max_length=12,
                            ),
                        ),
                        (
                            "days_of_supply",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "currency",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=3
                            ),
                        ),
                        (
                            "is_available",
                            models.BooleanField(db_default=True, default=True),
                        ),
                        (
                            "link",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                max_length=500,
                                validators=[
                                    django.core.validators.URLValidator(
                                        schemes=["http", "https"]
                                    )
                                ],
                            ),
                        ),
                        (
                            "picture",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                max_length=500,
                                validators=[
                                    django.core.validators.URLValidator(
                                        schemes=["http", "https"]
                                    )
                                ],
                            ),
                        ),
                        (
                            "price",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=14, null=True
                            ),
                        ),
                        (
                            "season_months",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "sku"), name="product_sku_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "nature__in",
                                        ["product", "postage", "fee", "adjustment"],
                                    )
                                ),
                                name="product_nature",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price", None),
                                    models.Q(
                                        ("price__gte", 0),
                                        models.Q(("currency", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="product_price_has_currency",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("link", ""),
                                    ("link__regex", "^https?://"),
                                    _connector="OR",
                                ),
                                name="product_link_is_page",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("picture", ""),
                                    ("picture__regex", "^https?://"),
                                    _connector="OR",
                                ),
                                name="product_picture_is_page",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "season_months__contained_by",
                                        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                                    )
                                ),
                                name="product_season_is_months",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("days_of_supply", None),
                                    ("days_of_supply__gte", 1),
                                    _connector="OR",
                                ),
                                name="product_supply_lasts",
                            ),
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("is_available", True),
                                    ("nature", "product"),
                                    ("price__isnull", False),
                                ),
                                fields=["category", "price"],
                                name="product_same_kind",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("line_key", models.CharField(max_length=60)),
                        ("ordered_on", models.DateField()),
                        (
                            "quantity",
                            models.DecimalField(decimal_places=3, max_digits=14),
                        ),
                        (
                            "unit_price",
                            models.DecimalField(decimal_places=4, max_digits=14),
                        ),
                        (
                            "amount",
                            models.DecimalField(decimal_places=4, max_digits=14),
                        ),
                        (
                            "nature",
                            models.CharField(
                                choices=[
                                    ("purchase", "Purchase"),
                                    ("return", "Return"),
                                    ("charge", "Charge"),
                                    ("writeoff", "Writeoff"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lines",
                                to="crm.order",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.product",
                            ),
                        ),
                        (
                            "returned_line",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=60
                            ),
                        ),
                        (
                            "returned_order",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("nature", "purchase")),
                                fields=["customer", "product", "ordered_on"],
                                name="order_line_purchases",
                            ),
                            models.Index(
                                condition=models.Q(("nature", "return")),
                                fields=["customer", "ordered_on"],
                                name="order_line_returns",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("order", "line_key"), name="order_line_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "nature__in",
                                        ["purchase", "return", "charge", "writeoff"],
                                    )
                                ),
                                name="order_line_nature",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("returned_line", ""),
                                    models.Q(("returned_order", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="order_line_returned_line_of_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProductRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                db_default="main", default="main", max_length=40
                            ),
                        ),
                        ("pattern", models.CharField(max_length=120)),
                        (
                            "nature",
                            models.CharField(
                                choices=[
                                    ("product", "Product"),
                                    ("postage", "Postage"),
                                    ("fee", "Fee"),
                                    ("adjustment", "Adjustment"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("why", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "ordering": ["pattern"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("source"),
                                django.db.models.functions.text.Upper("pattern"),
                                name="product_rule_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "nature__in",
                                        ["product", "postage", "fee", "adjustment"],
                                    )
                                ),
                                name="product_rule_nature",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                name="product_rule_has_source",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Tag",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="tag_name_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FollowUp",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("why", models.CharField(max_length=300)),
                        (
                            "source_key",
                            models.CharField(blank=True, max_length=120, null=True),
                        ),
                        ("due_on", models.DateField()),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("taken", "Taken"),
                                    ("done", "Done"),
                                    ("dropped", "Dropped"),
                                ],
                                db_default="open",
                                default="open",
                                max_length=8,
                            ),
                        ),
                        (
                            "is_urgent",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        ("outcome", models.CharField(blank=True, max_length=300)),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="follow_ups",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["open", "taken"])),
                                fields=["assignee", "due_on"],
                                name="follow_up_owed",
                            ),
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(models.F("created_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="follow_up_timeline",
                            ),
                            models.Index(
                                condition=models.Q(("done_at__isnull", False)),
                                fields=["done_at"],
                                name="follow_up_done",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["open", "taken"])),
                                fields=["due_on", "id"],
                                name="follow_up_team",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source_key",), name="follow_up_source_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["open", "taken", "done", "dropped"])
                                ),
                                name="follow_up_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("done_at__isnull", False),
                                        ("state__in", ["done", "dropped"]),
                                    ),
                                    models.Q(
                                        ("done_at", None),
                                        ("state__in", ["open", "taken"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="follow_up_done_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AttemptCounter",
                    fields=[
                        (
                            "key",
                            models.CharField(
                                max_length=80, primary_key=True, serialize=False
                            ),
                        ),
                        ("count", models.PositiveIntegerField()),
                        ("started_at", models.DateTimeField()),
                        ("stopped_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="StaffSession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("address", models.CharField(blank=True, max_length=45)),
                        ("browser", models.CharField(blank=True, max_length=200)),
                        (
                            "session",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="sessions.session",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="RecoveryCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("code_hash", models.BinaryField(max_length=32)),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "code_hash"), name="recovery_code_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200)),
                        ("request_hash", models.BinaryField(max_length=32)),
                        ("status", models.PositiveSmallIntegerField()),
                        ("body", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "token",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.apitoken",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["created_at"], name="api_answer_age")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("token", "key"), name="api_answer_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JournalGap",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        ("rows", models.JSONField()),
                        ("at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="JournalState",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                db_default=1,
                                default=1,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("position", models.BigIntegerField(db_default=0, default=0)),
                        ("held_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "held_reason",
                            models.CharField(
                                blank=True,
                                choices=[("older", "Older"), ("restored", "Restored")],
                                db_default="",
                                max_length=10,
                            ),
                        ),
                        ("released_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)),
                                name="journal_state_one_row",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("position__gte", 0)),
                                name="journal_position_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("held_at__isnull", True), ("held_reason", "")
                                    ),
                                    models.Q(
                                        ("held_at__isnull", False),
                                        ("held_reason__in", ["older", "restored"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="journal_held_for_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("released_at", None),
                                    ("released_at__gte", models.F("held_at")),
                                    _connector="OR",
                                ),
                                name="journal_released_after_held",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AddressKey",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                db_default=1,
                                default=1,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("key", models.BinaryField(max_length=32)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)),
                                name="address_key_one_row",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Job",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        (
                            "options",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "position",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                db_default="waiting",
                                default="waiting",
                                max_length=9,
                            ),
                        ),
                        ("done", models.BigIntegerField(db_default=0, default=0)),
                        ("total", models.BigIntegerField(blank=True, null=True)),
                        (
                            "error",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        (
                            "failures",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("worked_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "cancel_asked_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "result",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.storedfile",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("worked_at"), nulls_first=True),
                                models.F("id"),
                                condition=models.Q(
                                    ("state__in", ["waiting", "running"])
                                ),
                                name="job_open",
                            ),
                            models.Index(
                                models.OrderBy(models.F("created_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="job_newest",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("finished_at__isnull", False), ("seen_at", None)
                                ),
                                fields=["started_by", "finished_at"],
                                name="job_unseen",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "waiting",
                                            "running",
                                            "done",
                                            "failed",
                                            "cancelled",
                                        ],
                                    )
                                ),
                                name="job_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("finished_at", None),
                                        ("state__in", ["waiting", "running"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["waiting", "running"]),
                                            _negated=True,
                                        ),
                                        ("finished_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="job_ended_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("error__gt", ""), ("state", "failed")),
                                    models.Q(
                                        models.Q(("state", "failed"), _negated=True),
                                        ("error", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="job_failed_has_error",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("result", None), ("state", "done"), _connector="OR"
                                ),
                                name="job_result_of_done",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("done__gte", 0),
                                    models.Q(
                                        ("total", None),
                                        ("done__lte", models.F("total")),
                                        _connector="OR",
                                    ),
                                ),
                                name="job_done_of_total",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StoredFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("content_type", models.CharField(max_length=100)),
                        ("size", models.BigIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("capability", models.CharField(max_length=40)),
                        ("created_at", models.DateTimeField()),
                        ("kept_until", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["kept_until"], name="stored_file_kept")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("key", ""), _negated=True),
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("capability", ""), _negated=True),
                                ),
                                name="stored_file_is_named",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("size__gte", 0)),
                                name="stored_file_has_size",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="stored_file_sha256",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kept_until__gt", models.F("created_at"))
                                ),
                                name="stored_file_is_kept",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CoreMark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, unique=True)),
                        ("least", models.DecimalField(decimal_places=4, max_digits=18)),
                        ("people", models.PositiveIntegerField()),
                        ("of_people", models.PositiveIntegerField()),
                        ("share", models.DecimalField(decimal_places=4, max_digits=5)),
                        ("counted_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("people__lte", models.F("of_people")),
                                    ("share__range", (0, 1)),
                                ),
                                name="core_mark_of_all",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderSum",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("orders", models.PositiveIntegerField()),
                        ("total", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "all_orders",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("currency"),
                                models.OrderBy(models.F("total"), descending=True),
                                name="order_sum_highest",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "currency"), name="order_sum_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("all_orders__gte", models.F("orders"))
                                ),
                                name="order_sum_of_all",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Segment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "description",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=300
                            ),
                        ),
                        ("conditions", models.JSONField()),
                        (
                            "shipped",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "is_followed",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("looked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": [
                            django.db.models.functions.text.Lower("name"),
                            "id",
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="segment_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="segment_has_name",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("shipped", ""), _negated=True),
                                fields=("shipped",),
                                name="segment_shipped_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportDraft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        (
                            "options",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "preset",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("preview", models.JSONField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.storedfile",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.importrun",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.importrun",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("run", None)),
                                fields=["-created_at", "-id"],
                                name="import_draft_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind", ""), _negated=True),
                                name="import_draft_has_kind",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportMapping",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("header_sha256", models.CharField(max_length=64)),
                        ("source", models.CharField(max_length=40)),
                        ("kind", models.CharField(max_length=20)),
                        ("options", models.JSONField(db_default={}, default=dict)),
                        ("confirmed_at", models.DateTimeField()),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("header_sha256", "source"),
                                name="import_mapping_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("header_sha256__regex", "^[0-9a-f]{64}$"),
                                    models.Q(("kind", ""), _negated=True),
                                ),
                                name="import_mapping_is_of_a_header",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportedRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("customer", "Customer"),
                                    ("customer_tag", "Customer tag"),
                                    ("address", "Address"),
                                    ("tag", "Tag"),
                                    ("order", "Order"),
                                    ("order_line", "Order line"),
                                    ("product", "Product"),
                                    ("interaction", "Interaction"),
                                    ("company", "Company"),
                                    ("company_link", "Company link"),
                                    ("entry", "Entry"),
                                    ("answer", "Answer"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("row_id", models.BigIntegerField()),
                        ("parent_id", models.BigIntegerField(null=True)),
                        ("customer_id", models.BigIntegerField(null=True)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        ("digest", models.BigIntegerField(null=True)),
                        (
                            "kept",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.importrun",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["customer_id"], name="imported_row_customer"
                            ),
                            models.Index(
                                condition=models.Q(("parent_id__isnull", False)),
                                fields=["run", "parent_id"],
                                name="imported_row_parent",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "what", "row_id"),
                                name="imported_row_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "what__in",
                                        [
                                            "customer",
                                            "customer_tag",
                                            "address",
                                            "tag",
                                            "order",
                                            "order_line",
                                            "product",
                                            "interaction",
                                            "company",
                                            "company_link",
                                            "entry",
                                            "answer",
                                        ],
                                    )
                                ),
                                name="imported_row_what",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustomerMerge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("merged_at", models.DateTimeField()),
                        (
                            "before",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "after",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "last_ids",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "dropped",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "job",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.job",
                            ),
                        ),
                        (
                            "kept",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "merged_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["kept"], name="merge_kept"),
                            models.Index(fields=["merged_at"], name="merge_oldest"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kept", models.F("dropped")), _negated=True
                                ),
                                name="merge_of_two_records",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("undone_at", None)),
                                fields=("dropped",),
                                name="merge_standing_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undone_at", None),
                                    ("undone_at__gte", models.F("merged_at")),
                                    _connector="OR",
                                ),
                                name="merge_undone_afterwards",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MergeMove",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("rows", models.CharField(max_length=60)),
                        ("row_id", models.BigIntegerField()),
                        (
                            "before",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "merge",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="moves",
                                to="crm.customermerge",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("rows", "pointers")),
                                fields=["row_id"],
                                name="merge_move_pointers",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("merge", "rows", "row_id"),
                                name="merge_move_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BulkRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("tag", "Tag"),
                                    ("untag", "Untag"),
                                    ("assign", "Assign"),
                                    ("follow_up", "Follow up"),
                                    ("field", "Field"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "options",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "audience",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=2000
                            ),
                        ),
                        (
                            "people",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                        (
                            "changed",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "undo_state",
                            models.CharField(
                                blank=True,
                                choices=[("running", "Running"), ("done", "Done")],
                                db_default="",
                                default="",
                                max_length=7,
                            ),
                        ),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "undone",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                        (
                            "job",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="bulk_run",
                                to="crm.job",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undo_job",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="bulk_undo",
                                to="crm.job",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["finished_at"], name="bulk_run_finished"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "action__in",
                                        [
                                            "tag",
                                            "untag",
                                            "assign",
                                            "follow_up",
                                            "field",
                                        ],
                                    )
                                ),
                                name="bulk_run_action",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undo_state__in", ["", "running", "done"])
                                ),
                                name="bulk_run_undo_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("changed__lte", models.F("people")),
                                    ("undone__lte", models.F("changed")),
                                ),
                                name="bulk_run_counts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undo_state", ""),
                                    ("finished_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="bulk_run_undone_after_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BulkRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("customer_id", models.BigIntegerField()),
                        (
                            "is_changed",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("before", models.JSONField(null=True)),
                        (
                            "run",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.bulkrun",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["customer_id"], name="bulk_row_customer"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "customer_id"), name="bulk_row_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SegmentSnapshot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("day", models.DateField()),
                        (
                            "people",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                        ("taken_at", models.DateTimeField()),
                        (
                            "segment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("segment", "day"),
                                name="segment_snapshot_once_a_day",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SnapshotMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "snapshot",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.segmentsnapshot",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("snapshot", "customer"),
                                name="snapshot_member_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SegmentEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "move",
                            models.CharField(
                                choices=[("entered", "Entered"), ("left", "Left")],
                                max_length=7,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("segment"),
                                models.OrderBy(models.F("at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="segment_event_newest",
                            ),
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(models.F("at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="segment_event_timeline",
                            ),
                            models.Index(fields=["at"], name="segment_event_oldest"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("move__in", ["entered", "left"])),
                                name="segment_event_move",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SegmentMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.segment",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("segment", "customer"),
                                name="segment_member_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustomerAddress",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("email", "Email"), ("phone", "Phone")],
                                max_length=5,
                            ),
                        ),
                        ("value", models.CharField(max_length=254)),
                        ("norm", models.CharField(max_length=254)),
                        (
                            "label",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="addresses",
                                to="crm.customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "customer addresses",
                        "ordering": ["kind", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "kind", "norm"),
                                name="customer_address_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("norm", ""), _negated=True),
                                    models.Q(("value", ""), _negated=True),
                                ),
                                name="customer_address_not_empty",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["email", "phone"])),
                                name="customer_address_kind",
                            ),
                        ],
                        "indexes": [
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    "norm", name="text_pattern_ops"
                                ),
                                name="customer_address_norm",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    crm.models.fields.PhoneDigits("value"),
                                    name="gin_trgm_ops",
                                ),
                                condition=models.Q(("kind", "phone")),
                                name="customer_address_digits",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustomField",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("label", models.CharField(max_length=200)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("text", "Text"),
                                    ("number", "Number"),
                                    ("money", "Money"),
                                    ("date", "Date"),
                                    ("choice", "Choice"),
                                    ("choices", "Choices"),
                                    ("yes_no", "Yes no"),
                                    ("link", "Link"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "help_text",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=300
                            ),
                        ),
                        (
                            "choices",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        (
                            "place",
                            models.CharField(
                                choices=[
                                    ("facts", "Facts"),
                                    ("panel", "Panel"),
                                    ("form", "Form"),
                                ],
                                db_default="panel",
                                default="panel",
                                max_length=10,
                            ),
                        ),
                        ("position", models.PositiveIntegerField()),
                        (
                            "is_searchable",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "in_list",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "sort_slot",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, unique=True
                            ),
                        ),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "text",
                                            "number",
                                            "money",
                                            "date",
                                            "choice",
                                            "choices",
                                            "yes_no",
                                            "link",
                                        ],
                                    )
                                ),
                                name="custom_field_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("place__in", ["facts", "panel", "form"])
                                ),
                                name="custom_field_place",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("key", ""), _negated=True),
                                    models.Q(("label", ""), _negated=True),
                                ),
                                name="custom_field_is_named",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("sort_slot", None),
                                    models.Q(
                                        (
                                            "kind__in",
                                            ["date", "money", "number", "text"],
                                        ),
                                        ("sort_slot__range", (1, 5)),
                                    ),
                                    _connector="OR",
                                ),
                                name="custom_field_five_sortable",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_searchable", False),
                                    ("kind__in", ["link", "text"]),
                                    _connector="OR",
                                ),
                                name="custom_field_search_reads_text",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("archived_at", None),
                                    ("sort_slot", None),
                                    _connector="OR",
                                ),
                                name="custom_field_archived_frees_slot",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("updated_at__gte", models.F("created_at"))
                                ),
                                name="custom_field_changed_later",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("query", models.CharField(max_length=2000)),
                        (
                            "is_shared",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("created_at", models.DateTimeField()),
                        (
                            "owner",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": [
                            django.db.models.functions.text.Lower("name"),
                            "id",
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("owner"),
                                django.db.models.functions.text.Lower("name"),
                                name="saved_view_once_a_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("query", ""), _negated=True),
                                ),
                                name="saved_view_is_filled",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Company",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        (
                            "domain",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=253
                            ),
                        ),
                        (
                            "address",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "note",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "tags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "search_text",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="branches",
                                to="crm.company",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "companies",
                        "indexes": [
                            models.Index(
                                django.db.models.functions.text.Lower("name"),
                                models.F("id"),
                                name="company_by_name",
                            ),
                            models.Index(
                                condition=models.Q(("domain", ""), _negated=True),
                                fields=["domain"],
                                name="company_domain",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    "search_text", name="gin_trgm_ops"
                                ),
                                name="company_search",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="company_has_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent", None),
                                    models.Q(("parent", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="company_not_its_own_parent",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CompanyPerson",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=80
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="people",
                                to="crm.company",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="companies",
                                to="crm.customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "people of companies",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "company"),
                                name="company_person_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DifferentPeople",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("said_at", models.DateTimeField()),
                        (
                            "first",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "said_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "second",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "different people",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("first", "second"), name="different_people_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("first__lt", models.F("second"))),
                                name="different_people_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LikelyPair",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "reasons",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=12), size=None
                            ),
                        ),
                        ("strength", models.PositiveSmallIntegerField()),
                        (
                            "is_exact",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("found_at", models.DateTimeField()),
                        (
                            "first",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "second",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("strength"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="likely_pair_strongest",
                            ),
                            models.Index(
                                condition=models.Q(("is_exact", True)),
                                fields=["first", "second"],
                                name="likely_pair_exact",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("first", "second"), name="likely_pair_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("first__lt", models.F("second"))),
                                name="likely_pair_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reasons", []), _negated=True),
                                name="likely_pair_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Subscription",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                db_default="main", default="main", max_length=40
                            ),
                        ),
                        (
                            "external_id",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120
                            ),
                        ),
                        ("plan", models.CharField(max_length=120)),
                        ("currency", models.CharField(max_length=3)),
                        ("value", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("active", "Active"),
                                    ("paused", "Paused"),
                                    ("cancelled", "Cancelled"),
                                ],
                                db_default="active",
                                default="active",
                                max_length=10,
                            ),
                        ),
                        ("started_on", models.DateField()),
                        ("renewed_on", models.DateField(blank=True, null=True)),
                        ("cancelled_on", models.DateField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=300
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subscriptions",
                                to="crm.customer",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "cancelled")),
                                fields=["cancelled_on"],
                                name="subscription_cancelled",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("external_id", ""), _negated=True),
                                fields=("source", "external_id"),
                                name="subscription_external_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["active", "paused", "cancelled"])
                                ),
                                name="subscription_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("plan", ""), _negated=True),
                                    models.Q(("source", ""), _negated=True),
                                ),
                                name="subscription_has_plan",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value__gte", 0)),
                                name="subscription_value_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                                name="subscription_currency",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cancelled_on__gte", models.F("started_on")),
                                        ("cancelled_on__isnull", False),
                                        ("state", "cancelled"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "cancelled"), _negated=True),
                                        ("cancelled_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="subscription_cancelled_has_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SubscriptionChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("started", "Started"),
                                    ("renewed", "Renewed"),
                                    ("changed", "Changed"),
                                    ("paused", "Paused"),
                                    ("resumed", "Resumed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("happened_on", models.DateField()),
                        ("happened_at", models.DateTimeField()),
                        ("plan", models.CharField(max_length=120)),
                        ("value", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=300
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "subscription",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="crm.subscription",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["subscription", "happened_on", "id"],
                                name="subscription_change_order",
                            ),
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(
                                    models.F("happened_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="subscription_timeline",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "started",
                                            "renewed",
                                            "changed",
                                            "paused",
                                            "resumed",
                                            "cancelled",
                                        ],
                                    )
                                ),
                                name="subscription_change_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value__gte", 0)),
                                name="subscription_change_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ["paused", "cancelled"]),
                                        _negated=True,
                                    ),
                                    ("value", 0),
                                    _connector="OR",
                                ),
                                name="subscription_change_over_is_nothing",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "started")),
                                fields=("subscription",),
                                name="subscription_starts_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReturnChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("returned_line", models.CharField(max_length=60)),
                        (
                            "line",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=60
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "returned",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("made_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="return_choice_newest",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("returned", "returned_line", "order", "line"),
                                name="return_choice_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("line", ""), ("order", None)),
                                    models.Q(
                                        ("order__isnull", False),
                                        models.Q(("line", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="return_choice_is_line_or_none",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReturnMatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("returned_line", models.CharField(max_length=60)),
                        ("line", models.CharField(max_length=60)),
                        (
                            "quantity",
                            models.DecimalField(decimal_places=3, max_digits=14),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("chosen", "Chosen"),
                                    ("named", "Named"),
                                    ("latest", "Latest"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                        (
                            "returned",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["order", "line"], name="return_match_purchase"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("returned", "returned_line", "order", "line"),
                                name="return_match_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gt", 0)),
                                name="return_match_gives_back",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["chosen", "named", "latest"])
                                ),
                                name="return_match_basis",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaleReturn",
                    fields=[
                        (
                            "customer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.customer",
                            ),
                        ),
                        ("marked_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["marked_at"], name="stale_return_oldest"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnmatchedReturn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("returned_line", models.CharField(max_length=60)),
                        ("returned_on", models.DateField()),
                        (
                            "quantity",
                            models.DecimalField(decimal_places=3, max_digits=14),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("no_purchase", "No purchase"),
                                    ("too_many", "Too many"),
                                    ("order_unknown", "Order unknown"),
                                    ("order_of_another", "Order of another"),
                                    ("not_in_order", "Not in order"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "returned",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.order",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.OrderBy(
                                    models.F("returned_on"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="unmatched_return_newest",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("returned", "returned_line"),
                                name="unmatched_return_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gt", 0)),
                                name="unmatched_return_has_quantity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "reason__in",
                                        [
                                            "no_purchase",
                                            "too_many",
                                            "order_unknown",
                                            "order_of_another",
                                            "not_in_order",
                                        ],
                                    )
                                ),
                                name="unmatched_return_reason",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(ROOM),
        migrations.RunSQL(AUDIT),
        migrations.RunSQL(NOTES + note_triggers()),
        migrations.RunSQL(CUSTOM),
        migrations.RunPython(fill),
        migrations.RunPython(ship),
    ]
