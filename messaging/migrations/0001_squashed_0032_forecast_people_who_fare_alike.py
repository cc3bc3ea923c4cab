"""Consents, automations and messages, as migrations 1 to 32 left them.

A database that has some of these goes on with the old ones.
"""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.core.serializers.json
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import messaging.models.automation
from web.migration_operations import CreateModels

# Consent is a ledger: a withdrawal is another row, never an edit. One exception: of a
# customer who is erased, `source_text`, `ip_truncated` and `source_key` may become
# empty; nothing else, nothing to another value, and no row may go.
CONSENT = """
CREATE FUNCTION messaging_consent_is_erased(old_row jsonb, new_row jsonb)
RETURNS boolean LANGUAGE sql AS $$
    SELECT new_row ->> 'source_text' = '' AND new_row ->> 'ip_truncated' = ''
        AND new_row ->> 'source_key' IS NULL
        AND new_row - ARRAY['source_text', 'ip_truncated', 'source_key']
            = old_row - ARRAY['source_text', 'ip_truncated', 'source_key']
        AND EXISTS (
            SELECT FROM crm_customer
            WHERE id = (old_row ->> 'customer_id')::bigint
                AND erased_at IS NOT NULL)
$$;
CREATE TRIGGER messaging_consent_no_delete
    BEFORE DELETE ON messaging_consent
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_consent_append_only
    BEFORE UPDATE ON messaging_consent
    FOR EACH ROW
    WHEN (NOT messaging_consent_is_erased(to_jsonb(OLD), to_jsonb(NEW)))
    EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_consent_no_truncate
    BEFORE TRUNCATE ON messaging_consent
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""

# Versions are append-only. Erasure may change the audience of a version: somebody's
# name may have been typed into it. Versions go with an automation that never ran, and
# no other way.
VERSIONS = """
CREATE FUNCTION messaging_version_is_erased(old_row jsonb, new_row jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT old_row #- '{content,audience}' = new_row #- '{content,audience}'
$$;
CREATE FUNCTION messaging_version_may_go(automation bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM messaging_automation
        WHERE id = automation AND switched_on_at IS NOT NULL)
$$;
CREATE TRIGGER messaging_version_append_only
    BEFORE UPDATE ON messaging_automationversion
    FOR EACH ROW
    WHEN (NOT messaging_version_is_erased(to_jsonb(OLD), to_jsonb(NEW)))
    EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_version_no_delete
    BEFORE DELETE ON messaging_automationversion
    FOR EACH ROW
    WHEN (NOT messaging_version_may_go(OLD.automation_id))
    EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_version_no_truncate
    BEFORE TRUNCATE ON messaging_automationversion
    FOR EACH STATEMENT EXECUTE FUNCTION crm_append_only();
"""

# The contact limits a new installation starts with; staff may change them.
RULES = (
    ("Surveys", ["survey"], 1, 30, False),
    (
        "Everything but answers and receipts",
        ["survey", "loyalty", "marketing", "birthday"],
        2,
        7,
        True,
    ),
)


def fill(apps, schema_editor):
    rules = apps.get_model("messaging", "BudgetRule").objects
    for name, categories, most, days, reminders in RULES:
        rules.create(
            name=name,
            categories=categories,
            max_count=most,
            window_days=days,
            counts_reminders=reminders,
        )


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("messaging", "0001_squashed_0018_sending_accounts"),
        ("messaging", "0019_number_automations_in_order"),
        ("messaging", "0020_hold_people_out_by_lot"),
        ("messaging", "0021_days_of_automations"),
        ("messaging", "0022_automation_steps"),
        ("messaging", "0023_first_steps"),
        ("messaging", "0024_words_of_steps"),
        ("messaging", "0025_keep_forecasts"),
        ("messaging", "0026_birthday_greetings"),
        ("messaging", "0027_limit_birthday_greetings"),
        ("messaging", "0028_gifts_of_steps"),
        ("messaging", "0029_remember_looks"),
        ("messaging", "0030_kinds_that_ask_any_survey"),
        ("messaging", "0031_pictures_of_mails"),
        ("messaging", "0032_forecast_people_who_fare_alike"),
    ]
    dependencies = [("crm", "0052_index_given_names")]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Message",
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
                            "category",
                            models.CharField(
                                choices=[
                                    ("transactional", "Transactional"),
                                    ("survey", "Survey"),
                                    ("loyalty", "Loyalty"),
                                    ("marketing", "Marketing"),
                                    ("birthday", "Birthday"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("occurrence", models.CharField(max_length=160)),
                        (
                            "is_reminder",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(db_default=50, default=50),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("claimed", "Claimed"),
                                    ("handed", "Handed"),
                                    ("sent", "Sent"),
                                    ("failed", "Failed"),
                                    ("suppressed", "Suppressed"),
                                    ("expired", "Expired"),
                                    ("uncertain", "Uncertain"),
                                    ("cancelled", "Cancelled"),
                                    ("superseded", "Superseded"),
                                ],
                                db_default="planned",
                                default="planned",
                                max_length=10,
                            ),
                        ),
                        ("reason_code", models.CharField(blank=True, max_length=40)),
                        (
                            "reason_data",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "why",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        ("language", models.CharField(blank=True, max_length=10)),
                        ("due_on", models.DateField()),
                        ("not_before", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("planned_at", models.DateTimeField()),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "deferrals",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "deferred_reason",
                            models.CharField(blank=True, max_length=40),
                        ),
                        ("claim_token", models.UUIDField(blank=True, null=True)),
                        ("lease_until", models.DateTimeField(blank=True, null=True)),
                        ("counted_at", models.DateTimeField(blank=True, null=True)),
                        ("handed_at", models.DateTimeField(blank=True, null=True)),
                        ("final_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "message_uuid",
                            models.UUIDField(
                                db_default=django.contrib.postgres.functions.RandomUUID(),
                                default=uuid.uuid4,
                                unique=True,
                            ),
                        ),
                        (
                            "address_hash",
                            models.BinaryField(blank=True, max_length=32, null=True),
                        ),
                        (
                            "smtp_code",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("smtp_text", models.CharField(blank=True, max_length=300)),
                        (
                            "transport",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("outbox", "Outbox"),
                                    ("smtp", "Smtp"),
                                    ("provider", "Provider"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "on_uncertain",
                            models.CharField(
                                choices=[("park", "Park"), ("resend", "Resend")],
                                db_default="park",
                                default="park",
                                max_length=6,
                            ),
                        ),
                        (
                            "automation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "refusals",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "resends",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "address",
                            models.CharField(blank=True, max_length=254, null=True),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "policy_refusals",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="messaging.sendingaccount",
                            ),
                        ),
                        ("in_holdout", models.BooleanField(blank=True, null=True)),
                        (
                            "step",
                            models.PositiveSmallIntegerField(db_default=1, default=1),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="messaging.run",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "planned")),
                                fields=["priority", "not_before", "id"],
                                name="message_claim",
                            ),
                            models.Index(
                                condition=models.Q(("state", "planned")),
                                fields=["not_before", "id"],
                                name="message_planned",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["claimed", "handed"])
                                ),
                                fields=["lease_until"],
                                name="message_leases",
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["claimed", "handed", "sent", "uncertain"],
                                    )
                                ),
                                fields=["customer", "counted_at"],
                                name="message_budget",
                            ),
                            models.Index(
                                models.F("state"),
                                models.OrderBy(models.F("final_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("final_at__isnull", False)),
                                name="message_final",
                            ),
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(
                                    django.db.models.functions.comparison.Coalesce(
                                        "final_at", "not_before"
                                    ),
                                    descending=True,
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="message_timeline",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("customer__isnull", True), ("state", "planned")
                                ),
                                fields=["priority", "not_before", "id"],
                                name="message_claim_others",
                            ),
                            models.Index(
                                models.F("user"),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("user__isnull", False)),
                                name="message_colleague",
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["claimed", "handed", "sent", "uncertain"],
                                    )
                                ),
                                fields=["address_hash", "counted_at"],
                                name="message_address_budget",
                            ),
                            models.Index(
                                condition=models.Q(("account__isnull", False)),
                                fields=["account", "not_before"],
                                name="message_account",
                            ),
                            models.Index(
                                condition=models.Q(("reason_code", "soft_bounce")),
                                fields=["address_hash", "final_at"],
                                name="message_soft_bounces",
                            ),
                            models.Index(
                                condition=models.Q(("run__isnull", False)),
                                fields=["run", "step"],
                                name="message_run",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "planned",
                                            "claimed",
                                            "handed",
                                            "sent",
                                            "failed",
                                            "suppressed",
                                            "expired",
                                            "uncertain",
                                            "cancelled",
                                            "superseded",
                                        ],
                                    )
                                ),
                                name="message_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("on_uncertain__in", ["park", "resend"])
                                ),
                                name="message_on_uncertain",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at__gt", models.F("not_before"))
                                ),
                                name="message_has_life",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("claim_token__isnull", False),
                                        ("lease_until__isnull", False),
                                        ("state__in", ["claimed", "handed"]),
                                    ),
                                    models.Q(
                                        ("state__in", ["claimed", "handed"]),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="message_leased_has_token",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("final_at", None),
                                        ("state__in", ["claimed", "handed", "planned"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state__in",
                                                ["claimed", "handed", "planned"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("final_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="message_final_has_time",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", "superseded"), _negated=True
                                ),
                                fields=(
                                    "kind",
                                    "customer",
                                    "occurrence",
                                    "user",
                                    "address",
                                ),
                                name="message_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("address__isnull", True),
                                        ("customer__isnull", False),
                                        ("user__isnull", True),
                                    ),
                                    models.Q(
                                        ("address__isnull", True),
                                        ("customer__isnull", True),
                                        ("user__isnull", False),
                                    ),
                                    models.Q(
                                        ("address__gt", ""),
                                        ("address__isnull", False),
                                        ("customer__isnull", True),
                                        ("user__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="message_one_recipient",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("customer__isnull", False),
                                    ("category", "transactional"),
                                    _connector="OR",
                                ),
                                name="message_to_others_transactional",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("account", None),
                                    ("customer", None),
                                    _connector="OR",
                                ),
                                name="message_account_of_letters",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("step", 1),
                                    models.Q(
                                        ("run__isnull", False), ("step__range", (2, 5))
                                    ),
                                    _connector="OR",
                                ),
                                name="message_step",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "category__in",
                                        [
                                            "transactional",
                                            "survey",
                                            "loyalty",
                                            "marketing",
                                            "birthday",
                                        ],
                                    )
                                ),
                                name="message_category",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Automation",
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
                        ("name", models.CharField(max_length=120)),
                        ("is_on", models.BooleanField(db_default=False, default=False)),
                        ("switched_on_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "send_hour",
                            models.PositiveSmallIntegerField(db_default=9, default=9),
                        ),
                        (
                            "offset_days",
                            models.SmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "life_days",
                            models.PositiveSmallIntegerField(db_default=7, default=7),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(db_default=50, default=50),
                        ),
                        (
                            "params",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "audience",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=2000
                            ),
                        ),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "holdout_percent",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "holdout_salt",
                            models.UUIDField(
                                db_default=django.contrib.postgres.functions.RandomUUID(),
                                default=uuid.uuid4,
                            ),
                        ),
                        ("holdout_since", models.DateTimeField(blank=True, null=True)),
                        ("rests", models.BooleanField(db_default=False, default=False)),
                        (
                            "weekdays",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(),
                                db_default=[1, 2, 3, 4, 5, 6, 7],
                                default=messaging.models.automation.every_day,
                                size=None,
                            ),
                        ),
                        (
                            "reentry",
                            models.CharField(
                                choices=[
                                    ("never", "Never"),
                                    ("after_days", "After days"),
                                    ("per_occurrence", "Per occurrence"),
                                ],
                                db_default="per_occurrence",
                                default="per_occurrence",
                                max_length=14,
                            ),
                        ),
                        (
                            "reentry_days",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                    ],
                    options={
                        "ordering": ["priority", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("send_hour__lt", 24)),
                                name="automation_send_hour",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("life_days__range", (1, 60))),
                                name="automation_life_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_on", False),
                                    ("switched_on_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="automation_on_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name__gt", "")),
                                name="automation_has_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("archived_at", None),
                                    ("is_on", False),
                                    _connector="OR",
                                ),
                                name="automation_archived_is_off",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("holdout_percent", 0),
                                    models.Q(
                                        ("holdout_percent__lte", 50),
                                        ("holdout_since__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="automation_holdout",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("weekdays__contained_by", [1, 2, 3, 4, 5, 6, 7]),
                                    ("weekdays__len__range", (1, 7)),
                                ),
                                name="automation_weekdays",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "reentry__in",
                                        ["never", "after_days", "per_occurrence"],
                                    )
                                ),
                                name="automation_reentry",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("reentry", "after_days"),
                                        ("reentry_days__range", (1, 3650)),
                                        ("reentry_days__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("reentry", "after_days"), _negated=True
                                        ),
                                        ("reentry_days", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="automation_reentry_days",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Body",
                    fields=[
                        (
                            "message",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="body",
                                serialize=False,
                                to="messaging.message",
                            ),
                        ),
                        ("subject", models.CharField(max_length=300)),
                        ("text", models.TextField()),
                        ("html", models.TextField()),
                        ("stored_at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "verbose_name_plural": "bodies",
                    },
                ),
                migrations.CreateModel(
                    name="BudgetRule",
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
                        ("name", models.CharField(max_length=60, unique=True)),
                        (
                            "categories",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=14), size=None
                            ),
                        ),
                        ("max_count", models.PositiveSmallIntegerField()),
                        ("window_days", models.PositiveSmallIntegerField()),
                        (
                            "counts_reminders",
                            models.BooleanField(db_default=True, default=True),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("max_count__gte", 1),
                                    ("window_days__range", (1, 366)),
                                ),
                                name="budget_rule_sane",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Circuit",
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
                            "transport",
                            models.CharField(
                                choices=[
                                    ("outbox", "Outbox"),
                                    ("smtp", "Smtp"),
                                    ("provider", "Provider"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("closed", "Closed"),
                                    ("open", "Open"),
                                    ("probing", "Probing"),
                                ],
                                db_default="closed",
                                default="closed",
                                max_length=8,
                            ),
                        ),
                        ("reason_code", models.CharField(blank=True, max_length=40)),
                        (
                            "smtp_code",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("opened_at", models.DateTimeField(blank=True, null=True)),
                        ("next_probe_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "failures",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                        (
                            "smtp_text",
                            models.CharField(blank=True, db_default="", max_length=300),
                        ),
                        (
                            "refused",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="messaging.message",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(blank=True, null=True)),
                        ("probed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="messaging.sendingaccount",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["closed", "open", "probing"])
                                ),
                                name="circuit_state",
                            ),
                            models.UniqueConstraint(
                                fields=("transport", "account"),
                                name="circuit_once_an_account",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
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
                            "category",
                            models.CharField(
                                choices=[
                                    ("transactional", "Transactional"),
                                    ("survey", "Survey"),
                                    ("loyalty", "Loyalty"),
                                    ("marketing", "Marketing"),
                                    ("birthday", "Birthday"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("granted", models.BooleanField()),
                        ("at", models.DateTimeField()),
                        ("how", models.CharField(max_length=30)),
                        ("source_text", models.CharField(blank=True, max_length=300)),
                        (
                            "wording_version",
                            models.CharField(blank=True, max_length=40),
                        ),
                        (
                            "address_hash",
                            models.BinaryField(blank=True, max_length=32, null=True),
                        ),
                        ("ip_truncated", models.CharField(blank=True, max_length=45)),
                        (
                            "source_key",
                            models.CharField(blank=True, max_length=120, null=True),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("customer"),
                                models.F("category"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="consent_state",
                            ),
                            models.Index(
                                models.F("address_hash"),
                                models.F("category"),
                                models.OrderBy(models.F("id"), descending=True),
                                name="consent_address",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source_key",), name="consent_source_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("staff", None),
                                    ("how__in", ["staff", "undo"]),
                                    _connector="OR",
                                ),
                                name="consent_staff_how",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "category__in",
                                        [
                                            "transactional",
                                            "survey",
                                            "loyalty",
                                            "marketing",
                                            "birthday",
                                        ],
                                    )
                                ),
                                name="consent_category",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
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
                            "categories",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=14), size=None
                            ),
                        ),
                        ("reason", models.CharField(max_length=40)),
                        ("source_key", models.CharField(max_length=120)),
                        ("placed_at", models.DateTimeField()),
                        ("released_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="crm.customer",
                            ),
                        ),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        (
                            "address_hash",
                            models.BinaryField(blank=True, max_length=32, null=True),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("released_at", None)),
                                fields=["customer"],
                                name="hold_open",
                            ),
                            models.Index(
                                condition=models.Q(("released_at", None)),
                                fields=["address_hash"],
                                name="hold_of_address",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("released_at", None)),
                                fields=("source_key",),
                                name="hold_source_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Link",
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
                        ("token_hash", models.BinaryField(max_length=32, unique=True)),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("survey", "Survey"),
                                    ("review", "Review"),
                                    ("reorder", "Reorder"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("subject_id", models.BigIntegerField()),
                        ("expires_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="links",
                                to="messaging.message",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["expires_at"], name="link_expiry")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("purpose__in", ["survey", "review", "reorder"])
                                ),
                                name="link_purpose",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suppression",
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
                        ("address_hash", models.BinaryField(max_length=32)),
                        (
                            "scope",
                            models.CharField(
                                db_default="all", default="all", max_length=14
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("bounce", "Bounce"),
                                    ("complaint", "Complaint"),
                                    ("erased", "Erased"),
                                    ("staff", "Staff"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("lifted_at", None)),
                                fields=("address_hash", "scope"),
                                name="suppression_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "reason__in",
                                        [
                                            "bounce",
                                            "complaint",
                                            "erased",
                                            "staff",
                                            "withdrawn",
                                        ],
                                    )
                                ),
                                name="suppression_reason",
                            ),
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("lifted_at__isnull", False)),
                                fields=["address_hash"],
                                name="suppression_lifted",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sweep",
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
                        ("swept_through", models.DateTimeField(blank=True, null=True)),
                        ("last_run_at", models.DateTimeField(blank=True, null=True)),
                        ("planned", models.BigIntegerField(db_default=0, default=0)),
                        (
                            "automation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sweep",
                                to="messaging.automation",
                            ),
                        ),
                        ("looked_at", models.DateTimeField(blank=True, null=True)),
                        ("looked_until", models.DateField(blank=True, null=True)),
                        (
                            "looked_version",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Wording",
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
                        ("language", models.CharField(max_length=10)),
                        ("fields", models.JSONField(db_default={}, default=dict)),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="wordings",
                                to="messaging.automationstep",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("step", "language"),
                                name="wording_language_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refusal",
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
                        ("refused_at", models.DateTimeField()),
                        (
                            "circuit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="refusals",
                                to="messaging.circuit",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="messaging.message",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("circuit", "message"),
                                name="refusal_once_a_message",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MailGrant",
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
                            "provider",
                            models.CharField(
                                choices=[
                                    ("google", "Google"),
                                    ("microsoft", "Microsoft"),
                                    ("own", "Own"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("client_id", models.CharField(max_length=200)),
                        (
                            "client_secret",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        ("authorize_url", models.CharField(max_length=500)),
                        ("token_url", models.CharField(max_length=500)),
                        (
                            "scope",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=500
                            ),
                        ),
                        (
                            "refresh_token",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "access_token",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("granted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "trouble",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("trouble_since", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("provider__in", ["google", "microsoft", "own"])
                                ),
                                name="mail_grant_provider",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("client_id", ""), _negated=True),
                                name="mail_grant_has_client",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("granted_at", None), ("refresh_token", "")
                                    ),
                                    models.Q(
                                        models.Q(("refresh_token", ""), _negated=True),
                                        ("granted_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="mail_grant_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("trouble", ""), ("trouble_since", None)),
                                    models.Q(
                                        models.Q(("trouble", ""), _negated=True),
                                        ("trouble_since__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="mail_grant_trouble_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SendingAccount",
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
                        ("host", models.CharField(max_length=253)),
                        (
                            "port",
                            models.PositiveIntegerField(db_default=465, default=465),
                        ),
                        (
                            "security",
                            models.CharField(
                                choices=[
                                    ("tls", "Tls"),
                                    ("starttls", "Starttls"),
                                    ("none", "None"),
                                ],
                                db_default="tls",
                                default="tls",
                                max_length=8,
                            ),
                        ),
                        (
                            "user",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=254
                            ),
                        ),
                        (
                            "password",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="messaging.mailgrant",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("host", ""), _negated=True),
                                    ("port__range", (1, 65535)),
                                ),
                                name="sending_account_has_server",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("grant", None), ("password", ""), ("user", "")
                                    ),
                                    models.Q(
                                        models.Q(("user", ""), _negated=True),
                                        models.Q(("password", ""), _negated=True),
                                        ("grant", None),
                                    ),
                                    models.Q(
                                        models.Q(("user", ""), _negated=True),
                                        ("grant__isnull", False),
                                        ("password", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="sending_account_signs_in_one_way",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("security__in", ["tls", "starttls", "none"])
                                ),
                                name="sending_account_security",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AutomationStep",
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
                            "position",
                            models.PositiveSmallIntegerField(db_default=1, default=1),
                        ),
                        (
                            "origin",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "wait_days",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "stop_on",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=12),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "has_offer",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "without_offer_allowed",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "automation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="messaging.automation",
                            ),
                        ),
                        ("gift", models.PositiveBigIntegerField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["automation", "position"],
                        "constraints": [
                            models.UniqueConstraint(
                                deferrable=django.db.models.constraints.Deferrable[
                                    "IMMEDIATE"
                                ],
                                fields=("automation", "position"),
                                name="step_position_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("position__range", (1, 5))),
                                name="step_position",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("position", 1), ("wait_days", 0)),
                                    models.Q(
                                        ("position__gt", 1),
                                        ("wait_days__range", (1, 365)),
                                    ),
                                    _connector="OR",
                                ),
                                name="step_wait_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("position", 1), ("stop_on", [])),
                                    models.Q(
                                        ("position__gt", 1),
                                        (
                                            "stop_on__contained_by",
                                            [
                                                "bought",
                                                "answered",
                                                "wrote",
                                                "left_segment",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="step_stop_on",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("has_offer", True),
                                    ("without_offer_allowed", False),
                                    _connector="OR",
                                ),
                                name="step_without_what_offer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("origin", 1), ("position", 1)),
                                    models.Q(
                                        models.Q(
                                            ("origin", 0),
                                            ("origin__range", (2, 5)),
                                            _connector="OR",
                                        ),
                                        ("position__gt", 1),
                                    ),
                                    _connector="OR",
                                ),
                                name="step_origin",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AutomationVersion",
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
                        ("number", models.PositiveIntegerField()),
                        ("made_at", models.DateTimeField()),
                        (
                            "content",
                            models.JSONField(
                                encoder=django.core.serializers.json.DjangoJSONEncoder
                            ),
                        ),
                        (
                            "automation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["automation", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("automation", "number"),
                                name="automation_version_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
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
                        ("occurrence", models.CharField(max_length=160)),
                        (
                            "step",
                            models.PositiveSmallIntegerField(db_default=1, default=1),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("done", "Done"),
                                    ("stopped", "Stopped"),
                                    ("expired", "Expired"),
                                    ("suppressed", "Suppressed"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                    ("superseded", "Superseded"),
                                ],
                                db_default="open",
                                default="open",
                                max_length=10,
                            ),
                        ),
                        (
                            "reason_code",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("next_on", models.DateField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "automation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="messaging.automationversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    models.Q(("state", "open")),
                                    ("next_on__isnull", False),
                                ),
                                fields=["automation", "next_on"],
                                name="run_next",
                            ),
                            models.Index(
                                condition=models.Q(
                                    models.Q(("state", "open")), ("next_on", None)
                                ),
                                fields=["automation", "id"],
                                name="run_waiting",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("automation"),
                                models.F("customer"),
                                condition=models.Q(("state", "open")),
                                name="run_open_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "open",
                                            "done",
                                            "stopped",
                                            "expired",
                                            "suppressed",
                                            "failed",
                                            "cancelled",
                                            "superseded",
                                        ],
                                    )
                                ),
                                name="run_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("step__range", (1, 5))),
                                name="run_step",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(("state", "open")), ("ended_at", None)
                                    ),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("ended_at__isnull", False),
                                        ("next_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="run_ended_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Forecast",
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
                        ("made_at", models.DateTimeField()),
                        ("seconds", models.FloatField()),
                        (
                            "countries",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=2),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "automation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="forecast",
                                to="messaging.automation",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("automation", None)),
                                fields=("automation",),
                                name="forecast_of_all_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastDay",
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
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("goes", "Goes"),
                                    ("waits", "Waits"),
                                    ("lapses", "Lapses"),
                                    ("refused", "Refused"),
                                    ("held", "Held"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("reason_code", models.CharField(blank=True, max_length=40)),
                        ("goes_on", models.DateField(blank=True, null=True)),
                        ("mails", models.PositiveIntegerField()),
                        (
                            "automation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "forecast",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="days",
                                to="messaging.forecast",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "forecast",
                                    "automation",
                                    "day",
                                    "verdict",
                                    "reason_code",
                                    "goes_on",
                                ),
                                name="forecast_day_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "verdict__in",
                                        ["goes", "waits", "lapses", "refused", "held"],
                                    )
                                ),
                                name="forecast_day_verdict",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastMark",
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
                        (
                            "automation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="messaging.automation",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="MailPicture",
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
                        ("name", models.CharField(max_length=60, unique=True)),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("content_type", models.CharField(max_length=20)),
                        ("size", models.PositiveIntegerField()),
                        ("sha256", models.CharField(max_length=64, unique=True)),
                        ("put_up_at", models.DateTimeField()),
                        (
                            "put_up_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "content_type__in",
                                        ["image/png", "image/jpeg", "image/gif"],
                                    )
                                ),
                                name="mail_picture_type",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastMail",
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
                        ("alike", models.BigIntegerField()),
                        ("people", models.PositiveIntegerField()),
                        ("category", models.CharField(max_length=14)),
                        ("step", models.PositiveSmallIntegerField()),
                        ("day", models.DateField()),
                        ("moment", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("goes", "Goes"),
                                    ("waits", "Waits"),
                                    ("lapses", "Lapses"),
                                    ("refused", "Refused"),
                                    ("held", "Held"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("reason_code", models.CharField(blank=True, max_length=40)),
                        ("goes_at", models.DateTimeField(blank=True, null=True)),
                        ("goes_on", models.DateField(blank=True, null=True)),
                        (
                            "automation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="messaging.automation",
                            ),
                        ),
                        (
                            "forecast",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mails",
                                to="messaging.forecast",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=[
                                    "forecast",
                                    "automation",
                                    "verdict",
                                    "day",
                                    "alike",
                                ],
                                name="forecast_mails",
                            ),
                            models.Index(
                                fields=["forecast", "alike"], name="forecast_alike"
                            ),
                            models.Index(
                                models.F("forecast"),
                                models.F("automation"),
                                models.F("goes_on"),
                                models.F("alike"),
                                condition=models.Q(("verdict", "waits")),
                                name="forecast_late",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "verdict__in",
                                        ["goes", "waits", "lapses", "refused", "held"],
                                    )
                                ),
                                name="forecast_mail_verdict",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("goes_at__isnull", False),
                                        ("goes_on__isnull", False),
                                        ("verdict__in", ["goes", "waits"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("verdict__in", ["goes", "waits"]),
                                            _negated=True,
                                        ),
                                        ("goes_at", None),
                                        ("goes_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="forecast_mail_goes",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastPerson",
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
                        ("alike", models.BigIntegerField()),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "forecast",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="people",
                                to="messaging.forecast",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["forecast", "alike", "customer"],
                                name="forecast_people",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "forecast"),
                                name="forecast_person_once",
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(CONSENT),
        migrations.RunSQL(VERSIONS),
        migrations.RunPython(fill),
    ]
