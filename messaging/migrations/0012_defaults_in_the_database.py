"""The database knows the defaults too: SQL by hand names only what it sets."""

import uuid

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0011_one_address_of_several_records"),
    ]

    operations = [
        # Its table is made in crm, with this default.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="addresskey",
                    name="id",
                    field=models.PositiveSmallIntegerField(
                        db_default=1, default=1, primary_key=True, serialize=False
                    ),
                )
            ]
        ),
        migrations.AlterField(
            model_name="automation",
            name="is_on",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="automation",
            name="life_days",
            field=models.PositiveSmallIntegerField(db_default=7, default=7),
        ),
        migrations.AlterField(
            model_name="automation",
            name="offset_days",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="automation",
            name="params",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="automation",
            name="priority",
            field=models.PositiveSmallIntegerField(db_default=50, default=50),
        ),
        migrations.AlterField(
            model_name="automation",
            name="send_hour",
            field=models.PositiveSmallIntegerField(db_default=9, default=9),
        ),
        migrations.AlterField(
            model_name="automation",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="budgetrule",
            name="counts_reminders",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="circuit",
            name="failures",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="circuit",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="message",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="message",
            name="deferrals",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="message",
            name="is_reminder",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="message",
            name="message_uuid",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="on_uncertain",
            field=models.CharField(
                choices=[("park", "Park"), ("resend", "Resend")],
                db_default="park",
                default="park",
                max_length=6,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="priority",
            field=models.PositiveSmallIntegerField(db_default=50, default=50),
        ),
        migrations.AlterField(
            model_name="message",
            name="reason_data",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="message",
            name="refusals",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="message",
            name="resends",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="message",
            name="why",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="scope",
            field=models.CharField(db_default="all", default="all", max_length=14),
        ),
        migrations.AlterField(
            model_name="sweep",
            name="planned",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="wording",
            name="fields",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="wording",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
