"""The database knows the defaults too: SQL by hand names only what it sets."""

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0017_keep_answers_of_the_api"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="fields",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="assumed_delivery_days",
            field=models.PositiveSmallIntegerField(db_default=4, default=4),
        ),
        migrations.AlterField(
            model_name="business",
            name="body_keep_days",
            field=models.PositiveSmallIntegerField(db_default=90, default=90),
        ),
        migrations.AlterField(
            model_name="business",
            name="currency",
            field=models.CharField(db_default="EUR", default="EUR", max_length=3),
        ),
        migrations.AlterField(
            model_name="business",
            name="id",
            field=models.PositiveSmallIntegerField(
                db_default=1, default=1, primary_key=True, serialize=False
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="language",
            field=models.CharField(db_default="en", default="en", max_length=10),
        ),
        migrations.AlterField(
            model_name="business",
            name="leap_day",
            field=models.CharField(
                choices=[("feb_28", "Feb 28"), ("mar_1", "Mar 1")],
                db_default="feb_28",
                default="feb_28",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="loyalty_basis",
            field=models.CharField(
                choices=[("existing", "Existing"), ("opt_in", "Opt in")],
                db_default="existing",
                default="existing",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="public_url",
            field=models.URLField(
                db_default="http://127.0.0.1:8000", default="http://127.0.0.1:8000"
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="quiet_from",
            field=models.PositiveSmallIntegerField(
                db_default=21,
                default=21,
                validators=[django.core.validators.MaxValueValidator(23)],
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="quiet_until",
            field=models.PositiveSmallIntegerField(
                db_default=8,
                default=8,
                validators=[django.core.validators.MaxValueValidator(23)],
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="survey_basis",
            field=models.CharField(
                choices=[("existing", "Existing"), ("opt_in", "Opt in")],
                db_default="existing",
                default="existing",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="time_zone",
            field=models.CharField(db_default="UTC", default="UTC", max_length=64),
        ),
        migrations.AlterField(
            model_name="business",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="customer",
            name="custom",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="customer",
            name="since_from",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="customer",
            name="source",
            field=models.CharField(db_default="main", default="main", max_length=40),
        ),
        migrations.AlterField(
            model_name="customer",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="followup",
            name="is_urgent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="followup",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="followup",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="accepted",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="created",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="read",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="refused_by_reason",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="importrun",
            name="unchanged",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="updated",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="interaction",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="order",
            name="nature",
            field=models.CharField(
                choices=[("sale", "Sale"), ("return", "Return")],
                db_default="sale",
                default="sale",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="source",
            field=models.CharField(db_default="main", default="main", max_length=40),
        ),
        migrations.AlterField(
            model_name="order",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="product",
            name="nature",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="product",
            name="source",
            field=models.CharField(db_default="main", default="main", max_length=40),
        ),
        migrations.AlterField(
            model_name="product",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="productrule",
            name="source",
            field=models.CharField(db_default="main", default="main", max_length=40),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_active",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
