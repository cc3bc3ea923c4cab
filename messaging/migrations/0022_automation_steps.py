"""Steps, their words, the versions of automations, and runs through the steps."""

import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0049_index_returned_lines"),
        ("messaging", "0021_days_of_automations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ("position", models.PositiveSmallIntegerField(db_default=1, default=1)),
                ("origin", models.PositiveSmallIntegerField(db_default=0, default=0)),
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
                ("has_offer", models.BooleanField(db_default=False, default=False)),
                (
                    "without_offer_allowed",
                    models.BooleanField(db_default=False, default=False),
                ),
            ],
            options={
                "ordering": ["automation", "position"],
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
            ],
            options={
                "ordering": ["automation", "-number"],
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
                ("step", models.PositiveSmallIntegerField(db_default=1, default=1)),
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
            ],
        ),
        migrations.RemoveConstraint(
            model_name="wording",
            name="wording_language_once",
        ),
        migrations.AlterField(
            model_name="wording",
            name="automation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="wordings",
                to="messaging.automation",
            ),
        ),
        migrations.AddField(
            model_name="automation",
            name="reentry",
            field=models.CharField(
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
        migrations.AddField(
            model_name="automation",
            name="reentry_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="step",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddConstraint(
            model_name="automation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reentry__in", ["never", "after_days", "per_occurrence"])
                ),
                name="automation_reentry",
            ),
        ),
        migrations.AddConstraint(
            model_name="automation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("reentry", "after_days"),
                        ("reentry_days__range", (1, 3650)),
                        ("reentry_days__isnull", False),
                    ),
                    models.Q(
                        models.Q(("reentry", "after_days"), _negated=True),
                        ("reentry_days", None),
                    ),
                    _connector="OR",
                ),
                name="automation_reentry_days",
            ),
        ),
        migrations.AddField(
            model_name="automationstep",
            name="automation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="messaging.automation",
            ),
        ),
        migrations.AddField(
            model_name="wording",
            name="step",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="wordings",
                to="messaging.automationstep",
            ),
        ),
        migrations.AddConstraint(
            model_name="wording",
            constraint=models.UniqueConstraint(
                fields=("step", "language"), name="wording_language_once"
            ),
        ),
        migrations.AddField(
            model_name="automationversion",
            name="automation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="messaging.automation",
            ),
        ),
        migrations.AddField(
            model_name="automationversion",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="automation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="messaging.automation",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="crm.customer",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="messaging.automationversion",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="run",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="messaging.run",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("run__isnull", False)),
                fields=["run", "step"],
                name="message_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("step", 1),
                    models.Q(("run__isnull", False), ("step__range", (2, 5))),
                    _connector="OR",
                ),
                name="message_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                fields=("automation", "position"),
                name="step_position_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__range", (1, 5))), name="step_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("position", 1),
                        ("wait_days", 0),
                    ),
                    models.Q(("position__gt", 1), ("wait_days__range", (1, 365))),
                    _connector="OR",
                ),
                name="step_wait_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("position", 1), ("stop_on", [])),
                    models.Q(
                        ("position__gt", 1),
                        (
                            "stop_on__contained_by",
                            ["bought", "answered", "wrote", "left_segment"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="step_stop_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("has_offer", True),
                    ("without_offer_allowed", False),
                    _connector="OR",
                ),
                name="step_without_what_offer",
            ),
        ),
        migrations.AddConstraint(
            model_name="automationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin", 1), ("position", 1)),
                    models.Q(
                        models.Q(
                            ("origin", 0), ("origin__range", (2, 5)), _connector="OR"
                        ),
                        ("position__gt", 1),
                    ),
                    _connector="OR",
                ),
                name="step_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="automationversion",
            constraint=models.UniqueConstraint(
                fields=("automation", "number"), name="automation_version_once"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "open")), ("next_on__isnull", False)
                ),
                fields=["automation", "next_on"],
                name="run_next",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(models.Q(("state", "open")), ("next_on", None)),
                fields=["automation", "id"],
                name="run_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                models.F("automation"),
                models.F("customer"),
                condition=models.Q(("state", "open")),
                name="run_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("step__range", (1, 5))), name="run_step"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("state", "open")), ("ended_at", None)),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("ended_at__isnull", False),
                        ("next_on", None),
                    ),
                    _connector="OR",
                ),
                name="run_ended_has_time",
            ),
        ),
    ]
