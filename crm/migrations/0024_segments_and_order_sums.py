"""Segments, and the sums of orders that their conditions ask for."""

from datetime import UTC, datetime

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

COUNT_ALL = """
INSERT INTO crm_ordersum (customer_id, currency, orders, total)
SELECT customer_id, currency, count(*) FILTER (WHERE nature = 'sale'), sum(total)
FROM crm_order WHERE state <> 'cancelled' GROUP BY customer_id, currency
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
            }
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
            }
        ],
    ),
    "first_day": (
        "First-day customers",
        [
            {
                "field": "since",
                "is": "not_in_last",
                "period": {"count": 5, "unit": "years"},
            }
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


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0023_ground_for_mail"),
    ]

    operations = [
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
                    )
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
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
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
                "ordering": [django.db.models.functions.text.Lower("name"), "id"],
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
        migrations.RunSQL(COUNT_ALL, migrations.RunSQL.noop),
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
